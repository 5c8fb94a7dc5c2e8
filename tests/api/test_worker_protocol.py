"""The worker protocol, spoken by a worker that the test is: honest ones, slow ones, liars."""
import json

import pytest

from arena import POSTGRES, TOKEN, request, wait_for
from fake_worker import FakeWorker, Later, report, run

pytestmark = pytest.mark.usefixtures("empty_queue")
HELLO = {"code": "print(1)", "language": "python", "user_id": 1}


@pytest.fixture
def worker(execution):
    worker = FakeWorker(execution.port)
    yield worker
    worker.leave()


def test_one_way_through(execution, worker):
    created = execution.submit("print(1)")
    assert created["status"] == "pending"
    [job] = worker.claim()
    assert job["submission_id"] == created["id"] and job["attempt"] == 1
    assert job["task"]["language"] == "python"
    assert job["task"]["files"] == [{"data": "print(1)"}]
    assert job["task"]["limits"]["memory_bytes"] == 256 << 20
    running = execution.get(f"/api/v1/submissions/{created['id']}").json
    assert running["status"] == "running" and running["executed_at"]
    assert worker.finish(job, report(run(output="1\n"))).status == 200
    done = execution.result(created["id"])
    assert (done["status"], done["verdict"], done["output"]) == ("completed", "ok", "1\n")
    assert (done["execution_time"], done["memory_usage"]) == ("0.002s", "1.0MB")


def test_the_short_form_of_a_claim_is_enough(execution):
    created = execution.submit("print(1)")
    claim = {"protocol": 1, "worker": "plain", "languages": ["python"], "arch": "x86_64", "slots": 1}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = request(execution.port, "POST", "/internal/v1/claim", claim, headers)
    [job] = answer.json["jobs"]
    assert job["submission_id"] == created["id"] and job["lease"] and job["deadline"].endswith("Z")
    finish = {"protocol": 1, "worker": "plain", "job": job["job"], "lease": job["lease"], "report": report()}
    assert request(execution.port, "POST", "/internal/v1/finish", finish, headers).status == 200
    leave = {"protocol": 1, "worker": "plain", "leaving": True}
    assert request(execution.port, "POST", "/internal/v1/heartbeat", leave, headers).status == 200


def test_a_claim_waits_for_work(execution, worker):
    claim = Later(worker.claim)
    assert claim.waits()
    created = execution.submit("print(1)")
    [job] = claim.join()
    assert job["submission_id"] == created["id"]


def test_a_claim_comes_back_empty_in_the_end(worker):
    assert worker.claim(wait_ms=100) == []


def test_only_languages_that_were_asked_for(execution, worker):
    execution.submit("print(1)")
    assert FakeWorker(execution.port, languages=["c"]).claim(wait_ms=0) == []
    assert len(worker.claim()) == 1


def test_no_more_than_slots(execution, worker):
    for _ in range(3):
        execution.submit("print(1)")
    assert len(worker.claim(slots=2)) == 2
    assert len(worker.claim(slots=2)) == 1


def test_a_client_waits_for_the_result(execution, worker):
    waiting = Later(execution.post, "/api/execute?wait=true", {"code": "x", "language": "py", "input": "in"})
    [job] = worker.claim()
    assert job["task"]["tests"] == [{"input": "in"}]
    assert waiting.waits()
    worker.finish(job, report(run(output="out")))
    answer = waiting.join()
    assert answer.status == 200
    assert answer.json["output"] == "out" and answer.json["error"] is None
    assert answer.json["runtime"] == 2 and answer.json["memory"] == 1.0


def test_waiting_ends_with_202(execution):
    answer = execution.post("/api/execute?wait=0.2", {"code": "x", "language": "py"})
    assert answer.status == 202 and answer.json["status"] == "queued"
    # One request, one job, however often its handler was run.
    assert execution.get("/api/stats").json["waiting"] == 1


def test_prefer_wait(execution, worker):
    waiting = Later(execution.post, "/api/execute", {"code": "x", "language": "py"},
                    {"Prefer": "respond-async, wait=20"})
    [job] = worker.claim()
    worker.finish(job, report())
    assert waiting.join().status == 200


def test_progress(execution, worker):
    cases = [{"input": str(i), "expectedOutput": str(i)} for i in range(4)]
    created = execution.post("/api/execute", {"code": "x", "language": "py", "testCases": cases}).json
    [job] = worker.claim()
    assert worker.progress(job, 1, 4).status == 200
    got = execution.get(f"/api/jobs/{created['jobId']}").json
    assert (got["state"], got["progress"]) == ("active", 25)
    assert worker.progress({"job": job["job"], "lease": "no such"}, 2, 4).status == 409


