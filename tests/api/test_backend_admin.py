"""What administrators see and do: accounts, the audit log, submissions, figures, and the execution service behind it."""
import datetime
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from arena import Service, wait_for


def get(service, path, token=None):
    answer = service.backend("GET", path, token=token or service.admin())
    assert answer.status == 200, answer
    return answer.json


def patch(service, user, **change):
    return service.backend("PATCH", f"/api/admin/users/{user['id']}", change, service.admin())


@pytest.fixture
def own(make_service):
    return make_service("backend").start()


# ---- accounts ----


def test_users_are_listed_by_pages_and_filters(own):
    users = [own.user(f"user-{number:02}", role="instructor" if number < 3 else "student") for number in range(8)]
    assert patch(own, users[7], isActive=False).status == 200
    page = get(own, "/api/admin/users?page_size=5")
    assert page["count"] == 9 and len(page["results"]) == 5 and page["previous"] is None
    second = get(own, page["next"])
    assert [user["username"] for user in page["results"] + second["results"]] == [
        "admin", *(f"user-{number:02}" for number in range(8))]
    assert second["next"] is None and get(own, second["previous"]) == page
    for query, names in (("role=instructor", {"user-00", "user-01", "user-02"}), ("isActive=false", {"user-07"}),
                         ("q=ER-0", {user["username"] for user in users}), ("q=00@example", {"user-00"}),
                         ("q=%25", set()), ("q=_", set()), ("name=USER-01", {"user-01"}),
                         ("name=user-01@example.org", {"user-01"}), ("name=user", set()),
                         ("role=instructor&isActive=true&q=02", {"user-02"})):
        assert {user["username"] for user in get(own, f"/api/admin/users?{query}")["results"]} == names, query
    for query, field in (("role=king", "role"), ("isActive=maybe", "isActive"), ("page=0", "page"), ("page_size=101", "page_size"),
                         ("page=x", "page")):
        answer = own.backend("GET", f"/api/admin/users?{query}", token=own.admin())
        assert answer.status == 400 and answer.json["details"][0]["field"] == field
    assert "password" not in str(page)
    one = get(own, f"/api/admin/users/{users[0]['id']}")
    assert one["email"] == "user-00@example.org" and "passwordHash" not in one
    for path in ("/api/admin/users/999999", "/api/admin/users/x", "/api/admin/users/0"):
        assert own.backend("GET", path, token=own.admin()).status == 404


def test_what_may_be_changed(own):
    user = own.user()
    assert patch(own, user, role="instructor").json["role"] == "instructor"
    assert patch(own, user).json["role"] == "instructor"
    for change in ({"role": "king"}, {"role": 1}, {"isActive": "no"}, {"username": "x"}):
        assert patch(own, user, **change).status == 400
    assert patch(own, {"id": 999999}, role="admin").status == 404


def test_somebody_must_be_left(own):
    admin = get(own, "/api/admin/users?name=admin")["results"][0]
    for change in ({"role": "student"}, {"isActive": False}):
        answer = patch(own, admin, **change)
        assert answer.status == 409 and "last admin" in answer.json["message"]
    other = own.user(role="admin")
    assert patch(own, other, isActive=False).status == 200
    assert patch(own, admin, role="student").status == 409
    assert patch(own, other, isActive=True).status == 200
    assert patch(own, admin, role="student").status == 200
    assert own.backend("GET", "/api/admin/users", token=own.admin()).status == 403


def test_a_password_for_who_forgot_his(own):
    user = own.user()
    answer = own.backend("POST", f"/api/admin/users/{user['id']}/password", {}, own.admin())
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    assert own.backend("GET", "/api/auth/user", token=user["token"]).status == 401
    token = own.login(user["username"], answer.json["password"])
    assert own.backend("GET", "/api/auth/user", token=token).json["mustChangePassword"] is True
    assert own.backend("POST", f"/api/admin/users/{user['id']}/password", {"password": "short"}, own.admin()).status == 400
    chosen = own.backend("POST", f"/api/admin/users/{user['id']}/password", {"password": "chosen for him"}, own.admin())
    assert "password" not in chosen.json and own.login(user["username"], "chosen for him")


