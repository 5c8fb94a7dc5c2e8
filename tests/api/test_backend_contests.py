"""Contests of the backend: what may be done with them, who takes part, how they stand, and that the execution
service knows of them."""
import concurrent.futures
import datetime
import re
import time

import pytest

from arena import wait_for
from pair import CONTESTS, Pair

ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


@pytest.fixture(scope="module")
def pair():
    made = Pair()
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture(scope="module")
def admin(pair):
    return pair.backend.admin()


@pytest.fixture(scope="module")
def teacher(pair):
    return pair.backend.user(role="instructor")


@pytest.fixture(scope="module")
def student(pair):
    return pair.backend.user()


@pytest.fixture
def make_pair():
    made = []

    def make(**options):
        made.append(Pair(**options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def at(seconds):
    """So many seconds from now."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds")


# ---- making and changing ----


def test_create_and_get(pair, teacher, student):
    made = pair.contest(teacher["token"], description="ten problems", start_time="2020-01-01T10:00:00+02:00",
                        end_time="2099-01-01T00:00:00Z", max_participants=50)
    assert ISO.match(made["created_at"])
    assert {name: made[name] for name in made if name not in ("id", "created_at")} == {
        "title": "Spring", "description": "ten problems", "is_active": True, "start_time": "2020-01-01T08:00:00.000Z",
        "end_time": "2099-01-01T00:00:00.000Z", "max_participants": 50, "participants_count": 0, "status": "running",
        "owner": teacher["id"], "joined": False, "problems": []}
    for suffix in ("", "/"):
        assert pair.ok("GET", f"{CONTESTS}{made['id']}{suffix}", token=student["token"]) == made
    bare = pair.contest(title="ä")
    assert (bare["title"], bare["description"], bare["start_time"], bare["end_time"], bare["max_participants"],
            bare["status"]) == ("ä", None, None, None, None, "running")


@pytest.mark.parametrize("fields, status, field", [
    ({"title": None}, 400, "title"), ({"title": "  "}, 400, "title"), ({"title": "x" * 256}, 413, "title"),
    ({"start_time": "2030-01-01T00:00:00"}, 422, "start_time"), ({"end_time": "tomorrow"}, 400, "end_time"),
    ({"start_time": "2030-01-02T00:00:00Z", "end_time": "2030-01-01T00:00:00Z"}, 400, "end_time"),
    ({"start_time": "2030-01-01T00:00:00Z", "end_time": "2030-01-01T02:00:00+02:00"}, 400, "end_time"),
    ({"max_participants": 0}, 400, "max_participants"), ({"max_participants": "5"}, 400, "max_participants"),
    ({"is_active": "yes"}, 400, "is_active"), ({"problems": [999999]}, 400, "problems"),
    ({"problems": ["1"]}, 400, "problems[0]"), ({"problems": 1}, 400, "problems"),
    ({"prize": 5}, 400, "prize")])
def test_what_is_wrong_is_named(pair, admin, fields, status, field):
    answer = pair.call("POST", CONTESTS, {"title": "T", **fields}, admin)
    assert answer.status == status, answer
    assert field in [each["field"] for each in answer.json["details"]], answer
    assert answer.json["detail"]


def test_who_may(pair, admin, teacher, student):
    other = pair.backend.user(role="instructor")
    made = pair.contest(teacher["token"])
    path = f"{CONTESTS}{made['id']}/"
    assert pair.call("GET", path).status == 401
    assert pair.call("POST", CONTESTS, {"title": "T"}, student["token"]).status == 403
    for method in ("PUT", "PATCH"):
        assert pair.call(method, path, {"title": "T"}, student["token"]).status == 403
        assert pair.call(method, path, {"title": "T"}, other["token"]).status == 403
        assert pair.call(method, path, {"title": method}, teacher["token"]).json["title"] == method
    assert pair.call("PUT", path, {"title": "by the admin"}, admin).json["title"] == "by the admin"
    assert pair.call("DELETE", path, token=other["token"]).status == 403
    assert pair.call("DELETE", path, token=teacher["token"]).status == 204
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        assert pair.call(method, path, body, admin).status == 404
    assert pair.call("GET", f"{CONTESTS}no-number/", token=admin).status == 404


def test_change(pair, admin):
    problems = [pair.problem(), pair.problem()]
    made = pair.contest(description="old", end_time=at(60), max_participants=3, problems=problems)
    path = f"{CONTESTS}{made['id']}/"
    assert made["problems"] == problems
    assert pair.ok("PUT", path, {}, admin) == made
    changed = pair.ok("PATCH", path, {"description": None, "end_time": None, "max_participants": None,
                                      "is_active": False, "problems": problems[::-1]}, admin)
    assert changed == {**made, "description": None, "end_time": None, "max_participants": None, "is_active": False,
                       "status": "ended", "problems": problems[::-1]}
    assert pair.ok("GET", path, token=admin) == changed
    # Against what is there: the start alone may not be behind the end.
    pair.ok("PUT", path, {"end_time": "2030-01-01T00:00:00Z"}, admin)
    assert pair.call("PUT", path, {"start_time": "2031-01-01T00:00:00Z"}, admin).status == 400
    assert pair.call("PUT", path, {"problems": [problems[0], problems[0]]}, admin).status == 400


def test_another_teachers_closed_problem_is_not_to_be_had(pair, teacher):
    other = pair.backend.user(role="instructor")
    closed = pair.problem(token=other["token"], isPublic=False)
    assert pair.call("POST", CONTESTS, {"title": "T", "problems": [closed]}, teacher["token"]).status == 400
    assert pair.contest(other["token"], problems=[closed])["problems"] == [closed]


def test_pages(pair, admin):
    ids = [pair.contest()["id"] for _ in range(5)]
    first = pair.ok("GET", f"{CONTESTS}?page=1&page_size=2&status=running", token=admin)
    assert [each["id"] for each in first["results"]] == ids[::-1][:2]
    assert first["previous"] is None and "page=2" in first["next"] and "status=running" in first["next"]
    second = pair.ok("GET", first["next"], token=admin)
    assert [each["id"] for each in second["results"]] == ids[::-1][2:4] and second["count"] == first["count"]
    for query in ("page=0", "page_size=101", "page=x", "status=over"):
        assert pair.call("GET", f"{CONTESTS}?{query}", token=admin).status == 400


def test_the_same_again_is_not_sent_again(pair, admin):
    made = pair.contest()
    first = pair.call("GET", f"{CONTESTS}{made['id']}", token=admin)
    tag = first.headers["ETag"]
    again = pair.call("GET", f"{CONTESTS}{made['id']}", token=admin, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")


# ---- by the clock ----


def test_the_clock_opens_and_closes(pair, student):
    begins, ends = time.time() + 1.5, time.time() + 4
    made = pair.contest(start_time=at(begins - time.time()), end_time=at(ends - time.time()))
    path = f"{CONTESTS}{made['id']}/"

    def status():
        return pair.ok("GET", path, token=student["token"])["status"]

    def is_listed(status):
        listed = pair.ok("GET", f"{CONTESTS}?status={status}", token=student["token"])
        return made["id"] in [each["id"] for each in listed["results"]]

    assert status() == "upcoming" and is_listed("upcoming") and not is_listed("running")
    early = pair.call("POST", f"{path}join/", {}, student["token"])
    assert (early.status, early.json["detail"]) == (400, "The contest is not open")
    assert pair.submit(student["token"], 400, contest=made["id"])["detail"] == "The contest is not open"
    wait_for(lambda: status() == "running", 5)
    assert time.time() >= begins and is_listed("running")
    assert pair.call("POST", f"{path}join/", {}, student["token"]).status == 201
    wait_for(lambda: status() == "ended", 6)
    assert time.time() >= ends and is_listed("ended") and not is_listed("running")
    assert pair.call("POST", f"{path}join/", {}, pair.users(1)[0][1]).status == 400
    assert pair.submit(student["token"], 400, contest=made["id"])["detail"] == "The contest is not open"
    assert pair.ok("GET", path, token=student["token"])["participants_count"] == 1


# ---- joining ----


def test_join(pair, student):
    made = pair.contest(max_participants=2)
    path = f"{CONTESTS}{made['id']}/join/"
    joined = pair.ok("POST", path, {}, student["token"], 201)
    assert ISO.match(joined.pop("joined_at")) and joined.pop("id") > 0
    assert joined == {"contest": made["id"], "user": student["id"], "username": student["username"],
                      "final_score": None, "rank": None}
    assert pair.call("POST", path, token=student["token"]).status == 409
    second, third = pair.users(2)
    assert pair.call("POST", path, token=second[1]).status == 201
    full = pair.call("POST", path, token=third[1])
    assert (full.status, full.json["detail"]) == (409, "The contest is full")
    assert pair.call("POST", f"{CONTESTS}999999/join/", token=student["token"]).status == 404
    shown = pair.ok("GET", f"{CONTESTS}{made['id']}", token=student["token"])
    assert (shown["participants_count"], shown["joined"]) == (2, True)
    listed = pair.ok("GET", f"{CONTESTS}{made['id']}/participants/", token=student["token"])
    assert [each["user"] for each in listed["results"]] == [student["id"], second[0]] and listed["count"] == 2
    assert pair.submit(third[1], 409, contest=made["id"])["detail"] == "The contest is full"


def test_two_hundred_for_fifty_places(pair, student):
    """At once, each twice; half of them by handing something in."""
    made = pair.contest(max_participants=50)
    users = pair.users(200)

    def join(number):
        user, token = users[number % 200]
        if number % 2:
            return pair.call("POST", f"{CONTESTS}{made['id']}/join/", {}, token).status
        return pair.call("POST", "/api/code-execution/submissions/",
                         {"contest": made["id"], "code": f"{number}", "language": "python"}, token).status

    with concurrent.futures.ThreadPoolExecutor(64) as threads:
        statuses = list(threads.map(join, range(400)))
    assert set(statuses) == {201, 409}
    members = {number % 200 for number, status in enumerate(statuses) if status == 201}
    assert len(members) == 50
    assert pair.ok("GET", f"{CONTESTS}{made['id']}", token=student["token"])["participants_count"] == 50
    assert pair.ok("GET", f"{CONTESTS}{made['id']}/participants/", token=student["token"])["count"] == 50
    rows = pair.backend.backend_rows(f"SELECT count(*), count(DISTINCT user_id) FROM participant"
                                     f" WHERE contest_id = {made['id']}")
    assert rows == [["50", "50"]]
    for _ in range(statuses.count(201)):
        if not pair.execution.get("/api/stats").json["waiting"]:
            break
        pair.run()


# ---- how they stand ----


def test_leaderboard(pair, admin):
    one, two = pair.problem(cases=4), pair.problem(cases=2)
    made = pair.contest(problems=[one, two])
    users = pair.users(5)
    path = f"{CONTESTS}{made['id']}/leaderboard/"

    def submit(user, problem, *verdicts):
        submitted = pair.submit(users[user][1], contest=made["id"], problem=problem)
        pair.run(*verdicts)
        return pair.ended(submitted["id"])

    def board(query=""):
        got = pair.ok("GET", path + query, token=users[0][1])
        return [([user for user, _ in users].index(each["user"]), each["final_score"], each["rank"])
                for each in got["results"]]

    good, bad = "accepted", "wrong_answer"
    first = submit(0, one, good, good, good, bad)
    assert (first["score"], first["is_correct"], first["verdict"]) == ("75.00", False, "partial")
    assert (first["passed_count"], first["total_test_cases"], first["problem"]) == (3, 4, one)
    assert board() == [(0, "75.00", 1)]
    assert submit(0, one, bad, bad, bad, good)["score"] == "25.00"
    assert board() == [(0, "75.00", 1)]
    submit(1, one, good, good, good, good)
    submit(2, two, good, good)
    submit(3, two, bad, bad)
    pair.ok("POST", f"{CONTESTS}{made['id']}/join/", {}, users[4][1], 201)
    assert board() == [(1, "100.00", 1), (2, "100.00", 1), (0, "75.00", 3), (3, "0.00", 4), (4, None, None)]
    assert board("?page=2&page_size=2") == [(0, "75.00", 3), (3, "0.00", 4)]
    assert board("?page=2&page_size=1") == [(2, "100.00", 1)]
    submit(0, two, good, bad)
    assert board()[0] == (0, "125.00", 1)
    row = pair.ok("GET", path, token=admin)["results"][0]
    assert row["problems"] == [{"problem": one, "score": "75.00"}, {"problem": two, "score": "50.00"}]
    # One that is not the contest's any more counts no more; and back again it does.
    for problems, best in (([one], (1, "100.00", 1)), ([one, two], (0, "125.00", 1))):
        pair.ok("PUT", f"{CONTESTS}{made['id']}", {"problems": problems}, admin)
        assert board()[0] == best
    assert pair.call("GET", f"{CONTESTS}999999/leaderboard/", token=admin).status == 404
    tag = pair.call("GET", path, token=admin).headers["ETag"]
    assert pair.call("GET", path, token=admin, headers={"If-None-Match": tag}).status == 304


def test_ends_at_the_same_moment_are_all_counted(pair):
    """Several submissions of one user to several problems, ended by several workers at once."""
    problems = [pair.problem(cases=1, hidden=0) for _ in range(6)]
    made = pair.contest(problems=problems)
    user, token = pair.users(1)[0]
    ids = [pair.submit(token, contest=made["id"], problem=each)["id"] for each in problems]
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: pair.run("accepted"), ids))
    for each in ids:
        assert pair.ended(each)["score"] == "100.00"
    top = pair.ok("GET", f"{CONTESTS}{made['id']}/leaderboard/", token=token)["results"][0]
    assert (top["user"], top["final_score"], top["rank"]) == (user, "600.00", 1)


def test_without_problems_nobody_is_ranked(pair, student):
    made = pair.contest()
    submitted = pair.submit(student["token"], contest=made["id"])
    pair.run("ok")
    ended = pair.ended(submitted["id"])
    assert (ended["status"], ended["verdict"], ended["output"], ended["score"], ended["is_correct"]) == \
        ("completed", "ok", "done\n", None, None)
    board = pair.ok("GET", f"{CONTESTS}{made['id']}/leaderboard/", token=student["token"])["results"]
    assert [(each["user"], each["final_score"], each["rank"]) for each in board] == [(student["id"], None, None)]


def test_problems_of_a_contest(pair, student):
    inside, outside, closed = pair.problem(), pair.problem(), pair.problem(isPublic=False)
    made = pair.contest(problems=[inside, closed])
    answer = pair.submit(student["token"], 400, contest=made["id"], problem=outside)
    assert answer["detail"] == "The contest does not have this problem"
    assert pair.submit(student["token"], 404, contest=made["id"], problem=999999)["detail"] == "Problem not found"
    assert pair.submit(student["token"], 404, problem=closed)["detail"] == "Problem not found"
    # Whoever was refused has not joined by it.
    assert pair.ok("GET", f"{CONTESTS}{made['id']}", token=student["token"])["joined"] is False
    assert pair.submit(student["token"], contest=made["id"], problem=closed)["problem"] == closed
    assert pair.ok("GET", f"{CONTESTS}{made['id']}", token=student["token"])["joined"] is True
    pair.run("accepted", "accepted")


# ---- the execution service knows of them ----


def there(pair, title):
    return [each for each in pair.execution.get("/api/v1/contests/?limit=1000").json if each["title"] == title]


def test_the_service_hears_of_changes(pair, admin):
    made = pair.contest(title="mirrored", description="first")
    known = wait_for(lambda: there(pair, "mirrored"))[0]
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", known["external_id"])
    assert (known["description"], known["is_active"]) == ("first", True)
    pair.ok("PUT", f"{CONTESTS}{made['id']}", {"title": "mirrored anew", "is_active": False}, admin)
    changed = wait_for(lambda: there(pair, "mirrored anew"))[0]
    assert changed == {**known, "title": "mirrored anew", "is_active": False}
    assert pair.call("DELETE", f"{CONTESTS}{made['id']}", token=admin).status == 204
    wait_for(lambda: pair.execution.get(f"/api/v1/contests/{known['id']}").status == 404)
    assert pair.ok("GET", "/api/admin/audit", token=admin)["results"][0]["action"] == "contest.delete"


def test_one_with_submissions_stays(pair, admin, student):
    made = pair.contest()
    submitted = pair.submit(student["token"], contest=made["id"])
    assert pair.call("DELETE", f"{CONTESTS}{made['id']}", token=admin).status == 409
    assert pair.submission(submitted["id"])["contest"] == made["id"]
    pair.run()


def test_made_while_the_service_is_away(make_pair):
    pair = make_pair()
    pair.backend.start()
    admin = pair.backend.admin()
    made = pair.contest(title="made in the dark")
    pair.ok("PUT", f"{CONTESTS}{made['id']}", {"description": "and changed"}, admin)
    gone = pair.contest(title="made and gone")
    assert pair.call("DELETE", f"{CONTESTS}{gone['id']}", token=admin).status == 204
    pair.execution.start()
    known = wait_for(lambda: there(pair, "made in the dark"))
    assert wait_for(lambda: there(pair, "made in the dark")[0]["description"] == "and changed")
    assert len(known) == 1 and there(pair, "made and gone") == []
    submitted = pair.submit(pair.users(1)[0][1], contest=made["id"])
    job = pair.run()
    assert pair.ended(submitted["id"])["microservice_submission_id"] == job["submission_id"]
    assert pair.execution.get(f"/api/v1/submissions/{job['submission_id']}").json["contest_id"] == known[0]["id"]


def test_a_service_that_forgot_everything_is_told_again(make_pair):
    """Its database was lost: the numbers that we remember are nobody's, or another's."""
    pair = make_pair().start()
    token = pair.users(1)[0][1]
    made = pair.contest(title="before")
    before = pair.submit(token, contest=made["id"])
    pair.run()
    pair.ended(before["id"])
    pair.execution.kill()
    lost = {name: value for name, value in pair.execution.environment.items()}
    if "DATABASE_URL" in lost:
        from arena import new_schema
        pair.execution.environment["DATABASE_URL"] = new_schema()
    else:
        pair.execution.environment["DATA_DIR"] = f"{pair.execution.folder}/anew"
    pair.execution.start()
    after = wait_for(lambda: (a := pair.call("POST", "/api/code-execution/submissions/", {
        "contest": made["id"], "code": "after", "language": "python"}, token)).status == 201 and a.json, pause=0.3)
    pair.run()
    assert pair.ended(after["id"])["status"] == "completed"
    assert [each["title"] for each in pair.execution.get("/api/v1/contests/").json] == ["before"]
