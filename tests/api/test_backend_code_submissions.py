"""Programs that the backend hands to the execution service: what their users see, what becomes of them when the
service is down, slow, overrun or talks nonsense, and that none is lost or run twice."""
import base64
import concurrent.futures
import http.client
import json
import socket
import time

import pytest

from arena import POSTGRES, Service, free_ports, wait_for
from fake_worker import report, run
from pair import SUBMISSIONS, FakeService, Pair, http_answer

PROGRAM = {"code": "print('Hello')", "language": "python", "input_data": "1 2\n"}
HEALTH = "/api/code-execution/health/"


@pytest.fixture(scope="module")
def pair():
    made = Pair()
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture
def make_pair():
    made = []

    def make(**options):
        made.append(Pair(**options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def against(make_pair):
    """against(answer, ...): a backend whose execution service is a fake one; both."""
    services = []

    def make(answer, **environment):
        service = FakeService(answer)
        services.append(service)
        pair = make_pair(backend={"CODE_EXECUTION_SERVICE_URL": service.url, "CODE_EXECUTION_TIMEOUT": "1",
                                  **environment})
        pair.backend.start()
        return pair, service

    yield make
    for each in services:
        each.close()


def at_service(pair):
    """What the execution service has, oldest first."""
    return pair.execution.get("/api/v1/submissions/?limit=1000").json


# ---- what its user sees ----


def test_from_the_request_to_the_result(pair):
    user = pair.backend.user()
    made = pair.ok("POST", SUBMISSIONS, PROGRAM, user["token"], 201)
    assert made["microservice_submission_id"] > 0
    assert {name: made[name] for name in (
        "user", "contest", "problem", "code", "language", "input_data", "status", "verdict", "output", "error_output",
        "execution_time", "memory_usage", "score", "is_correct", "completed_at")} == {
        "user": user["id"], "contest": None, "problem": None, **PROGRAM, "status": "pending", "verdict": None,
        "output": None, "error_output": None, "execution_time": None, "memory_usage": None, "score": None,
        "is_correct": None, "completed_at": None}
    job = pair.worker.claim()[0]
    assert job["submission_id"] == made["microservice_submission_id"]
    there = pair.execution.get(f"/api/v1/submissions/{job['submission_id']}").json
    assert (there["user_id"], there["code"], there["input_data"]) == (user["id"], PROGRAM["code"], "1 2\n")
    pair.finish(job, report(run(output={"base64": base64.b64encode(b"Hello\0!\n").decode()}, wall_us=45000,
                                cpu_us=31000, memory_bytes=8598323)))
    ended = pair.ended(made["id"], user["token"])
    assert (ended["status"], ended["verdict"], ended["output"], ended["error_output"]) == \
        ("completed", "ok", "Hello\ufffd!\n", None)
    assert (ended["execution_time"], ended["memory_usage"], ended["memory_bytes"], ended["cpu_time_ms"]) == \
        ("0.045s", "8.2MB", 8598323, 31)
    assert ended["completed_at"] >= ended["created_at"]


def test_a_program_that_fails(pair):
    _, token = pair.users(1)[0]
    made = pair.submit(token)
    job = pair.worker.claim()[0]
    pair.finish(job, report(run(verdict="runtime_error", exit_code=3, output="", error_output="Oh no\n",
                                       message="Exited with code 3"), verdict="runtime_error"))
    ended = pair.ended(made["id"], token)
    assert (ended["status"], ended["verdict"]) == ("error", "runtime_error")
    assert ended["error_output"].startswith("Oh no") and "Exited with code 3" in ended["error_output"]


def test_a_hidden_case_stays_hidden(pair):
    """Whatever a program prints of it, and wherever."""
    teacher, student = pair.backend.user(role="instructor"), pair.users(1)[0]
    problem = pair.problem(cases=2, hidden=1, token=teacher["token"], testCases=[
        {"input": "open", "expectedOutput": "open", "isHidden": False},
        {"input": "the hidden input", "expectedOutput": "the hidden answer", "isHidden": True}])
    made = pair.submit(student[1], problem=problem)
    job = pair.worker.claim()[0]
    shown = {"output": "the hidden input", "error_output": "the hidden input", "exit_code": 104}
    pair.finish(job, report(run(verdict="accepted", output="open"),
                                   run(verdict="runtime_error", message="Exited with code 104", **shown),
                                   verdict="runtime_error"))
    ended = pair.ended(made["id"], student[1])
    assert (ended["verdict"], ended["score"], ended["is_correct"]) == ("partial", "50.00", False)
    assert [each["passed"] for each in ended["test_results"]] == [True, False]
    assert ended["test_results"][0]["input"] == "open"
    for answer in (pair.call("GET", f"{SUBMISSIONS}{made['id']}", token=student[1]),
                   pair.call("GET", SUBMISSIONS, token=student[1])):
        assert b"the hidden" not in answer.body and b"with code" not in answer.body
    assert "the hidden" not in pair.backend.log()


def test_one_that_does_not_compile(pair):
    _, token = pair.users(1)[0]
    made = pair.submit(token, problem=pair.problem())
    job = pair.worker.claim()[0]
    pair.finish(job, {"verdict": "compile_error", "message": None, "runs": [], "compile": {
        "status": "error", "output": "main.c:1: no", "time_us": 1000, "cached": False}})
    ended = pair.ended(made["id"], token)
    assert (ended["status"], ended["verdict"], ended["score"], ended["is_correct"]) == \
        ("error", "compile_error", "0.00", False)
    assert ended["error_output"] == "main.c:1: no"


@pytest.mark.parametrize("fields, status, field", [
    ({"code": None}, 400, "code"), ({"code": 5}, 400, "code"), ({"code": "x" * 65537}, 413, "code"),
    ({"language": "klingon"}, 400, "language"), ({"language": None}, 400, "language"),
    ({"contest": "1"}, 400, "contest"), ({"problem": 0}, 400, "problem"), ({"speed": 1}, 400, "speed"),
    ({"input_data": ["x"]}, 400, "input_data")])
def test_what_is_wrong_is_named(pair, fields, status, field):
    answer = pair.call("POST", SUBMISSIONS, {**PROGRAM, **fields}, pair.backend.admin())
    assert answer.status == status and field in [each["field"] for each in answer.json["details"]], answer


def test_who_sees_what(pair):
    admin, teacher = pair.backend.admin(), pair.backend.user(role="instructor")
    contest = pair.contest(teacher["token"])
    (ann, ann_token), (bob, bob_token) = pair.users(2)
    first, second = pair.submit(ann_token), pair.submit(ann_token, contest=contest["id"])
    other = pair.submit(bob_token)

    def ids(query, token):
        return [each["id"] for each in pair.ok("GET", SUBMISSIONS + query, token=token)["results"]]

    assert ids("", ann_token) == [second["id"], first["id"]]
    assert ids("?page_size=1&page=2", ann_token) == [first["id"]]
    assert ids("", admin)[:3] == [other["id"], second["id"], first["id"]]
    assert ids(f"?user={ann}", admin) == ids("", ann_token) == ids(f"?user={ann}", ann_token)
    assert ids(f"?contest={contest['id']}", teacher["token"]) == [second["id"]]
    assert ids(f"?contest={contest['id']}", bob_token) == []
    assert ids("?status=pending&language=python", bob_token) == [other["id"]]
    assert pair.call("GET", f"{SUBMISSIONS}?user={ann}", token=bob_token).status == 403
    assert pair.call("GET", f"{SUBMISSIONS}?status=odd", token=admin).status == 400
    assert pair.call("GET", f"{SUBMISSIONS}{first['id']}", token=bob_token).status == 404
    assert pair.call("GET", f"{SUBMISSIONS}{first['id']}", token=teacher["token"]).status == 404
    assert pair.call("GET", f"{SUBMISSIONS}{second['id']}/", token=teacher["token"]).status == 200
    assert pair.call("GET", SUBMISSIONS).status == 401
    listed = pair.ok("GET", SUBMISSIONS, token=ann_token)
    assert set(listed) == {"count", "next", "previous", "results"} and listed["count"] == 2
    for _ in range(3):
        pair.run()


def test_the_same_again_is_a_new_one(pair):
    """Once its user has been told of it."""
    _, token = pair.users(1)[0]
    ids = {pair.ok("POST", SUBMISSIONS, PROGRAM, token, 201)["id"] for _ in range(3)}
    assert len(ids) == 3
    for _ in range(3):
        pair.run()


def test_many_at_once(pair):
    users = pair.users(20)
    with concurrent.futures.ThreadPoolExecutor(32) as threads:
        made = list(threads.map(lambda i: pair.submit(users[i % 20][1]), range(200)))
    assert len({each["id"] for each in made}) == len({each["microservice_submission_id"] for each in made}) == 200
    while jobs := pair.worker.claim(slots=50, wait_ms=0):
        for job in jobs:
            pair.finish(job, report())
    for each in made:
        assert pair.ended(each["id"])["status"] == "completed"


def test_health(pair):
    answer = pair.call("GET", HEALTH)
    assert answer.status == 200
    assert answer.json["status"] == "healthy" and answer.json["response_time_ms"] >= 0
    assert answer.json["microservice"]["status"] == "healthy" and answer.json["microservice"]["version"]


# ---- a service that is not what it should be ----


def refused(pair, token, status=503, **fields):
    """Tries to hand something in; the answer, which is no falsehood and no 500."""
    answer = pair.call("POST", SUBMISSIONS, {**PROGRAM, **fields}, token)
    assert answer.status == status, answer
    assert int(answer.headers["Retry-After"]) >= 1
    assert "The submission is kept" in answer.json["detail"]
    return answer


BAD_SERVICES = {
    "silent": (None, 503, "did not answer in time"),
    "a page": (http_answer(200, b"<html>Welcome</html>", content_type=b"text/html"), 503, "makes no sense"),
    "a list": (http_answer(201, b"[]"), 503, "makes no sense"),
    "without a number": (http_answer(201, b'{"status":"pending"}'), 503, "makes no sense"),
    "of an unknown state": (http_answer(201, b'{"id":1,"status":"dancing"}'), 503, "makes no sense"),
    "empty": (http_answer(200), 503, "makes no sense"),
    "elsewhere": (http_answer(302, extra=b"Location: http://127.0.0.1:1/\r\n"), 503, "makes no sense"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 503, "cannot be reached"),
    "cut off": (b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{", 503, "did not answer in time"),
    "failing": (http_answer(500, b'{"detail":"secret innards"}'), 503, "cannot do this now"),
    "overrun": (http_answer(429, b'{"detail":"slow"}', b"Retry-After: 17\r\n"), 429, "too much to do"),
    "busy": (http_answer(503, b'{"detail":"full"}', b"Retry-After: 23\r\n"), 503, "cannot do this now"),
    "closed to us": (http_answer(401, b'{"detail":"key"}'), 503, "does not know this server's key"),
}


@pytest.mark.parametrize("name", BAD_SERVICES)
def test_a_bad_service(against, name):
    answer, status, said = BAD_SERVICES[name]
    pair, service = against(answer)
    _, token = pair.users(1)[0]
    got = refused(pair, token, status)
    assert said in got.json["detail"] and "innards" not in got.json["detail"]
    if name in ("overrun", "busy"):
        assert got.headers["Retry-After"] == {"overrun": "17", "busy": "23"}[name]
    health = pair.call("GET", HEALTH)
    if name in ("a list", "without a number", "of an unknown state"):
        assert health.status in (200, 503)
    else:
        assert health.status == 503 and health.json["status"] == "unhealthy" and health.json["error"]
    made = pair.call("POST", "/api/code-execution/contests/", {"title": "in spite of it"}, pair.backend.admin())
    assert made.status == 201
    refused(pair, token, status, code="in a contest", contest=made.json["id"])
    # Kept, once each, and shown to its user for what it is.
    listed = pair.ok("GET", SUBMISSIONS, token=token)["results"]
    assert [(each["code"], each["status"], each["microservice_submission_id"]) for each in listed] == \
        [("in a contest", "pending", None), (PROGRAM["code"], "pending", None)]
    sent = [json.loads(body) for method, path, _, body in list(service.requests) if "submissions" in path]
    assert len({each["external_id"] for each in sent if each["code"] == PROGRAM["code"]}) == 1


def test_a_service_that_refuses_it(against):
    """For good: sending it again would be refused again, and its user sees why."""
    def answer(method, path, body):
        if "contests" in path:
            return http_answer(201, b'{"id":7}')
        return http_answer(422, b'{"detail":[{"loc":["body","language"],"msg":"not available here","type":"x"}]}')

    pair, service = against(answer)
    _, token = pair.users(1)[0]
    made = pair.ok("POST", SUBMISSIONS, PROGRAM, token, 201)
    assert (made["status"], made["verdict"], made["error_output"]) == \
        ("error", "judge_error", "The execution service refused it: not available here")
    assert [path for _, path, _, _ in service.requests if "submissions" in path] == ["/api/v1/submissions/"]


def test_its_key_is_sent(against):
    pair, service = against(http_answer(200, b'{"status":"healthy"}'), CODE_EXECUTION_SERVICE_KEY="ak_of_the_backend")
    assert pair.call("GET", HEALTH, headers={"X-Request-Id": "from-the-client"}).status == 200
    _, path, headers, _ = service.requests[0]
    assert path == "/health/" and headers["authorization"] == "Bearer ak_of_the_backend"
    assert headers["x-request-id"] == "from-the-client" and headers["traceparent"].startswith("00-")
    assert "ak_of_the_backend" not in pair.backend.log()


def test_kept_until_the_service_is_back(make_pair):
    """503, and again 503: one submission, which is sent by itself; the user's next try finds it."""
    pair = make_pair()
    pair.backend.start()
    _, token = pair.users(1)[0]
    contest = pair.contest()
    for _ in range(2):
        refused(pair, token, contest=contest["id"])
    refused(pair, token, code="another")
    figures = pair.call("GET", "/metrics", token=pair.backend.admin()).body
    assert b'arena_backend_service_submissions{state="unsent"} 2\n' in figures
    assert b'arena_backend_service_calls_total{outcome="failed"}' in figures
    pair.execution.start()
    wait_for(lambda: len(at_service(pair)) == 2)
    there = next(each for each in at_service(pair) if each["code"] == PROGRAM["code"])
    made = pair.ok("POST", SUBMISSIONS, {**PROGRAM, "contest": contest["id"]}, token, 201)
    assert made["microservice_submission_id"] == there["id"]
    pair.run()
    pair.run()
    # The other's end came before its user asked again: that is the answer, once.
    listed = {each["code"]: each for each in pair.ok("GET", SUBMISSIONS, token=token)["results"]}
    assert len(listed) == 2
    pair.ended(listed["another"]["id"])
    late = pair.ok("POST", SUBMISSIONS, {**PROGRAM, "code": "another"}, token, 201)
    assert (late["id"], late["status"]) == (listed["another"]["id"], "completed")
    assert len(at_service(pair)) == 2
    assert pair.ok("POST", SUBMISSIONS, {**PROGRAM, "code": "another"}, token, 201)["id"] != late["id"]


def test_the_contest_is_over_when_the_service_is_back(make_pair):
    """What was handed in in time counts; what comes after does not."""
    pair = make_pair()
    pair.backend.start()
    _, token = pair.users(1)[0]
    contest = pair.contest()
    refused(pair, token, contest=contest["id"])
    pair.ok("PATCH", f"/api/code-execution/contests/{contest['id']}", {"is_active": False}, pair.backend.admin())
    pair.execution.start()
    made = wait_for(lambda: (a := pair.call("POST", SUBMISSIONS, {**PROGRAM, "contest": contest["id"]},
                                            token)).status == 201 and a.json, pause=0.3)
    assert made["contest"] == contest["id"]
    pair.run()
    assert pair.ended(made["id"])["status"] == "completed"
    late = pair.call("POST", SUBMISSIONS, {**PROGRAM, "code": "late", "contest": contest["id"]}, token)
    assert late.status == 400


def test_a_client_that_goes_away(against):
    """While the service thinks; the next try gets what was begun."""
    ready = []

    def answer(method, path, body):
        if not ready:
            return None
        return http_answer(201, b'{"id":41,"status":"pending"}')

    pair, service = against(answer, CODE_EXECUTION_TIMEOUT="2")
    _, token = pair.users(1)[0]
    body = json.dumps(PROGRAM).encode()
    with socket.create_connection(("127.0.0.1", pair.backend.backend_port)) as client:
        client.sendall(f"POST {SUBMISSIONS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                       f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        wait_for(lambda: any("submissions" in path for _, path, _, _ in service.requests))
    ready.append(True)
    made = wait_for(lambda: (a := pair.call("POST", SUBMISSIONS, PROGRAM, token)).status == 201 and a.json, pause=0.3)
    assert made["microservice_submission_id"] == 41
    ids = {json.loads(body)["external_id"] for _, path, _, body in service.requests if "submissions" in path}
    assert len(ids) == 1 and pair.ok("GET", SUBMISSIONS, token=token)["count"] == 1


def test_killed_while_sending(make_pair):
    """Between writing it down and hearing that the service has it: under the same id it is the same there."""
    pair = make_pair(backend={"CODE_EXECUTION_TIMEOUT": "2"})
    pair.execution.start()
    gate, real = [], pair.execution.port

    def through(method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", real, timeout=30)
        connection.request(method, path, body or None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        got = http_answer(answer.status, answer.read())
        connection.close()
        if "submissions" in path and not gate:
            return None  # it has it, but nobody hears so
        return got

    with FakeService(through) as proxy:
        pair.backend.environment["CODE_EXECUTION_SERVICE_URL"] = proxy.url
        pair.backend.start()
        _, token = pair.users(1)[0]
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            lost = thread.submit(lambda: pair.call("POST", SUBMISSIONS, PROGRAM, token))
            wait_for(lambda: len(at_service(pair)) == 1)
            pair.backend.kill()
            with pytest.raises((http.client.HTTPException, OSError)):
                lost.result(30)
        gate.append(True)
        pair.backend.start()
        made = wait_for(lambda: (a := pair.call("POST", SUBMISSIONS, PROGRAM, token)).status == 201 and a.json,
                        pause=0.3)
        assert made["microservice_submission_id"] == at_service(pair)[0]["id"]
        pair.run()
        assert pair.ended(made["id"], token)["status"] == "completed"
        assert len(at_service(pair)) == 1 and pair.ok("GET", SUBMISSIONS, token=token)["count"] == 1


# ---- ends that nobody told of ----


def test_a_lost_webhook_loses_nothing(make_pair):
    pair = make_pair(backend={"CODE_EXECUTION_ASK_AFTER": "1"})
    pair.execution.environment["BACKEND_SERVICE_URL"] = f"http://127.0.0.1:{free_ports(1)[0]}"
    pair.start()
    user, token = pair.users(1)[0]
    contest = pair.contest(problems=[pair.problem(cases=2, hidden=0)])
    plain = pair.submit(token)
    judged = pair.submit(token, contest=contest["id"], problem=contest["problems"][0])
    job = pair.worker.claim(slots=1)[0]
    wait_for(lambda: pair.submission(plain["id"])["status"] == "running"
             or pair.submission(judged["id"])["status"] == "running")
    pair.finish(job, report(run(verdict="ok")) if job["submission_id"] == plain["microservice_submission_id"]
                       else report(run(verdict="accepted"), run(verdict="accepted"), verdict="accepted"))
    rest = pair.worker.claim(slots=1)[0]
    pair.finish(rest, report(run(verdict="ok")) if rest["submission_id"] == plain["microservice_submission_id"]
                       else report(run(verdict="accepted"), run(verdict="accepted"), verdict="accepted"))
    assert pair.ended(plain["id"])["output"] == "done\n"
    assert pair.ended(judged["id"])["score"] == "100.00"
    top = pair.ok("GET", f"/api/code-execution/contests/{contest['id']}/leaderboard/", token=token)["results"]
    assert [(each["user"], each["final_score"], each["rank"]) for each in top] == [(user, "100.00", 1)]
    assert pair.backend.backend_rows("SELECT count(*) FROM dispatch") == [["0"]]


def test_the_service_dies_and_comes_back(make_pair):
    pair = make_pair(backend={"CODE_EXECUTION_ASK_AFTER": "1"}).start()
    _, token = pair.users(1)[0]
    made = [pair.submit(token) for _ in range(3)]
    pair.execution.kill()
    assert pair.call("GET", HEALTH).status == 503
    refused(pair, token)
    time.sleep(1.5)
    pair.execution.start()
    for _ in range(4):
        pair.run()
    for each in made:
        assert pair.ended(each["id"])["status"] == "completed"
    assert wait_for(lambda: pair.call("GET", HEALTH).status == 200)
    assert len(at_service(pair)) == 4


@pytest.mark.skipif(not POSTGRES, reason="replicas share a database that several processes may use")
def test_another_replica_takes_over(make_pair):
    """What one wrote down and could not send, the other sends; what ends is told to either."""
    pair = make_pair(backend={"CODE_EXECUTION_ASK_AFTER": "1"})
    pair.backend.start()
    second = Service("backend", **{name: value for name, value in pair.backend.environment.items()
                                   if name not in ("DATA_DIR", "BACKEND_LISTEN", "PATH")})
    try:
        second.start()
        _, token = pair.users(1)[0]
        contest = pair.contest()
        kept = {**PROGRAM, "contest": contest["id"]}
        assert second.backend("POST", SUBMISSIONS, kept, token).status == 503
        second.kill()
        pair.execution.start()
        wait_for(lambda: len(at_service(pair)) == 1)
        second.start()
        made = second.backend("POST", SUBMISSIONS, kept, token).json
        assert made["microservice_submission_id"] == at_service(pair)[0]["id"]
        others = [owner("POST", SUBMISSIONS, {**PROGRAM, "code": f"{number}"}, token).json["id"]
                  for number in range(5) for owner in (second.backend, pair.backend.backend)]
        pair.backend.kill()  # whose webhooks they are
        for _ in range(11):
            pair.run()
        for each in [made["id"], *others]:
            wait_for(lambda: second.backend("GET", f"{SUBMISSIONS}{each}", token=token).json["status"] == "completed")
        assert len(at_service(pair)) == 11
    finally:
        second.close()
