"""Submissions to problems: judged once whatever happens, watched live, and silent about hidden cases."""
import concurrent.futures
import contextlib
import json
import secrets
import socket
import threading
import time
import urllib.parse

import pytest

from arena import POSTGRES, Service, new_schema, wait_for
from live_client import Events, WebSocket

ADD = "print(sum(map(int, input().split())))"
CASES = [{"input": "1 2", "expectedOutput": "3"}, {"input": "5 6", "expectedOutput": "11"},
         {"input": "70 80", "expectedOutput": "150", "isHidden": True}]
OPEN = ("pending", "running")


class People:
    """An instructor with problems, and a student."""

    def __init__(self, service):
        self.service = service
        self.author, self.student = service.user(role="instructor"), service.user()

    def problem(self, **fields):
        answer = self.service.backend("POST", "/api/problems", {"title": "Sum", "testCases": CASES, "timeLimit": 2000,
                                                                "memoryLimit": 64, **fields}, self.author["token"])
        assert answer.status == 201, answer
        return answer.json["id"]

    def submit(self, problem, code=ADD, language="python", query="", person=None, **fields):
        return self.service.backend("POST", f"/api/submissions{query}",
                                    {"problemId": problem, "code": code, "language": language, **fields},
                                    (person or self.student)["token"])

    def get(self, submission_id, person=None):
        return self.service.backend("GET", f"/api/submissions/{submission_id}", token=(person or self.student)["token"])

    def result(self, submission_id, timeout=60):
        def ended():
            answer = self.get(submission_id)
            assert answer.status == 200, answer
            return answer.json if answer.json["status"] not in OPEN else None
        return wait_for(ended, timeout)

    def list(self, query="", person=None):
        answer = self.service.backend("GET", f"/api/submissions{query}", token=(person or self.student)["token"])
        assert answer.status == 200, answer
        return answer.json

    def ticket(self, person=None):
        answer = self.service.backend("POST", "/api/live/ticket", token=(person or self.student)["token"])
        assert answer.status == 200, answer
        return answer.json["ticket"]

    def watch(self, submission_id, person=None, last_id=None, port=None):
        path = f"/api/submissions/{submission_id}/events?ticket={self.ticket(person)}"
        return Events(port or self.service.backend_port, path, last_id)


@pytest.fixture(scope="module")
def people(backend):
    return People(backend)


class Cable:
    """A port that leads to a Unix socket, and can be cut."""

    def __init__(self, path):
        self.path, self.whole, self.ends = path, True, []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                here = self.listening.accept()[0]
                if not self.whole:
                    here.close()
                    continue
                there = socket.socket(socket.AF_UNIX)
                there.connect(self.path)
                self.ends += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self.pump, args=pair, daemon=True).start()

    @staticmethod
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.whole = False
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.whole = True

    def close(self):
        self.cut()
        self.listening.close()


def every(stream):
    events = []
    while event := stream.next():
        events.append(event)
    return events


# ---- judging ----


def test_all_right(people):
    problem = people.problem()
    answer = people.submit(problem)
    assert answer.status == 201, answer
    made = answer.json
    assert answer.headers["Location"] == f"/api/submissions/{made['id']}"
    results = made["results"]
    assert results == made["testResults"] and [result["testCaseNumber"] for result in results] == [1, 2, 3]
    assert [(r["input"], r["output"], r["expectedOutput"]) for r in results] == [
        ("1 2", "3\n", "3"), ("5 6", "11\n", "11"), (None, None, None)]
    assert all(r["status"] == "success" and r["passed"] and r["error"] is None for r in results)
    assert {name: made[name] for name in (
        "problemId", "userId", "contestId", "code", "language", "status", "score", "feedback", "passedCount",
        "totalTestCases", "isCorrect", "error")} == {
        "problemId": problem, "userId": people.student["id"], "contestId": None, "code": ADD, "language": "python",
        "status": "accepted", "score": "100.00", "feedback": "All 3 test cases passed.", "passedCount": 3,
        "totalTestCases": 3, "isCorrect": True, "error": None}
    assert made["summary"] == {"totalTests": 3, "passedTests": 3, "failedTests": 0, "allPassed": True,
                               "problemTitle": "Sum", "difficulty": "easy", "mode": "submit"}
    assert made["runtime"] >= 0 and made["memory"] > 0 and made["submittedAt"] <= made["completedAt"]
    assert people.get(made["id"]).json == made


