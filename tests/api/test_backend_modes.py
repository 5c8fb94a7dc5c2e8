"""How the backend runs programs: directly, by the queue service, and directly after all; what fails, and how well.

Every backend here is a real one, with its own worker; the queue service is `arena serve`, or a server that
misbehaves (queue_double.py)."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

from arena import BINARY, ROOT, Service, free_ports, request, wait_for
from queue_double import QueueDouble, always, drips, hangs_up, of_jobs, silent

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="lanes need root")
NOBODY = "http://127.0.0.1:1"  # where nobody listens


@contextlib.contextmanager
def running(**environment):
    """`arena backend` with a user: service.token."""
    service = Service("backend", **{"DIRECT_SLOTS": 1, "LOG_LEVEL": "info", **environment})
    try:
        service.start()
        service.token = service.user()["token"]
        yield service
    finally:
        service.close()


def queue_mode(url, **environment):
    return running(EXECUTION_MODE="queue", EXECUTION_QUEUE_URL=url, **environment)


def execute(service, code, language="python", path="/api/execute", **fields):
    return service.backend("POST", path, {"code": code, "language": language, **fields}, service.token)


def prints(service, text):
    """It runs, and the answer is a good one."""
    answer = execute(service, f"print({text!r})")
    assert answer.status == 200 and answer.json["output"] == f"{text}\n", answer
    return answer.json


def status(service):
    answer = service.backend("GET", "/api/execution/status", token=service.admin())
    assert answer.status == 200, answer
    return answer.json


def tells(service, **wanted):
    """The status, once it tells all of this."""
    def look():
        got = status(service)
        return got if all(got[name] == value for name, value in wanted.items()) else None
    return wait_for(look)


def children_of(pid):
    return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def worker_of(service):
    """(the process that starts workers, the worker)"""
    nursery, = children_of(service.process.pid)
    worker, = wait_for(lambda: children_of(nursery))
    return nursery, worker


def wait_until_running(service, count=1):
    wait_for(lambda: status(service)["direct"]["running"] >= count)


# ---- the seed's commands ----

SEED = r'''curl -X POST http://localhost:5000/api/execute \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_TOKEN" \
  -d '{
    "code": "print(\"%s\")",
    "language": "python"
  }'
'''


def curl(service, text):
    command = (SEED % text).replace("localhost:5000", f"localhost:{service.backend_port}")
    done = subprocess.run(["sh", "-c", command.replace("YOUR_TOKEN", service.token)], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def test_the_commands_as_printed(serve):
    with running() as direct:
        assert curl(direct, "Hello from Direct Mode!")["output"] == "Hello from Direct Mode!\n"
    with queue_mode(f"http://localhost:{serve.port}") as queue:
        assert curl(queue, "Hello from Queue Mode!")["output"] == "Hello from Queue Mode!\n"
        assert status(queue)["fallbacks"] == 0
    with queue_mode(NOBODY) as fallback:
        assert curl(fallback, "Fallback working!")["output"] == "Fallback working!\n"
        assert status(fallback)["fallbacks"] == 1


# ---- the same answers ----


@pytest.fixture(scope="module")
def modes(serve):
    """Three backends: direct, queue, queue without its service."""
    with running() as direct, queue_mode(f"http://127.0.0.1:{serve.port}") as queue, queue_mode(NOBODY) as fallback:
        tells(queue, queueServiceAvailable=True)
        yield direct, queue, fallback


def without_figures(value):
    """Times, memory and ids differ from run to run."""
    if isinstance(value, list):
        return [without_figures(each) for each in value]
    if isinstance(value, dict):
        return {name: without_figures(each) for name, each in value.items()
                if name not in ("runtime", "memory", "id", "userId", "submittedAt", "completedAt", "problemId")}
    return value


def all_the_same(modes, ask):
    answers = [ask(service) for service in modes]
    for answer in answers[1:]:
        assert answer.status == answers[0].status
        assert without_figures(answer.json) == without_figures(answers[0].json)
    return answers[0]


PROGRAMS = [
    ("python", "print(input())", "one two"),
    ("python", "print('π', '\\u2028')", ""),
    ("python", "import sys\nsys.stdout.buffer.write(b'\\xff\\x00ok\\n')", ""),
    ("python", "import sys\nprint('noise', file=sys.stderr)", ""),
    ("python", "import sys\nprint('why', file=sys.stderr)\nsys.exit(3)", ""),
    ("python", "while True: print('x' * 1000)", ""),
    ("python", "raise ValueError('no')", ""),
    ("python", "x = 'a' * (400 << 20)", ""),
    ("python", "import os\nos.kill(os.getpid(), 11)", ""),
    ("c", "int main(void) { return 0 }", ""),
    ("c", "#include <stdio.h>\nint main(void) { puts(\"hi\"); return 0; }", ""),
    ("py", "print('by its alias')", ""),
    ("cobol", "DISPLAY 'HI'", ""),
    ("python", "", ""),
]


@pytest.mark.parametrize("language, code, given", PROGRAMS)
def test_all_modes_answer_the_same(modes, language, code, given):
    before = [status(service)["fallbacks"] for service in modes]
    answer = all_the_same(modes, lambda service: execute(service, code, language, input=given))
    all_the_same(modes, lambda service: execute(service, code, language, "/api/modules/execute", input=given))
    after = [status(service)["fallbacks"] for service in modes]
    ran = 2 if answer.status == 200 else 0
    assert [new - old for old, new in zip(before, after)] == [0, 0, ran]


def test_time_limits_too():
    """With a limit that is shorter than usual, both there and here."""
    limits = {"LIMIT_CPU_TIME": 300, "LIMIT_WALL_TIME": 20000}
    service = Service("serve", **limits)
    try:
        service.start()
        with running(**limits) as direct, queue_mode(f"http://127.0.0.1:{service.port}", **limits) as queue:
            answer = all_the_same((direct, queue), lambda each: execute(each, "while True: pass"))
        assert answer.json["verdict"] == "time_limit_exceeded"
        assert answer.json["error"] == "Time limit exceeded (0.30 s)"
    finally:
        service.close()


def make_problem(service):
    cases = [{"input": "2", "expectedOutput": "4", "isHidden": False},
             {"input": "3", "expectedOutput": "6", "isHidden": False},
             {"input": "7", "expectedOutput": "14", "isHidden": True}]
    answer = service.backend("POST", "/api/problems", {
        "title": "Double", "description": "Twice as much.", "difficulty": "easy", "testCases": cases,
        "timeLimit": 2000, "memoryLimit": 128, "isPublic": True}, service.admin())
    assert answer.status == 201, answer
    return answer.json["id"]


SOLUTIONS = [
    "print(int(input()) * 2)",
    "print(int(input()) + 2)",
    "n = int(input())\nprint(n * 2 if n < 5 else 1 / 0)",
    "print(int(input()) * 2",
    "print(input()); raise SystemExit(int('7'))",
]


@pytest.fixture(scope="module")
def problems(modes):
    return {service: make_problem(service) for service in modes}


@pytest.mark.parametrize("code", SOLUTIONS)
def test_problems_are_judged_the_same(modes, problems, code):
    def ask(path):
        return lambda service: service.backend("POST", path, {"problemId": problems[service], "code": code,
                                                              "language": "python"}, service.token)
    before = status(modes[1])["fallbacks"]
    assert all_the_same(modes, ask("/api/problems/run")).status == 200
    assert all_the_same(modes, ask("/api/submissions")).status == 201
    assert status(modes[1])["fallbacks"] == before


# ---- a queue service that fails ----

FAILURES = [
    ("nobody there", None, "cannot be reached"),
    ("nonsense", always(200, b"<html>hello</html>"), "no JSON object"),
    ("no id", always(202, {"status": "queued"}), "a result without its output"),
    ("500", always(500, {"error": "oops"}), "answered with 500"),
    ("502 that is a page", always(502, b"<html>bad gateway</html>"), "answered with 502"),
    ("wrong key", always(401, {"error": "no"}), "CODE_EXECUTION_SERVICE_KEY"),
    ("not found", always(404, {"error": "no such page"}), "answered with 404"),
    ("redirect", always(302, b"", [("Location", "http://127.0.0.1:1/")]), "answered with 302"),
    ("hangs up on submit", hangs_up("POST"), "cannot be reached"),
    ("silent on submit", silent("POST"), "did not answer in time"),
    ("never ends", drips, "did not answer in time"),
    ("nonsense for the job", of_jobs(b"oops"), "no JSON object"),
    ("a job of no state", of_jobs({"id": "1"}), "without its state"),
    ("completed with nothing", of_jobs({"state": "completed", "result": None}), "without its result"),
    ("a wrong result", of_jobs({"state": "completed", "result": {"output": 4}}), "without its output"),
    ("a verdict of another world", of_jobs({"state": "completed", "result": {"output": "", "verdict": "AC"}}),
     "unknown verdict"),
    ("hangs up on the job", hangs_up("GET"), "cannot be reached"),
    ("silent on the job", silent("GET"), "did not answer in time"),
]


@pytest.fixture(scope="module")
def slow_patience():
    return {"EXECUTION_TIMEOUT": 700, "EXECUTION_POLL_INTERVAL": 50}


@pytest.mark.parametrize("behave, reason", [each[1:] for each in FAILURES], ids=[each[0] for each in FAILURES])
def test_it_falls_back_once_and_leaves_it_alone(slow_patience, behave, reason):
    with QueueDouble(behave) as double:
        with queue_mode(double.url if behave else NOBODY, **slow_patience) as service:
            if behave:
                double.wait_until_probed()
            prints(service, "after all")
            got = status(service)
            assert got["fallbacks"] == 1 and reason in got["lastFallbackReason"], got
            # libcurl tries once more on a connection that was open already and broke.
            assert len(double.seen("POST")) in ((1, 2) if behave else (0,))
            if double.jobs:
                wait_for(lambda: double.seen("DELETE") == ["/api/jobs/job-1"])
            log = service.log()
            assert "[EXEC-WRAPPER] Using execution service in queue mode" in log
            assert "[EXEC-SERVICE] Using direct execution" in log
            assert not behave or "[EXEC-WRAPPER] Queue execution failed, falling back to direct execution" in log
            assert "after all" not in log  # no code in the log


def test_a_silent_service_is_found_out_before_a_user_waits():
    """Its health is looked at without anybody asking."""
    with QueueDouble(silent("POST")) as double, queue_mode(double.url) as service:
        double.wait_until_probed()
        tells(service, queueServiceAvailable=True)
        double.close()
        got = tells(service, queueServiceAvailable=False)
        assert got["queue"]["breaker"] == "open"
        prints(service, "at once")
        assert status(service)["fallbacks"] == 1


def test_a_failed_job_is_its_own_failure_and_three_are_the_queues():
    failed = of_jobs({"state": "failed", "failedReason": "no worker took it"})
    with QueueDouble(failed) as double, queue_mode(double.url) as service:
        double.wait_until_probed()
        for number in range(1, 4):
            assert status(service)["queue"]["breaker"] == "closed"
            prints(service, "x")
            got = status(service)
            assert got["fallbacks"] == number and "no worker took it" in got["lastFallbackReason"]
        assert got["queue"]["breaker"] == "open"


def test_a_program_that_fails_is_no_failure_of_the_queue():
    with QueueDouble() as double, queue_mode(double.url) as service:
        double.wait_until_probed()
        answer = execute(service, "raise SystemExit('no')")
        assert answer.status == 200 and answer.json["error"] == "no\n" and answer.json["verdict"] == "runtime_error"
        assert status(service)["fallbacks"] == 0


def test_busy_is_respected():
    busy = always(429, {"error": "later"}, [("Retry-After", "30")])
    with QueueDouble(busy) as double, queue_mode(double.url) as service:
        double.wait_until_probed()
        for _ in range(3):
            prints(service, "here")
        assert len(double.seen("POST")) == 1
        probes = double.probes
        assert status(service)["fallbacks"] == 3
        time.sleep(2)
        assert double.probes == probes  # it is really left alone


def test_a_job_that_does_not_end_is_cancelled():
    with QueueDouble() as double:
        double.pending = 1000000
        with queue_mode(double.url, EXECUTION_MAX_POLL_TIME=1500, EXECUTION_POLL_INTERVAL=300) as service:
            double.wait_until_probed()
            prints(service, "in the end")
            assert "EXECUTION_MAX_POLL_TIME" in status(service)["lastFallbackReason"]
            wait_for(lambda: double.seen("DELETE") == ["/api/jobs/job-1"])
            asked = len(double.seen("GET"))
            assert 2 <= asked <= 6  # no service that does not wait is asked in a loop


def test_the_key_is_shown_and_the_request_named():
    seen = []

    def behave(double, handler, method, path):
        seen.append((path, handler.headers.get("Authorization"), handler.headers.get("X-Request-Id")))
        return False

    with QueueDouble(behave) as double, queue_mode(double.url, CODE_EXECUTION_SERVICE_KEY="ak_secret") as service:
        answer = service.backend("POST", "/api/execute", {"code": "print(1)", "language": "python"}, service.token,
                                 {"X-Request-Id": "request-of-the-test"})
        assert answer.json["output"] == "1\n"
        assert all(key == "Bearer ak_secret" for _, key, _ in seen)
        assert [name for path, _, name in seen if path != "/health"] == ["request-of-the-test"] * 2
        assert "ak_secret" not in service.log()


# ---- a service of somebody else's ----


def test_a_foreign_service_runs_what_it_understands():
    with QueueDouble() as double, queue_mode(double.url, EXECUTION_POLL_INTERVAL=50) as service:
        double.wait_until_probed()
        double.pending = 2
        assert execute(service, "print(input())", input="theirs").json["output"] == "theirs\n"
        cases = [{"input": "2", "expectedOutput": "4"}, {"input": "3", "expectedOutput": "7"}]
        answer = service.backend("POST", "/api/problems/run", {"code": "print(int(input()) * 2)", "language": "python",
                                                               "testCases": cases}, service.token)
        assert [each["passed"] for each in answer.json["results"]] == [True, False], answer
        assert status(service)["fallbacks"] == 0
        # Hidden cases need the form "judge", which it does not know: found out once, and from then on known.
        problem = make_problem(service)
        posted = len(double.seen("POST"))
        for _ in range(3):
            answer = service.backend("POST", "/api/submissions", {
                "problemId": problem, "code": "print(int(input()) * 2)", "language": "python"}, service.token)
            assert answer.status == 201 and answer.json["status"] == "accepted", answer
        assert len(double.seen("POST")) == posted + 1
        assert status(service)["queue"]["breaker"] == "closed"
        prints(service, "still theirs")
        assert len(double.seen("POST")) == posted + 2


# ---- how much ----


@pytest.mark.parametrize("percent, expected", [(0, 0), (25, 2), (50, 4), (100, 8)])
def test_the_queues_share(percent, expected):
    with QueueDouble() as double, queue_mode(double.url, EXECUTION_QUEUE_PERCENT=percent) as service:
        double.wait_until_probed()
        for number in range(8):
            prints(service, str(number))
        got = status(service)
        assert len(double.seen("POST")) == expected
        assert got["fallbacks"] == 0 and got["config"]["queuePercent"] == percent


# ---- a real service that dies and comes back ----


def test_dying_in_mid_job_and_coming_back(make_service):
    service = make_service("serve", LANES=1).start()
    ports = {"EXECUTION_LISTEN": service.environment["EXECUTION_LISTEN"]}
    with queue_mode(f"http://127.0.0.1:{service.port}") as backend:
        tells(backend, queueServiceAvailable=True)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            under_way = pool.submit(prints_after, backend, 3)
            wait_for(lambda: service.get("/api/stats").json["active"] == 1)
            assert status(backend)["queue"]["running"] == 1
            service.kill()
            assert under_way.result().json["output"] == "done\n"
        got = status(backend)
        assert got["fallbacks"] == 1 and got["queueServiceAvailable"] is False and got["queue"]["breaker"] == "open"
        prints(backend, "without it")
        service.environment.update(ports)
        service.start()
        got = tells(backend, queueServiceAvailable=True)
        assert got["queue"]["breaker"] == "half-open" and got["fallbacks"] == 2
        prints(backend, "with it again")
        got = status(backend)
        assert got["queue"]["breaker"] == "closed" and got["fallbacks"] == 2
        log = backend.log()
        assert log.count("[EXEC-SERVICE] Queue service unavailable") == 1
        assert log.count("[EXEC-SERVICE] Queue service available again") == 1


def prints_after(service, seconds):
    return execute(service, f"import time\ntime.sleep({seconds})\nprint('done')")


# ---- the backend's own worker ----


def test_a_worker_killed_in_mid_run_is_replaced_and_the_run_run_again():
    with running() as service, concurrent.futures.ThreadPoolExecutor() as pool:
        _, worker = worker_of(service)
        under_way = pool.submit(prints_after, service, 2)
        wait_until_running(service)
        os.kill(worker, signal.SIGKILL)
        assert under_way.result().json["output"] == "done\n"
        assert worker_of(service)[1] != worker
        assert "the worker for direct execution is gone" in service.log()


def test_a_run_whose_worker_dies_twice_is_given_up():
    with running() as service, concurrent.futures.ThreadPoolExecutor() as pool:
        under_way = pool.submit(prints_after, service, 20)
        for _ in range(2):
            wait_until_running(service)
            os.kill(worker_of(service)[1], signal.SIGKILL)
            wait_for(lambda: status(service)["direct"]["running"] == 0)
        answer = under_way.result()
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        assert answer.json["message"] == "The program could not be run: try again"
        prints(service, "others are served")


def test_who_starts_workers_is_not_the_backend(serve):
    """Whatever of it is left when the backend is killed, ends."""
    with running() as service:
        nursery, worker = worker_of(service)
        everything = [nursery, worker, *children_of(worker)]
        service.process.kill()
        service.process.wait()
        wait_for(lambda: not any(alive(pid) for pid in everything))


def alive(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_the_worker_knows_no_secrets():
    secrets = {"JWT_SECRET": "secret-of-thirty-two-bytes-or-more", "CODE_EXECUTION_SERVICE_KEY": "ak_secret",
               "BACKEND_WEBHOOK_SECRET": "secret-of-webhooks", "ADMIN_PASSWORD": "secret-password-of-the-admin"}
    with running(**secrets) as service:
        for pid in worker_of(service):
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode()
            assert not any(secret in environment for secret in secrets.values())
            assert not any("backend.db" in os.readlink(each) for each in pathlib.Path(f"/proc/{pid}/fd").iterdir()
                           if os.path.lexists(each))
        _, worker = worker_of(service)
        assert pathlib.Path(f"/proc/{worker}").stat().st_uid not in (0, service_uid(service))


def service_uid(service):
    return pathlib.Path(f"/proc/{service.process.pid}").stat().st_uid


def test_too_many_are_told_to_come_again():
    with running(DIRECT_QUEUE=1) as service, concurrent.futures.ThreadPoolExecutor(8) as pool:
        first = pool.submit(prints_after, service, 4)
        wait_until_running(service)
        second = pool.submit(prints_after, service, 0)
        wait_for(lambda: status(service)["direct"]["waiting"] == 1)
        refused = execute(service, "print(1)")
        assert refused.status == 503 and int(refused.headers["Retry-After"]) > 0
        assert refused.json["error"] == refused.json["message"] == "Too many programs are waiting to be run"
        assert first.result().json["output"] == second.result().json["output"] == "done\n"
        text = service.backend("GET", "/metrics", token=service.admin()).body.decode()
        assert 'arena_backend_runs_total{way="direct",outcome="done"} 2' in text
        assert 'arena_backend_runs_total{way="direct",outcome="full"} 1' in text
        assert "arena_backend_direct_up 1" in text and "arena_backend_queue_up 0" in text


def go_away(service, code, seen):
    """Posts a program, waits for seen(), and closes the connection."""
    body = json.dumps({"code": code, "language": "python"}).encode()
    with socket.create_connection(("127.0.0.1", service.backend_port)) as connection:
        connection.sendall(b"POST /api/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s"
                           % (service.token.encode(), len(body), body))
        wait_for(seen)


def test_a_client_that_goes_away_cancels_its_run():
    with running() as service:
        began = time.monotonic()
        go_away(service, "import time\ntime.sleep(19)", lambda: status(service)["direct"]["running"] == 1)
        prints(service, "the next")
        assert time.monotonic() - began < 15  # or it had to wait for the first to end
        # one that waits for a slot, too
        with concurrent.futures.ThreadPoolExecutor() as pool:
            first = pool.submit(prints_after, service, 2)
            wait_until_running(service)
            go_away(service, "print('never')", lambda: status(service)["direct"]["waiting"] == 1)
            wait_for(lambda: status(service)["direct"]["waiting"] == 0)
            assert first.result().json["output"] == "done\n"


def test_a_client_that_goes_away_cancels_its_job():
    with QueueDouble() as double:
        double.pending = 1000000
        with queue_mode(double.url, EXECUTION_POLL_INTERVAL=100) as service:
            double.wait_until_probed()
            go_away(service, "print(1)", lambda: double.seen("GET"))
            wait_for(lambda: double.seen("DELETE") == ["/api/jobs/job-1"])
            got = tells(service, fallbacks=0)
            assert got["queue"] == {"available": True, "breaker": "closed", "running": 0}


def test_a_backend_that_stops_cancels_its_jobs():
    with QueueDouble() as double:
        double.pending = 1000000
        with queue_mode(double.url, EXECUTION_POLL_INTERVAL=100) as service:
            double.wait_until_probed()
            with concurrent.futures.ThreadPoolExecutor() as pool:
                running_one = pool.submit(execute, service, "print(1)")
                wait_for(lambda: double.seen("GET"))
                assert service.terminate()[0] == 0
                assert double.seen("DELETE") == ["/api/jobs/job-1"]
                with contextlib.suppress(Exception):  # whatever its client still got
                    running_one.result()


def test_direct_mode_knows_whether_there_is_a_queue_service():
    with QueueDouble() as double:
        with running(EXECUTION_QUEUE_URL=double.url) as service:
            assert double.probes == 0
            assert status(service)["queueServiceAvailable"] is True
            for _ in range(5):
                assert status(service)["queueServiceAvailable"] is True
            assert double.probes == 1
            health = service.backend("GET", "/api/health").json["services"]["execution"]
            assert health["mode"] == "direct" and health["queueServiceAvailable"] is True
    with running(EXECUTION_QUEUE_URL=NOBODY) as service:
        assert status(service)["queueServiceAvailable"] is False


# ---- where no box can be made ----


def test_direct_mode_refuses_to_start_without_boxes():
    service = Service("backend", SANDBOX_SOCKET="/nonexistent/lanes.socket")
    try:
        service.launch()
        assert service.process.wait(60) == 1
        assert service.process.stdout.read() == ""
        assert "EXECUTION_MODE=direct cannot work here" in service.log() and "/nonexistent" in service.log()
    finally:
        service.close()


def test_queue_mode_goes_on_without_boxes(serve):
    with queue_mode(f"http://127.0.0.1:{serve.port}", SANDBOX_SOCKET="/nonexistent/lanes.socket") as service:
        got = tells(service, queueServiceAvailable=True)
        assert got["directAvailable"] is False and "/nonexistent" in got["direct"]["reason"]
        prints(service, "by the queue alone")
    with queue_mode(NOBODY, SANDBOX_SOCKET="/nonexistent/lanes.socket") as service:
        answer = execute(service, "print(1)")
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        assert answer.json["message"] == "Programs cannot be run at the moment"


# ---- who may, and what is told ----


def test_the_status_is_for_admins(backend):
    assert backend.backend("GET", "/api/execution/status").status == 401
    assert backend.backend("GET", "/api/execution/status", token=backend.user()["token"]).status == 403
    got = status(backend)
    assert got["mode"] == "direct" and got["queueServiceAvailable"] is False and got["directAvailable"] is True
    assert got["config"] == {"queueUrl": backend.environment["EXECUTION_QUEUE_URL"], "pollInterval": 1000,
                             "maxPollTime": 60000, "timeout": 30000, "queuePercent": 100}
    assert got["fallbacks"] == 0 and got["lastFallbackReason"] is None and got["uptime"] >= 0
    health = backend.backend("GET", "/api/health").json
    assert health["services"]["execution"] == {"mode": "direct", "queueServiceAvailable": False,
                                               "directAvailable": True}


@pytest.mark.parametrize("path", ["/api/execute", "/api/modules/execute"])
def test_what_is_wrong_with_a_request(backend, path):
    token = backend.user()["token"]

    def post(body):
        return backend.backend("POST", path, body, token)

    assert backend.backend("POST", path, {"code": "1", "language": "python"}).status == 401
    for body in ({}, {"code": "print(1)"}, {"language": "python"}, {"code": "", "language": "python"},
                 {"code": None, "language": "python"}, {"code": 4, "language": "python"}):
        answer = post(body)
        assert answer.status == 400 and answer.json["message"] == "Code and language are required", body
    answer = post({"code": "x", "language": "brainfuck"})
    assert answer.status == 400 and answer.json["details"][0]["field"] == "language"
    assert "Unsupported language: brainfuck. Supported languages: python" in answer.json["details"][0]["message"]
    assert post({"code": "x" * 65537, "language": "python"}).status == 413
    assert post({"code": "x", "language": "python", "input": 7}).json["details"][0]["field"] == "input"
    assert post(b"{").status == 400


def test_a_module_says_whether_it_went_well(backend):
    token = backend.user()["token"]

    def run(code):
        answer = backend.backend("POST", "/api/modules/execute", {"code": code, "language": "python"}, token)
        assert answer.status == 200, answer
        return answer.json

    good, bad = run("print(1)"), run("print(")
    assert good["success"] is True and good["error"] is None and good["output"] == "1\n"
    assert good["runtime"] >= 0 and good["memory"] > 0
    assert bad["success"] is False and "SyntaxError" in bad["error"]
