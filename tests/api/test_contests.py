"""/api/v1/contests, and submissions to them. No program has to run: submissions are only stored."""
import re

import pytest

CONTESTS = "/api/v1/contests/"
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def create(service, **fields):
    answer = service.post(CONTESTS, {"title": "Spring", **fields})
    assert answer.status == 201, answer
    return answer.json


def put(service, contest, **fields):
    return service.request("PUT", f"{CONTESTS}{contest['id']}", fields)


def submit_to(service, contest_id):
    return service.post("/api/v1/submissions/", {"code": "1", "language": "python", "user_id": 1,
                                                 "contest_id": contest_id, "execute": False})


def test_create_and_get(execution):
    made = create(execution, description="ten problems", external_id="spring-1")
    assert ISO.match(made.pop("created_at"))
    contest_id = made.pop("id")
    assert made == {"title": "Spring", "description": "ten problems", "is_active": True,
                    "external_id": "spring-1"}
    for suffix in ("", "/"):
        got = execution.get(f"{CONTESTS}{contest_id}{suffix}")
        assert got.status == 200 and got.json["title"] == "Spring"
    bare = create(execution, title="ä", is_active=False)
    assert (bare["title"], bare["description"], bare["external_id"], bare["is_active"]) == ("ä", None, None, False)


def test_the_same_external_id_is_the_same_contest(execution):
    made = create(execution, external_id="again")
    answer = execution.post(CONTESTS, {"title": "another title", "external_id": "again"})
    assert (answer.status, answer.json) == (200, made)


def test_change(execution):
    made = create(execution, description="old", external_id="change-1")
    answer = put(execution, made, title="New", description="new", is_active=False, external_id="change-2")
    assert answer.status == 200
    assert answer.json == {**made, "title": "New", "description": "new", "is_active": False,
                           "external_id": "change-2"}
    answer = put(execution, made, is_active=True)
    assert (answer.json["title"], answer.json["is_active"], answer.json["description"]) == ("New", True, "new")
    assert put(execution, made, description=None).json["description"] is None
    assert put(execution, made).json == execution.get(f"{CONTESTS}{made['id']}").json


def test_change_to_an_external_id_that_is_taken(execution):
    create(execution, external_id="taken")
    other = create(execution)
    answer = put(execution, other, external_id="taken")
    assert answer.status == 409 and "external_id" in answer.json["detail"]
    assert execution.get(f"{CONTESTS}{other['id']}").json == other


def test_list(execution):
    made = [create(execution)["id"] for _ in range(3)]
    everything = [each["id"] for each in execution.get(CONTESTS + "?limit=1000").json]
    assert everything[-3:] == made and everything == sorted(everything)
    skip = len(everything) - 3
    assert [each["id"] for each in execution.get(f"{CONTESTS}?skip={skip}").json] == made
    assert [each["id"] for each in execution.get(f"{CONTESTS}?skip={skip + 1}&limit=1").json] == made[1:2]
    for query in ("skip=-1", "limit=0", "limit=1001", "limit=x"):
        assert execution.get(f"{CONTESTS}?{query}").status == 422


@pytest.mark.parametrize("body, place, kind", [
    ({}, "title", "missing"),
    ({"title": ""}, "title", "too_short"),
    ({"title": 3}, "title", "string_type"),
    ({"title": "x" * 256}, "title", "too_large"),
    ({"title": "x", "is_active": 1}, "is_active", "bool_type"),
    ({"title": "x", "external_id": ""}, "external_id", "too_short"),
    ({"title": "x", "description": []}, "description", "string_type"),
    ({"title": "x", "start": 1}, "start", "unknown_field"),
])
def test_faults(execution, body, place, kind):
    answer = execution.post(CONTESTS, body)
    assert answer.status == 422
    assert [(each["loc"], each["type"]) for each in answer.json["detail"]] == [(["body", place], kind)]


def test_bodies_that_are_no_objects(execution):
    contest = create(execution)
    for body in (b"[]", b"", b"{"):
        for method, path in (("POST", CONTESTS), ("PUT", f"{CONTESTS}{contest['id']}")):
            assert execution.request(method, path, body).status == 422, (method, body)


def test_submissions_to_a_contest(execution):
    contest = create(execution)
    made = submit_to(execution, contest["id"])
    assert made.status == 201 and made.json["contest_id"] == contest["id"]
    listed = execution.get(f"/api/v1/submissions/?contest_id={contest['id']}").json
    assert [each["id"] for each in listed] == [made.json["id"]]

    put(execution, contest, is_active=False)
    answer = submit_to(execution, contest["id"])
    assert (answer.status, answer.json) == (400, {"detail": "Contest is not active"})
    answer = submit_to(execution, 999999)
    assert (answer.status, answer.json) == (404, {"detail": "Contest not found"})


def test_delete(execution):
    contest = create(execution)
    path = f"{CONTESTS}{contest['id']}"
    answer = execution.request("DELETE", path)
    assert (answer.status, answer.body) == (204, b"")
    for method, body in (("GET", None), ("DELETE", None), ("PUT", {"title": "x"})):
        answer = execution.request(method, path, body)
        assert (answer.status, answer.json) == (404, {"detail": "Contest not found"}), method
    assert execution.get(CONTESTS + "abc").json["detail"][0]["loc"] == ["path", "id"]


def test_delete_with_submissions(execution):
    contest = create(execution)
    submit_to(execution, contest["id"])
    answer = execution.request("DELETE", f"{CONTESTS}{contest['id']}")
    assert answer.status == 409 and "submissions" in answer.json["detail"]
    assert execution.get(f"{CONTESTS}{contest['id']}").status == 200


def test_contests_survive_a_kill(make_service):
    service = make_service("execution").start()
    made = create(service, external_id="kept")
    service.kill()
    service.start()
    assert service.get(CONTESTS).json == [made]