@pytest.mark.parametrize("language, code, status, score, passed, statuses", [
    ("python", "print(3)", "partial", "33.33", 1, ["success", "failed", "failed"]),
    ("python", "a, b = map(int, input().split())\nprint(a + b if a < 9 else 0)", "partial", "66.67", 2,
     ["success", "success", "failed"]),
    ("python", "print('no')", "wrong_answer", "0.00", 0, ["failed"] * 3),
    ("python", "import os\nos.abort()", "runtime_error", "0.00", 0, ["error"] * 3),
    ("python", "while True: pass", "time_limit_exceeded", "0.00", 0, ["error"] * 3),
    ("python", "x = bytearray(1 << 30)", "memory_limit_exceeded", "0.00", 0, ["error"] * 3),
    ("python", "print('x' * (2 << 20))", "output_limit_exceeded", "0.00", 0, ["error"] * 3),
    ("c", "int main(void) { return nothing; }", "compile_error", "0.00", 0, ["error"] * 3),
])
def test_every_verdict(people, language, code, status, score, passed, statuses):
    problem = people.problem(timeLimit=500)
    made = people.submit(problem, code, language).json
    assert (made["status"], made["score"], made["passedCount"], made["totalTestCases"], made["isCorrect"]) == (
        status, score, passed, 3, False), made
    assert [result["status"] for result in made["results"]] == statuses
    assert made["summary"]["passedTests"] == passed and not made["summary"]["allPassed"]
    assert ("nothing" in made["error"]) if status == "compile_error" else made["error"] is None


def test_what_cannot_be_submitted(people):
    private = people.problem(isPublic=False)
    assert people.submit(private).status == 404
    assert people.submit(private, person=people.author).status == 201
    assert people.submit(999999).json["message"] == "Problem not found"
    for body, field in (({"language": "klingon"}, "language"), ({"code": ""}, "code"), ({"problem": "1"}, "problemId"),
                        ({"code": "x" * 65537}, "code"), ({"contestId": "1"}, "contestId")):
        answer = people.submit(**{"problem": private, **body})
        assert answer.status in (400, 413) and answer.json["details"][0]["field"] == field, answer
    assert people.submit(people.problem(), contestId=999999).status == 404
    assert not [s for s in people.list(f"?problemId={private}")]


# ---- hidden cases ----

# What each does with its input, before or instead of answering: {} is replaced by what reads it.
LEAKS = {
    "stdout": "print({})",
    "stderr": "import sys\nprint({}, file=sys.stderr)",
    "stderr, then fails": "import sys\nsys.exit({})",
    "an exception": "raise Exception({})",
    "an exception whose name it is": "type({}.strip() or 'E', (Exception,), {{}})\nraise type({}, (Exception,), {{}})('x')",
    "its exit code": "import os\ntext = {}\nos._exit(200 + text.startswith('hidden'))",
    "a signal": "import os\ntext = {}\nos.kill(os.getpid(), 10 if text.startswith('hidden') else 12)",
    "too much of it": "text = {}\nwhile True: print(text * 100)",
    "for too long": "text = {}\nprint(text, flush=True)\nwhile True: pass",
    "too much memory": "text = {}\nprint(text, flush=True)\nx = bytearray(1 << 30)",
    "files": "import glob, os, sys\ntext = {}\n"
             "for f in ('/box/left', '/tmp/left', 'left'):\n"
             "    try:\n        print(open(f).read())\n    except OSError: pass\n"
             "for f in ('/box/left', '/tmp/left', 'left'):\n"
             "    try: open(f, 'w').write(text)\n    except OSError: pass",
    "a name of a file": "import os\ntext = {}\nprint(os.listdir('/box'), os.listdir('/tmp'))\n"
                        "open('/tmp/' + text.strip(), 'w')",
    "a child that goes on": "import os, sys, time\ntext = {}\nif os.fork() == 0:\n"
                            "    os.setsid()\n    time.sleep(0.3)\n    print(text, flush=True)\n    os._exit(0)",
}


@pytest.fixture(scope="module", params=["direct", "queue"])
def talkative(request):
    """A backend that logs all it ever logs, in each of its ways to run programs."""
    service = Service("serve" if request.param == "queue" else "backend", LOG_LEVEL="debug",
                      EXECUTION_MODE=request.param)
    service.environment["EXECUTION_QUEUE_URL"] = f"http://127.0.0.1:{service.second_port}"
    try:
        yield People(service.start())
        status = service.backend("GET", "/api/execution/status", token=service.admin()).json
        assert status["mode"] == request.param and status["fallbacks"] == 0
    finally:
        service.close()