# ---- leases ----

def test_silence_gives_the_job_to_another(execution, worker):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    other = FakeWorker(execution.port)
    [again] = wait_for(lambda: other.claim(wait_ms=500))  # waiting is no sign of life; asking is
    assert again["submission_id"] == created["id"]
    assert again["attempt"] == 2 and again["lease"] != job["lease"]
    # Too late: the first one's result changes nothing.
    assert worker.finish(job, report(run(output="stale"))).status == 409
    assert execution.get(f"/api/v1/submissions/{created['id']}").json["status"] == "running"
    assert other.finish(again, report(run(output="fresh"))).status == 200
    assert execution.result(created["id"])["output"] == "fresh"
    other.leave()


def test_heartbeats_keep_the_lease(execution, worker):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    for _ in range(5):
        assert worker.beat([job], wait_ms=700) == []  # each waits: 3 s in all, a lease is 2
    assert worker.finish(job, report()).status == 200
    assert execution.result(created["id"])["attempts"] == 1


def test_a_worker_that_leaves_gives_back_at_once(execution, worker):
    execution.submit("print(1)")
    leaver = FakeWorker(execution.port)
    leaver.claim()
    claim = Later(worker.claim)
    leaver.leave()
    [job] = claim.join()
    assert job["attempt"] == 2


def test_a_worker_that_stops_gets_no_more(execution):
    stopper = FakeWorker(execution.port)
    claim = Later(stopper.claim, wait_ms=20000)
    assert claim.waits()
    stopper.beat(stopping=True)
    assert claim.join(timeout=5) == []
    created = execution.submit("print(1)")
    assert stopper.claim(wait_ms=5000) == []
    assert execution.get("/health/ready").status == 503
    assert execution.get(f"/api/v1/submissions/{created['id']}").json["status"] == "pending"
    stopper.leave()


def test_three_silent_workers_are_a_judge_error(execution, worker):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    for attempt in (1, 2, 3):
        dying = FakeWorker(execution.port)
        [job] = dying.claim(wait_ms=10000)
        assert job["attempt"] == attempt
        dying.leave()
    got = execution.get(f"/api/jobs/{created['jobId']}?wait=10").json
    assert got["state"] == "failed" and got["result"] is None
    assert "stopped answering" in got["failedReason"]
    assert worker.claim(wait_ms=0) == []


def test_handing_back_does_not_count(execution, worker):
    created = execution.submit("print(1)")
    for _ in range(5):
        [job] = worker.claim()
        assert job["attempt"] == 1
        assert worker.give_back(job, count_attempt=False, reason="test").status == 200
        assert execution.get(f"/api/v1/submissions/{created['id']}").json["status"] in ("pending", "running")


def test_a_fault_counts_and_delays(execution, worker):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    for attempt in (1, 2):
        [job] = worker.claim()
        assert job["attempt"] == attempt
        assert worker.give_back(job, delay_ms=600, reason="no box").status == 200
        got = execution.get(f"/api/jobs/{created['jobId']}").json
        assert got["state"] == "delayed" and 0 < got["delay"] <= 600
    [job] = worker.claim()
    worker.give_back(job, reason="no box")
    got = execution.get(f"/api/jobs/{created['jobId']}").json
    assert (got["state"], got["failedReason"]) == ("failed", "no box")


def test_a_job_that_we_could_not_run_is_503_to_who_waits(execution, worker):
    waiting = Later(execution.post, "/api/execute?wait=true", {"code": "x", "language": "py"})
    for _ in range(3):
        [job] = worker.claim()
        worker.give_back(job, reason="no box")
    assert waiting.join().status == 503
    assert waiting.value.json["error"] == "no box"


# ---- cancelling ----

def test_cancelling_reaches_the_worker(execution, worker):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    [job] = worker.claim()
    beat = Later(worker.beat, [job], wait_ms=10000)
    assert beat.waits()
    assert execution.request("DELETE", f"/api/jobs/{created['jobId']}").json == {
        "message": "Job cancelled successfully"}
    assert beat.join(timeout=5) == [job["lease"]]
    assert worker.finish(job, report()).status == 409
    assert worker.progress(job, 0, 1).status == 409
    got = execution.get(f"/api/jobs/{created['jobId']}").json
    assert (got["state"], got["failedReason"]) == ("failed", "Job cancelled")