# ---- the audit log ----


def test_who_did_what(own):
    user = own.user()
    patch(own, user, role="instructor")
    patch(own, user, isActive=False)
    added = own.backend("POST", "/api/admin/users", {"username": "added", "email": "added@example.org",
                                                     "role": "admin"}, own.admin())
    assert added.status == 201 and added.json["mustChangePassword"] is True
    log = get(own, "/api/admin/audit")
    assert [entry["action"] for entry in log["results"]] == ["user.add", "user.disable", "user.role"]
    first = log["results"][0]
    assert first["actor"]["username"] == "admin" and first["address"] == "127.0.0.1"
    assert first["object"] == f"user {added.json['id']}" and first["detail"] == {"username": "added", "role": "admin"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["at"])
    assert get(own, "/api/admin/audit?action=user.role")["count"] == 1
    assert get(own, f"/api/admin/audit?object=user%20{user['id']}")["count"] == 2
    assert get(own, "/api/admin/audit?actor=999")["count"] == 0
    assert added.json["password"] not in str(log)
    refused = patch(own, get(own, "/api/admin/users?name=admin")["results"][0], role="student")
    assert refused.status == 200  # `added` is one too
    assert own.backend("GET", "/api/admin/audit", token=own.admin()).status == 403


# ---- submissions and figures ----


@pytest.fixture(scope="module")
def busy():
    """A whole service where something has been run."""
    service = Service("serve")
    try:
        service.start()
        service.teacher, service.pupil = service.user(role="instructor"), service.user()
        service.problem = service.backend("POST", "/api/problems", {
            "title": "Echo", "description": "Say it again", "difficulty": "easy",
            "testCases": [{"input": "1", "expectedOutput": "1", "isHidden": False}]}, service.teacher["token"]).json["id"]
        for user, code in ((service.pupil, "print(input())"), (service.pupil, "print(2)"), (service.teacher, "print(1)")):
            answer = service.backend("POST", "/api/submissions", {"problemId": service.problem, "code": code,
                                                                  "language": "python"}, user["token"])
            assert answer.status == 201, answer
        yield service
    finally:
        service.close()


def test_submissions_of_everybody(busy):
    def found(query):
        return [each["code"] for each in get(busy, f"/api/admin/submissions?{query}")["results"]]

    today = datetime.datetime.now(datetime.timezone.utc).date()
    tomorrow, yesterday = today + datetime.timedelta(1), today - datetime.timedelta(1)
    all_of_them = ["print(1)", "print(2)", "print(input())"]
    for query, codes in (("", all_of_them), (f"user={busy.pupil['id']}", all_of_them[1:]),
                         (f"problem={busy.problem}", all_of_them), ("problem=99999", []), ("contest=1", []),
                         ("verdict=wrong_answer", ["print(2)"]), ("status=completed", all_of_them), ("status=pending", []),
                         ("language=python", all_of_them), ("language=java", []),
                         (f"from={yesterday}&to={tomorrow}", all_of_them), (f"from={tomorrow}", []), (f"to={yesterday}", []),
                         ("from=2020-01-01T00:00:00Z", all_of_them), ("from=2020-01-01T02:00:00%2B02:00", all_of_them),
                         (f"verdict=accepted&user={busy.teacher['id']}&language=python", ["print(1)"])):
        assert found(query) == codes, query
    page = get(busy, "/api/admin/submissions?page_size=2&language=python")
    assert page["count"] == 3 and len(page["results"]) == 2
    assert "language=python" in page["next"] and found(page["next"].partition("?")[2]) == ["print(input())"]
    for query in ("status=done", "verdict=good", "user=x", "from=soon", "to=2024-13-01", "from=2024-01-01T00:00:00"):
        answer = busy.backend("GET", f"/api/admin/submissions?{query}", token=busy.admin())
        assert answer.status == 400 and answer.json["details"][0]["field"] == query.partition("=")[0]