@pytest.mark.parametrize("way", LEAKS)
def test_nothing_of_a_hidden_case_comes_out(talkative, way):
    people, canary, answer = talkative, secrets.token_hex(12), secrets.token_hex(12)
    hidden = {"input": f"hidden{canary}\n", "expectedOutput": f"hidden{answer}", "isHidden": True}
    visible = {"input": "visible\n", "expectedOutput": "visible"}
    problem = people.problem(testCases=[hidden, visible, hidden, visible], timeLimit=400)
    code = LEAKS[way].replace("{}", "open(0).read()").replace("{{", "{").replace("}}", "}")
    if code.count("open(0)") > 1:
        code = "text = open(0).read()\n" + code.replace("open(0).read()", "text")
    seen = [people.submit(problem, code)]
    assert seen[0].status == 201, seen
    made = seen[0].json
    later = people.submit(problem, code, query="?async=true")
    with people.watch(later.json["id"]) as events, WebSocket(
            people.service.backend_port, f"/api/submissions/{later.json['id']}/ws?ticket={people.ticket()}") as socket_:
        seen += every(events) + every(socket_)
    seen += [people.get(made["id"]), people.get(later.json["id"]), people.get(made["id"], people.author),
             people.list(f"?problemId={problem}"),
             people.service.backend("GET", f"/api/problems/{problem}", token=people.student["token"]),
             people.service.backend("POST", "/api/problems/run", {"problemId": problem, "code": code,
                                                                  "language": "python"}, people.student["token"])]
    rows = people.service.backend_rows(f"SELECT * FROM submission WHERE problem_id = {problem}")
    told = "".join(getattr(each, "body", str(each).encode()).decode() for each in seen)
    for place, text in (("answers", told), ("database", str(rows)), ("log", people.service.log())):
        assert canary not in text and answer not in text, (way, place)
    for result in made["results"][0::2]:
        assert (result["input"], result["output"], result["expectedOutput"], result["isHidden"]) == (
            None, None, None, True)
        assert result["error"] in (None, "Runtime error", "Time limit exceeded", "Memory limit exceeded",
                                   "Output limit exceeded"), result
        assert not result["passed"] and not {"exitCode", "exit_code", "signal", "stderr"} & set(result)
    for result in made["results"][1::2]:
        assert result["input"] == "visible\n"


def test_no_state_goes_from_one_case_to_the_next(talkative):
    code = LEAKS["files"].replace("{}", "open(0).read()")
    made = talkative.submit(talkative.problem(), code).json
    assert [result["output"] for result in made["results"]] == ["", "", None]


def test_watched_test_by_test_in_every_mode(talkative):
    problem = talkative.problem(testCases=[CASES[0]] * 4)
    made = talkative.submit(problem, "import time\ntime.sleep(0.5)\n" + ADD, query="?async=true").json
    with talkative.watch(made["id"]) as stream:
        told = [event["data"]["tests"] for _, event in every(stream) if event["data"]["tests"]]
    done = [tests["done"] for tests in told]
    assert done == sorted(done) and 0 < done[0] < 4 and done[-1] == 4, told
    assert told[-1]["verdicts"] == ["accepted"] * 4


# ---- later ----


def test_answered_at_once_and_watched(people):
    problem = people.problem(testCases=[CASES[0]] * 4 + [CASES[2]])
    answer = people.submit(problem, "import time\ntime.sleep(0.3)\n" + ADD, query="?async=true")
    assert answer.status == 202, answer
    made = answer.json
    assert made["status"] == "pending" and made["score"] is None and made["results"] == [], made
    assert made["passedCount"] is None and made["runtime"] is None and made["feedback"] == "Waiting to be judged."
    with people.watch(made["id"]) as stream:
        assert stream.status == 200
        events = every(stream)
    assert all(event["type"] == "submission_update" and event["submissionId"] == made["id"] for _, event in events)
    statuses = [event["data"]["status"] for _, event in events]
    assert statuses[-1] == "accepted" and "running" in statuses and set(statuses[:-1]) <= set(OPEN)
    done = [event["data"]["tests"]["done"] for _, event in events if event["data"]["tests"]]
    assert done == sorted(done) and 0 < done[0] < 5 and done[-1] == 5
    assert events[-1][1]["data"]["tests"]["verdicts"] == ["accepted"] * 5
    assert events[-1][1]["data"]["score"] == "100.00"
    assert people.get(made["id"]).json["results"][0]["output"] == "3\n"
    with people.watch(made["id"]) as stream:
        assert every(stream) == events[-1:]
    with people.watch(made["id"], last_id=events[-1][0]) as stream:
        assert stream.status == 204
    with people.watch(made["id"], last_id=events[0][0]) as stream:
        assert every(stream) == events[-1:]