def test_cancelling_before_the_heartbeat(execution, worker):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    [job] = worker.claim()
    execution.request("DELETE", f"/api/jobs/{created['jobId']}")
    assert worker.beat([job], wait_ms=10000) == [job["lease"]]


def test_cancelling_what_waits(execution, worker):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    path = f"/api/jobs/{created['jobId']}"
    assert execution.request("DELETE", path).status == 200
    assert execution.request("DELETE", path).status == 200
    assert worker.claim(wait_ms=0) == []
    assert execution.get("/api/stats").json["waiting"] == 0


def test_cancelling_what_has_ended(execution, worker):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    [job] = worker.claim()
    worker.finish(job, report())
    answer = execution.request("DELETE", f"/api/jobs/{created['jobId']}")
    assert (answer.status, answer.json) == (409, {"error": "Job has already ended"})


# ---- liars ----

@pytest.mark.parametrize("token", ["", "wrong", "token-of-the-test", "token-of-the-testsX"])
def test_wrong_token(execution, token):
    execution.submit("print(1)")
    liar = FakeWorker(execution.port, token=token)
    answer = liar.post("claim", worker="liar", languages=["python"], slots=1)
    assert answer.status == 401 and "token" in answer.json["detail"]
    assert execution.get("/api/stats").json["active"] == 0


def test_no_token(execution):
    for route in ("claim", "heartbeat", "progress", "finish", "return"):
        answer = request(execution.port, "POST", f"/internal/v1/{route}", {"protocol": 1})
        assert answer.status == 401


@pytest.mark.parametrize("protocol", [0, 2, "1", None, 1.0])
def test_unknown_protocol(worker, protocol):
    answer = worker.post("claim", protocol=protocol, worker="x", languages=["python"], slots=1)
    assert answer.status == 426
    assert answer.json["protocols"] == [1]
    assert answer.headers["Upgrade"] == "arena-worker/1"


LIES = {
    "no report": {},
    "a report that is none": {"report": 3},
    "no verdict": {"report": {k: v for k, v in report().items() if k != "verdict"}},
    "a verdict that is none": {"report": report(verdict="great")},
    "an unknown field": {"report": report(bonus=1)},
    "more runs than tests": {"report": report(run(), run())},
    "no runs": {"report": {**report(), "runs": []}},
    "cancelled": {"report": report(verdict="cancelled")},
    "a figure that is none": {"report": report(run(cpu_us="fast"))},
    "output that is no base64": {"report": report(run(output={"base64": "!"}))},
}


@pytest.mark.parametrize("lie", LIES)
def test_malformed_reports(execution, worker, lie):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    answer = worker.post("finish", job=job["job"], lease=job["lease"], **LIES[lie])
    assert answer.status == 422, answer
    assert execution.get(f"/api/v1/submissions/{created['id']}").json["status"] == "running"
    assert "worker refused" in execution.log()
    assert worker.finish(job, report()).status == 200


def test_oversized_report(execution, worker):
    execution.submit("print(1)")
    [job] = worker.claim()
    try:
        status = worker.finish(job, report(run(output="x" * (17 << 20)))).status
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # it closed the door before all had gone through
    assert status == 413
    assert worker.finish(job, report()).status == 200


def test_a_lease_of_another_job(execution, worker):
    first, second = execution.submit("print(1)"), execution.submit("print(2)")
    jobs = {job["submission_id"]: job for job in worker.claim(slots=2)}
    mixed = {"job": jobs[first["id"]]["job"], "lease": jobs[second["id"]]["lease"]}
    assert worker.finish(mixed, report()).status == 409
    assert worker.give_back(mixed).status == 409
    assert execution.get(f"/api/v1/submissions/{first['id']}").json["status"] == "running"


def test_broken_messages(execution, worker):
    headers = {"Authorization": f"Bearer {worker.token}"}
    for body in (b"", b"{", b"[]", b'{"protocol": 1}', json.dumps({"protocol": 1, "session": "x" * 99}).encode()):
        for route in ("claim", "heartbeat", "progress", "finish", "return"):
            answer = request(execution.port, "POST", f"/internal/v1/{route}", body, headers)
            assert answer.status in (422, 426), (route, body, answer)
    for fields in ({"slots": 0}, {"slots": 10**9}, {"languages": "python"}, {"languages": [1]}, {"extra": 1}):
        answer = worker.post("claim", **{"worker": "x", "languages": ["python"], "slots": 1, **fields})
        assert answer.status == 422, (fields, answer)