def test_statistics_by_day(busy):
    statistics = get(busy, "/api/admin/statistics")
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    counts = {(each["date"], each["language"], each["verdict"]): each["count"] for each in statistics["submissions"]}
    assert counts == {(today, "python", "accepted"): 2, (today, "python", "wrong_answer"): 1}
    assert statistics["totals"] == {"users": 3, "problems": 1, "contests": 0, "submissions": 3}
    assert get(busy, "/api/admin/statistics?from=2020-01-01&to=2020-06-01")["submissions"] == []
    for query in ("from=2020-01-01", "from=2024-01-02&to=2024-01-01", "from=x"):
        assert busy.backend("GET", f"/api/admin/statistics?{query}", token=busy.admin()).status == 400


def test_what_the_execution_service_knows(busy):
    assert set(get(busy, "/api/admin/queue")) >= {"waiting", "active", "completed", "failed"}
    workers = get(busy, "/api/admin/workers")
    assert len(workers["workers"]) == 1 and workers["connected_here"] == {"workers": 1, "slots": 2, "busy": 0}
    done = busy.run("print('told')")
    delivery = wait_for(lambda: get(busy, f"/api/admin/deliveries?submission_id={done['id']}&status=delivered"))[0]
    assert delivery["submission_id"] == done["id"]
    again = busy.backend("POST", f"/api/admin/deliveries/{delivery['delivery_id']}/replay", {}, busy.admin())
    assert again.status in (200, 202), again
    log = get(busy, "/api/admin/audit?action=delivery.replay")
    assert [entry["object"] for entry in log["results"]] == [f"delivery {delivery['delivery_id']}"]
    missing = busy.backend("POST", "/api/admin/deliveries/999999/replay", {}, busy.admin())
    assert missing.status == 404 and missing.json["message"]
    assert get(busy, "/api/admin/audit?action=delivery.replay")["count"] == 1
    wrong = busy.backend("GET", "/api/admin/deliveries?limit=0", token=busy.admin())
    assert wrong.status == 400 and "integer" in wrong.json["message"]


def test_without_an_execution_service(own):
    for path in ("queue", "workers", "deliveries"):
        answer = own.backend("GET", f"/api/admin/{path}", token=own.admin())
        assert answer.status == 503 and int(answer.headers["Retry-After"]) >= 0 and answer.json["message"]


# ---- health and metrics ----


def test_metrics_as_prometheus_reads_them(own):
    user = own.user()
    own.login(user["username"])
    own.backend("POST", "/api/auth/login", {"username": "x", "password": "wrong guess"})
    own.backend("GET", "/nowhere")
    answer = own.backend("GET", "/metrics", token=own.admin())
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(answer.body.decode())}

    def value(name, **labels):
        family = families[name.removesuffix("_total")]
        return sum(sample.value for sample in family.samples if sample.name == name and labels.items() <= sample.labels.items())

    assert value("arena_database_up") == 1 and value("arena_backend_users", role="student") == 1
    assert value("arena_backend_sign_ins_total", outcome="good") == 2
    assert value("arena_backend_sign_ins_total", outcome="wrong") == 1
    assert value("arena_http_requests_total", route="/api/auth/register", status="201") == 1
    assert value("arena_http_requests_total", route="", status="404", method="other") == 1
    assert value("arena_database_transactions_total", kind="write", result="ok") > 0
    assert all(family.documentation for family in families.values())
    assert "process_open_fds" in families


def test_health_says_what_is_wrong(backend):
    health = backend.backend("GET", "/api/health").json
    assert health["services"]["database"] == "connected" and health["services"]["execution"]["mode"] == "direct"
    assert isinstance(health["uptime"], int) and health["timestamp"].endswith("Z")