def test_watched_with_a_token_by_websocket(people):
    made = people.submit(people.problem(), "import time\ntime.sleep(0.3)\n" + ADD, query="?async=1").json
    path = f"/api/submissions/{made['id']}/ws"
    with WebSocket(people.service.backend_port, f"{path}?ticket={people.ticket()}") as stream:
        assert stream.status == 101
        messages = [message for _, message in every(stream)]
    assert messages[-1]["data"]["status"] == "accepted" and stream.code == 1000
    with Events(people.service.backend_port, path.replace("/ws", "/events")) as stream:
        assert stream.status == 401
    answer = people.service.backend("GET", path, token=people.student["token"])
    assert answer.status in (400, 426), "no upgrade was asked for, but it may"


def test_a_ticket_is_good_once_and_for_its_user(people):
    made = people.submit(people.problem()).json
    path, ticket = f"/api/submissions/{made['id']}/events?ticket=", people.ticket()
    port, other = people.service.backend_port, people.service.user()

    def status(used):
        with Events(port, path + used) as stream:
            return stream.status

    assert status(ticket) == 200 and status(ticket) == 401
    assert status("0" * 64) == 401 and status("") == 401
    assert status(people.ticket(other)) == 404
    assert status(people.ticket(people.author)) == 200
    assert people.service.backend("GET", f"/api/submissions?ticket={people.ticket()}").status == 401
    ticket = people.ticket()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(status, [ticket] * 8))
    assert statuses == [200] + [401] * 7
    ticket = people.ticket()
    [[expires]] = people.service.backend_rows("SELECT MAX(expires_ms) FROM live_ticket")
    assert 25000 < int(expires) - time.time() * 1000 <= 30000
    assert ticket not in str(people.service.backend_rows("SELECT * FROM live_ticket"))


def test_a_client_that_goes_away_does_not_cancel(people):
    problem = people.problem()
    body = json.dumps({"problemId": problem, "language": "python", "code": "import time\ntime.sleep(0.7)\n" + ADD})
    with socket.create_connection(("127.0.0.1", people.service.backend_port)) as client:
        client.sendall((f"POST /api/submissions HTTP/1.1\r\nHost: 127.0.0.1:{people.service.backend_port}\r\n"
                        f"Authorization: Bearer {people.student['token']}\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        [made] = wait_for(lambda: people.list(f"?problemId={problem}"))
        assert made["status"] in OPEN
    assert people.result(made["id"])["status"] == "accepted"


def test_many_at_once(people):
    problem = people.problem()
    codes = [ADD, "print(3)"] * 8
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda code: people.submit(problem, code), codes))
    assert [(answer.status, answer.json["status"]) for answer in answers] == [
        (201, "accepted"), (201, "partial")] * 8
    assert len({answer.json["id"] for answer in answers}) == 16


# ---- who sees what ----


def test_lists_and_who_sees_them(people):
    service, other, admin = people.service, people.service.user(), {"token": people.service.admin()}
    problem, elsewhere = people.problem(), people.problem()
    mine = [people.submit(problem, f"print(3) # {i}").json["id"] for i in range(3)]
    theirs = people.submit(problem, person=other).json["id"]
    people.submit(elsewhere)
    query = f"?problemId={problem}"

    def ids(more="", person=None):
        return [submission["id"] for submission in people.list(query + more, person)]

    assert ids() == mine[::-1] and ids(person=other) == [theirs]
    assert ids(person=people.author) == ids(person=admin) == [theirs, *mine[::-1]]
    assert ids(f"&userId={other['id']}") == mine[::-1], "nobody widens what he may see"
    assert ids(f"&userId={other['id']}", people.author) == [theirs]
    assert ids("&status=accepted", people.author) == [theirs] and ids("&status=pending") == []
    assert ids("&language=c") == []
    page = people.list(f"{query}&page=2&page_size=2")
    assert page["count"] == 3 and [s["id"] for s in page["results"]] == [mine[0]] and page["next"] is None
    [listed, *_] = people.list(query)
    assert "results" not in listed and listed["score"] == "33.33" and listed["feedback"]
    assert service.backend("GET", "/api/submissions?problemId=x", token=people.student["token"]).status == 400
    for person, status in ((people.student, 200), (other, 404), (people.author, 200), (admin, 200),
                           (service.user(role="instructor"), 404)):
        assert people.get(mine[0], person).status == status
    assert service.backend("GET", f"/api/submissions/{mine[0]}").status == 401