def test_bytes_that_are_no_text(execution, worker):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    assert worker.finish(job, report(run(output={"base64": "AP9B"}))).status == 200
    assert execution.result(created["id"])["output"] == "\0\ufffdA"


# ---- readiness ----

def test_ready_follows_the_workers(execution):
    worker = FakeWorker(execution.port)
    worker.claim(wait_ms=0)
    ready = execution.get("/health/ready")
    assert (ready.status, ready.json["status"], ready.json["services"]["workers"]) == (200, "ready", 1)
    worker.leave()
    ready = execution.get("/health/ready")
    assert ready.status == 503
    assert ready.json["services"] == {"database": "connected", "queue": "connected", "workers": 0}
    assert ready.json["status"] == "unavailable" and "worker" in ready.json["detail"]


def test_a_silent_worker_is_not_counted_for_long(execution):
    FakeWorker(execution.port).claim(wait_ms=0)
    wait_for(lambda: execution.get("/health/ready").json["services"]["workers"] == 0)


# ---- a service that is killed ----

@pytest.mark.skipif(not POSTGRES, reason="the workers of SQLite's one service are taken to end with it")
def test_a_lease_outlives_the_service_where_others_may_go_on(make_service):
    service = make_service("execution").start()
    worker = FakeWorker(service.port)
    created = service.submit("print(1)")["id"]
    jobs = worker.claim(slots=2)
    service.kill()
    service.start()
    assert service.get(f"/api/v1/submissions/{created}").json["status"] == "running"
    assert worker.beat(jobs) == []
    assert worker.finish(jobs[0], report()).status == 200
    assert service.get(f"/api/v1/submissions/{created}").json["status"] == "completed"


@pytest.mark.skipif(bool(POSTGRES), reason="the service may be one of several there")
def test_killed_while_a_worker_holds_a_job(make_service):
    service = make_service("execution").start()
    worker = FakeWorker(service.port)
    created = [service.submit(f"print({i})")["id"] for i in range(3)]
    jobs = worker.claim(slots=2)
    service.kill()
    service.start()
    # What was acknowledged is there, what was running waits again, and the attempt does not count.
    for submission_id in created:
        assert service.get(f"/api/v1/submissions/{submission_id}").json["status"] == "pending"
    assert sorted(worker.beat(jobs)) == sorted(job["lease"] for job in jobs)
    assert worker.finish(jobs[0], report()).status == 409
    again = worker.claim(slots=3)
    assert sorted(job["submission_id"] for job in again) == created
    assert all(job["attempt"] == 1 for job in again)


# ---- what is refused is logged ----

def refusals(execution):
    lines = [json.loads(line) for line in execution.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] in ("worker refused", "stale lease")]


LIARS = {
    "wrong token": (401, lambda service, worker, job: FakeWorker(service.port, token="wrong").claim_raw()),
    "wrong protocol": (426, lambda service, worker, job: worker.post("claim", protocol=7, worker="x", slots=1)),
    "another's lease": (409, lambda service, worker, job: worker.finish({**job, "lease": "0" * 36}, report())),
    "another's progress": (409, lambda service, worker, job: worker.progress({**job, "lease": "0" * 36}, 0, 1)),
    "another's return": (409, lambda service, worker, job: worker.give_back({**job, "lease": "0" * 36})),
    "a job that is none": (409, lambda service, worker, job: worker.finish({**job, "job": 10**12}, report())),
    "an oversized progress": (422, lambda service, worker, job: worker.progress(job, 0, 1, output="x" * 70000)),
    "more tests done than there are": (422, lambda service, worker, job: worker.progress(job, 9, 1)),
    "an endless delay": (422, lambda service, worker, job: worker.give_back(job, delay_ms=10**12)),
}


@pytest.mark.parametrize("liar", LIARS)
def test_liars_change_nothing_and_are_logged(execution, worker, liar):
    status, lie = LIARS[liar]
    created = execution.submit("print(1)")
    [job] = worker.claim()
    before = len(refusals(execution))
    answer = lie(execution, worker, job)
    assert answer.status == status, answer
    wait_for(lambda: len(refusals(execution)) > before)
    assert refusals(execution)[-1]["peer"] == "127.0.0.1"
    got = execution.get(f"/api/v1/submissions/{created['id']}").json
    assert (got["status"], got["attempts"]) == ("running", 1)
    assert worker.finish(job, report()).status == 200