def test_a_submission_is_deleted_by_admins_alone(people):
    made = people.submit(people.problem()).json["id"]
    for person, status in ((people.student["token"], 403), (people.author["token"], 403),
                           (people.service.admin(), 204), (people.service.admin(), 404)):
        assert people.service.backend("DELETE", f"/api/submissions/{made}", token=person).status == status
    assert people.get(made).status == 404
    [[action, detail]] = people.service.backend_rows(
        f"SELECT action, detail FROM audit WHERE object = 'submission {made}'")
    assert action == "submission.delete" and json.loads(detail)["userId"] == people.student["id"]


def test_submissions_outlive_their_problem(people):
    problem = people.problem()
    made = people.submit(problem).json
    assert people.service.backend("DELETE", f"/api/problems/{problem}", token=people.author["token"]).status == 204
    assert people.submit(problem).status == 404
    assert people.get(made["id"]).json == made
    assert [s["id"] for s in people.list(f"?problemId={problem}")] == [made["id"]]


# ---- contests ----


def contest(people, problems, **fields):
    answer = people.service.backend("POST", "/api/code-execution/contests/", {
        "title": "Cup", "description": "", "is_active": True, "problems": problems, **fields}, people.author["token"])
    assert answer.status == 201, answer
    return answer.json["id"]


def test_a_contest_counts_the_best(people):
    problem, second, foreign = people.problem(isPublic=False), people.problem(), people.problem()
    cup = contest(people, [problem, second])

    def standing():
        rows = people.service.backend_rows(f"SELECT final_score FROM participant WHERE contest_id = {cup}"
                                           f" AND user_id = {people.student['id']}")
        return rows[0][0] if rows else None

    assert people.submit(foreign, contestId=cup).status == 400 and standing() is None
    assert people.submit(problem).status == 404, "what is not public is seen by who takes part"
    made = people.submit(problem, "print(3)", contestId=cup)
    assert made.status == 201 and made.json["contestId"] == cup and standing() == "3333"
    assert people.submit(problem, contestId=cup).status == 201 and standing() == "10000"
    assert people.submit(problem, "print('no')", contestId=cup).status == 201 and standing() == "10000"
    assert people.submit(second, "print(3)", contestId=cup).status == 201 and standing() == "13333"
    assert people.service.backend("GET", f"/api/problems/{problem}", token=people.student["token"]).status == 200
    assert people.service.backend("GET", f"/api/problems/{problem}",
                                  token=people.service.user()["token"]).status == 404
    assert len(people.list(f"?contestId={cup}")) == 4


def test_a_contest_that_takes_nobody(people):
    problem = people.problem()
    closed = contest(people, [problem], is_active=False)
    early = contest(people, [problem], start_time="2999-01-01T00:00:00Z")
    full = contest(people, [problem], max_participants=1)
    assert people.submit(problem, contestId=full, person=people.service.user()).status == 201
    for cup, status in ((closed, 400), (early, 400), (full, 409)):
        assert people.submit(problem, contestId=cup).status == status
    rows = people.service.backend_rows(f"SELECT id FROM submission WHERE contest_id IN ({closed}, {early}, {full})")
    assert len(rows) == 1


# ---- when there is too much, and when it falls over ----


def test_a_run_that_is_refused_leaves_nothing(make_service):
    people = People(make_service("backend", LANES=1, DIRECT_SLOTS=1, DIRECT_QUEUE=1).start())
    problem = people.problem(timeLimit=10000)
    slow = "import time\ntime.sleep(1.5)\n" + ADD
    taken = [people.submit(problem, slow, query="?async=true").json["id"]]
    refused = None
    while not refused:
        answer = people.submit(problem, "import time\ntime.sleep(4)\n" + ADD, query="?async=true")
        taken.append(answer.json["id"])
        assert answer.status == 202 and len(taken) < 20, answer
        status = people.service.backend("GET", "/api/execution/status", token=people.service.admin()).json
        before = len(people.list())
        answer = people.submit(problem, ADD)
        if answer.status == 503:
            refused = answer
        else:
            taken.append(answer.json["id"])
    assert int(refused.headers["Retry-After"]) > 0 and refused.json["message"], (refused, status)
    assert len(people.list()) == before
    assert [people.result(each, 120)["status"] for each in taken] == ["accepted"] * len(taken), (
        "what was answered with 202 is judged, however often it was refused")


def restart_in_mid_run(people, problem, runs):
    """SIGKILL while `runs` submissions are under way, and another start on the same data; their ids."""
    slow = "import time\ntime.sleep(1)\n" + ADD
    made = [people.submit(problem, slow, query="?async=true").json["id"] for _ in range(runs)]
    wait_for(lambda: people.get(made[0]).json["status"] == "running")
    people.service.kill()
    people.service.start()
    return made


def test_a_kill_in_mid_run_loses_nothing(make_service):
    people = People(make_service("backend").start())
    problem = people.problem(timeLimit=5000)
    made = restart_in_mid_run(people, problem, 5)
    for each in made:
        result = people.result(each)
        assert result["status"] == "accepted" and result["passedCount"] == 3, result
    assert [s["id"] for s in people.list()] == made[::-1]
    assert people.service.backend_rows("SELECT COUNT(*) FROM submission_live") == [["0"]]


def test_a_stop_in_mid_run_loses_nothing(make_service):
    people = People(make_service("backend").start())
    problem = people.problem(timeLimit=5000)
    made = people.submit(problem, "import time\ntime.sleep(1)\n" + ADD, query="?async=true").json["id"]
    wait_for(lambda: people.get(made).json["status"] == "running")
    status, _ = people.service.terminate()
    assert status == 0
    assert people.service.backend_rows("SELECT COUNT(*) FROM replica") == [["0"]]
    people.service.start()
    assert people.result(made)["status"] == "accepted"


@pytest.mark.skipif(not POSTGRES, reason="SQLite has one user")
def test_another_replica_goes_on_where_one_died(make_service):
    secret = secrets.token_hex(32)
    first = make_service("backend", JWT_SECRET=secret, QUEUE_LEASE=2).start()
    second = make_service("backend", JWT_SECRET=secret, QUEUE_LEASE=2,
                          BACKEND_DATABASE_URL=first.environment["BACKEND_DATABASE_URL"]).start()
    people = People(first)
    problem = people.problem(timeLimit=5000)
    made = people.submit(problem, "import time\ntime.sleep(1)\n" + ADD, query="?async=true").json["id"]
    with people.watch(made, port=second.backend_port) as stream:
        statuses = [stream.next()[1]["data"]["status"]]
        while statuses[-1] != "running":
            statuses.append(stream.next()[1]["data"]["status"])
        first.kill()
        statuses += [event["data"]["status"] for _, event in every(stream)]
    assert statuses[-1] == "accepted" and set(statuses[:-1]) <= set(OPEN)
    people.service = second
    assert [s["id"] for s in people.list()] == [made]
    assert len([line for line in second.log().splitlines() if "taken up" in line]) == 1


@pytest.mark.skipif(not POSTGRES, reason="SQLite is not away")
def test_what_ends_while_the_database_is_away_is_written_when_it_is_back(make_service):
    parts = urllib.parse.urlsplit(new_schema())
    [folder] = urllib.parse.parse_qs(parts.query).pop("host")
    cable = Cable(f"{folder}/.s.PGSQL.5432")
    place = parts.netloc.partition("@")[0] + f"@127.0.0.1:{cable.port}"
    query = "&".join(each for each in parts.query.split("&") if not each.startswith("host=")) + "&sslmode=disable"
    service = make_service("backend", BACKEND_DATABASE_URL=f"postgresql://{place}{parts.path}?{query}").start()
    people = People(service)
    problem = people.problem(timeLimit=5000)
    made = [people.submit(problem, "import time\ntime.sleep(0.7)\n" + ADD, query="?async=true").json["id"]
            for _ in range(2)]
    with people.watch(made[0]) as stream:
        while stream.next()[1]["data"]["status"] != "running":
            pass
        cable.cut()
        wait_for(lambda: "submissions not written" in service.log())
        assert people.submit(problem).status == 503
        cable.mend()
        assert every(stream)[-1][1]["data"]["status"] == "accepted"
    assert people.result(made[1])["status"] == "accepted" and len(people.list()) == 2
    cable.close()
