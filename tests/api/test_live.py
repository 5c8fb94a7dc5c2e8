"""Live updates: the state now, every change, then the end; for submissions and jobs, as events and as messages."""
import os
import signal
import threading
import time

import pytest

from arena import wait_for
from fake_worker import FakeWorker, Later, report, run
from live_client import Events, Stream, WebSocket
from test_supervisor import family

pytestmark = pytest.mark.usefixtures("empty_queue")
KINDS = {"events": Events, "ws": WebSocket}
CASES = [{"input": str(i), "expected_output": str(i)} for i in range(3)]


@pytest.fixture
def worker(execution):
    worker = FakeWorker(execution.port)
    yield worker
    worker.leave()


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def watch(service, submission_id, kind, **options):
    stream = KINDS[kind](service.port, f"/api/v1/submissions/{submission_id}/{kind}", **options)
    assert stream.status == (200 if kind == "events" else 101), stream.head
    return stream


def data(update):
    assert update, "the stream has ended"
    return update[1]["data"]


def end_of(stream):
    assert stream.next() is None
    return True


def test_one_submission_from_its_creation_to_its_end(execution, worker, kind):
    created = execution.submit("print(1)")
    with watch(execution, created["id"], kind) as stream:
        first = stream.next()[1]
        assert (first["type"], first["submission_id"]) == ("execution_update", created["id"])
        assert (first["data"]["status"], first["data"]["output"], first["data"]["execution_time"]) == (
            "pending", None, None)
        [job] = worker.claim()
        assert data(stream.next())["status"] == "running"
        assert worker.progress(job, 0, 1, output="so f", output_cut=False).status == 200
        now = data(stream.next())
        assert (now["status"], now["output"], now["execution_time"]) == ("running", "so f", None)
        assert worker.progress(job, 0, 1, output="so far\n").status == 200
        assert data(stream.next())["output"] == "so far\n"
        assert worker.finish(job, report(run(output="so far\nand done\n"))).status == 200
        last = data(stream.next())
        assert (last["status"], last["verdict"], last["output"]) == ("completed", "ok", "so far\nand done\n")
        assert (last["execution_time"], last["memory_usage"], last["exit_code"]) == ("0.002s", "1.0MB", 0)
        assert end_of(stream)
        assert kind == "events" or stream.code == 1000


def test_a_job_of_the_queue_api(execution, worker, kind):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    path = f"/api/jobs/{created['jobId']}/{kind}"
    with KINDS[kind](execution.port, path) as stream:
        assert data(stream.next())["job_id"] == created["jobId"]
        [job] = worker.claim()
        assert data(stream.next())["status"] == "running"
        worker.finish(job, report())
        assert data(stream.next())["status"] == "completed"
        assert end_of(stream)
    with KINDS[kind](execution.port, path.replace(created["jobId"], "no-such-job")) as stream:
        assert stream.status == 404


def test_tests_one_by_one(execution, worker, kind):
    created = execution.submit("print(1)", test_cases=CASES)
    [job] = worker.claim()
    with watch(execution, created["id"], kind) as stream:
        assert data(stream.next())["tests"] is None
        worker.progress(job, 1, 3, verdicts=["accepted"])
        assert data(stream.next())["tests"] == {"done": 1, "total": 3, "passed": 1, "verdicts": ["accepted"]}
        worker.progress(job, 2, 3, verdicts=["accepted", "wrong_answer"])
        assert data(stream.next())["tests"]["passed"] == 1
        runs = [run(verdict=v) for v in ("accepted", "wrong_answer", "accepted")]
        worker.finish(job, report(*runs, verdict="wrong_answer"))
        last = data(stream.next())
        assert last["tests"] == {"done": 3, "total": 3, "passed": 2,
                                 "verdicts": ["accepted", "wrong_answer", "accepted"]}
        assert last["status"] == "completed" and end_of(stream)


def test_a_job_asked_for_test_by_test(execution, worker):
    """Without a stream: whoever says how many tests it knows of is answered when there are more."""
    tests = [{"input": str(n), "expectedOutput": str(n)} for n in range(3)]
    made = execution.post("/api/execute", {"code": "x", "language": "python", "testCases": tests}).json
    job = worker.claim()[0]
    where = f"/api/jobs/{made['jobId']}"

    assert execution.get(f"{where}?seen=x").status == 400
    first = Later(execution.get, f"{where}?wait=30&seen=0")
    worker.progress(job, 0, 3, output="not one yet")
    assert first.waits()
    worker.progress(job, 1, 3, verdicts=["accepted"])
    assert first.join().json["tests"] == {"done": 1, "total": 3, "passed": 1, "verdicts": ["accepted"]}
    assert execution.get(f"{where}?wait=30&seen=0").json["progress"] == 33
    second = Later(execution.get, f"{where}?wait=30&seen=1")
    worker.finish(job, report(*[run(verdict="accepted") for _ in range(3)]))
    ended = second.join().json
    assert ended["state"] == "completed" and "tests" not in ended


def test_what_has_ended_is_said_once(execution, worker, kind):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    worker.finish(job, report())
    with watch(execution, created["id"], kind) as stream:
        assert data(stream.next())["status"] == "completed"
        assert end_of(stream)


def test_a_job_that_is_taken_back_waits_again(execution, worker, kind):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    worker.progress(job, 0, 1, output="the first attempt's")
    with watch(execution, created["id"], kind) as stream:
        assert data(stream.next())["output"] == "the first attempt's"
        worker.give_back(job, count_attempt=False, reason="test")
        now = data(stream.next())
        assert (now["status"], now["output"]) == ("pending", None)
        [job] = worker.claim()
        now = data(stream.next())
        assert (now["status"], now["output"]) == ("running", None)
        worker.finish(job, report())
        assert data(stream.next())["status"] == "completed"


def test_a_cancelled_job(execution, worker, kind):
    created = execution.post("/api/execute", {"code": "x", "language": "py"}).json
    [job] = worker.claim()
    with KINDS[kind](execution.port, f"/api/jobs/{created['jobId']}/{kind}") as stream:
        assert data(stream.next())["status"] == "running"
        execution.request("DELETE", f"/api/jobs/{created['jobId']}")
        assert data(stream.next())["status"] == "cancelled"
        assert end_of(stream)
    assert worker.progress(job, 0, 1).status == 409


# ---- coming back ----

def test_events_go_on_where_they_were(execution, worker):
    created = execution.submit("print(1)")
    with watch(execution, created["id"], "events") as stream:
        pending_id, _ = stream.next()
    [job] = worker.claim()
    with watch(execution, created["id"], "events", last_id=pending_id) as stream:
        running_id, update = stream.next()
        assert update["data"]["status"] == "running"
    with watch(execution, created["id"], "events", last_id=running_id) as stream:
        worker.progress(job, 0, 1, output="new")
        assert data(stream.next())["output"] == "new"  # the running that it knew was not said again
    worker.finish(job, report())
    with watch(execution, created["id"], "events", last_id=running_id) as stream:
        last_id, update = stream.next()
        assert update["data"]["status"] == "completed" and end_of(stream)
    with Events(execution.port, f"/api/v1/submissions/{created['id']}/events", last_id=last_id) as stream:
        assert stream.status == 204
    with watch(execution, created["id"], "events", last_id="something else") as stream:
        assert data(stream.next())["status"] == "completed"


def test_messages_go_on_where_they_were(execution, worker):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    with watch(execution, created["id"], "events") as stream:
        running_id, _ = stream.next()
    with watch(execution, created["id"], "ws", last_id=running_id) as stream:
        worker.finish(job, report())
        assert data(stream.next())["status"] == "completed"
    with watch(execution, created["id"], "events") as stream:
        last_id, _ = stream.next()
    with watch(execution, created["id"], "ws", last_id=last_id) as stream:
        assert end_of(stream) and stream.code == 1000


def test_an_end_that_was_executed_again_is_another(execution, worker):
    created = execution.submit("print(1)")
    ids = []
    for _ in range(2):
        [job] = worker.claim()
        worker.finish(job, report(run(verdict="runtime_error", exit_code=1), verdict="runtime_error"))
        with watch(execution, created["id"], "events") as stream:
            ids.append(stream.next()[0])
        execution.post(f"/api/v1/submissions/{created['id']}/execute")
    assert ids[0] != ids[1]
    [job] = worker.claim()
    worker.finish(job, report())


def test_a_service_that_is_killed(make_service):
    service = make_service("execution").start()
    created = service.submit("print(1)")
    stream = watch(service, created["id"], "events")
    pending_id, _ = stream.next()
    service.kill()
    assert stream.next() is None
    service.start()
    worker = FakeWorker(service.port)
    with watch(service, created["id"], "events", last_id=pending_id) as stream:
        [job] = worker.claim()
        assert data(stream.next())["status"] == "running"
        worker.finish(job, report())
        assert data(stream.next())["status"] == "completed" and end_of(stream)


def test_a_service_that_stops_says_so(make_service):
    service = make_service("execution").start()
    created = service.submit("print(1)")
    with watch(service, created["id"], "ws") as socket, watch(service, created["id"], "events") as events:
        socket.next(), events.next()
        stopping = threading.Thread(target=service.terminate)
        stopping.start()
        assert end_of(events) and end_of(socket) and socket.code == 1001
        stopping.join()


# ---- many, slow, gone ----

def test_many_watch_one(execution, worker):
    created = execution.submit("print(1)")
    streams = [watch(execution, created["id"], kind) for kind in KINDS for _ in range(50)]
    assert all(data(stream.next())["status"] == "pending" for stream in streams)
    [job] = worker.claim()
    assert all(data(stream.next())["status"] == "running" for stream in streams)
    worker.finish(job, report())
    for stream in streams:
        assert data(stream.next())["status"] == "completed" and end_of(stream)
        stream.close()


def test_a_slow_reader_gets_the_state_as_it_is_then(execution, worker, kind):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    with watch(execution, created["id"], kind, receive_buffer=4096) as stream:
        for i in range(60):
            worker.beat([job])
            assert worker.progress(job, 0, 1, output=f"{i:02}" + "x" * 65000).status == 200
            time.sleep(0.02)
        worker.finish(job, report(run(output="the end")))
        seen = []
        while update := stream.next():
            seen.append(data(update))
        assert len(seen) < 30
        assert (seen[-1]["status"], seen[-1]["output"]) == ("completed", "the end")


def test_who_goes_away_frees_what_it_held(execution):
    def sockets():
        return len(os.listdir(f"/proc/{execution.process.pid}/fd"))

    created = execution.submit("print(1)")
    before = sockets()
    streams = [watch(execution, created["id"], kind) for kind in KINDS for _ in range(20)]
    assert sockets() >= before + 30
    for stream in streams:
        stream.close()
    wait_for(lambda: sockets() <= before + 5)


def test_large_texts_are_cut(execution, worker, kind):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    with watch(execution, created["id"], kind) as stream:
        stream.next()
        worker.finish(job, report(run(output="\x01" * 1000000, error_output="\x02" * 1000000)))
        last = data(stream.next())
        assert last["output_truncated"] and 10000 < len(last["output"]) <= 65536
        assert end_of(stream)
    assert len(execution.result(created["id"])["output"]) == 1000000


def test_half_a_character_waits_for_the_other_half(execution, worker):
    created = execution.submit("print(1)")
    [job] = worker.claim()
    with watch(execution, created["id"], "events") as stream:
        stream.next()
        worker.progress(job, 0, 1, output={"base64": "w6TD"})  # one and a half of them
        assert data(stream.next())["output"] == "ä"
        worker.finish(job, report())


# ---- refusals ----

def test_what_is_not_there(execution):
    for kind, client in KINDS.items():
        for wrong in ("999999999", "x"):
            with client(execution.port, f"/api/v1/submissions/{wrong}/{kind}") as stream:
                assert stream.status in (404, 422)


def test_a_plain_get_of_a_websocket(execution):
    created = execution.submit("print(1)")
    with Stream(execution.port, f"/api/v1/submissions/{created['id']}/ws") as stream:
        assert stream.status in (400, 426)


@pytest.mark.parametrize("lie", [{"done": 2}, {"total": 0}, {"verdicts": ["great"]}, {"verdicts": ["ok", "ok"]},
                                 {"output": "x" * 65537}, {"output": 3}, {"extra": 1}, {"verdicts": "ok"}])
def test_progress_that_cannot_be(execution, worker, lie):
    execution.submit("print(1)")
    [job] = worker.claim()
    told = {"done": 1, "total": 1, **lie}
    assert worker.progress(job, told.pop("done"), told.pop("total"), **told).status == 422
    worker.finish(job, report())


# ---- the whole way: from the box to the client ----

SLOWLY = """
import sys, time
for i in range(6):
    print("line", i, flush=True)
    time.sleep(0.3)
"""


def test_output_while_it_is_written(serve, kind):
    created = serve.submit(SLOWLY)
    with watch(serve, created["id"], kind) as stream:
        seen = []
        while update := stream.next():
            seen.append(data(update))
    whole = "".join(f"line {i}\n" for i in range(6))
    partial = [each["output"] for each in seen if each["status"] == "running" and each["output"]]
    assert len(partial) >= 2 and all(whole.startswith(each) for each in partial)
    assert partial == sorted(partial, key=len) and len(partial[0]) < len(whole)
    assert (seen[-1]["status"], seen[-1]["output"]) == ("completed", whole)


def test_only_the_first_64_kb_live(serve):
    created = serve.submit("import time\nprint('x' * 200000, flush=True)\ntime.sleep(1)")
    with watch(serve, created["id"], "events") as stream:
        seen = []
        while update := stream.next():
            seen.append(data(update))
    [live] = [each for each in seen if each["status"] == "running" and each["output"]]
    assert len(live["output"]) == 65536 and live["output_truncated"]
    assert len(serve.result(created["id"])["output"]) == 200001


def test_tests_that_run_show_their_output_and_hidden_ones_nothing(serve):
    code = "import time\nprint('secret of', input(), flush=True)\ntime.sleep(0.8)\nprint('end')"
    tests = [{"input": str(i), "answer": f"secret of {i} end", "hidden": i == 1} for i in range(3)]
    created = serve.submit(code, judge={"tests": tests})
    with watch(serve, created["id"], "events") as stream:
        seen = []
        while update := stream.next():
            seen.append(data(update))
    outputs = {each["output"] for each in seen if each["status"] == "running" and each["output"]}
    assert "secret of 0\n" in outputs and "secret of 2\n" in outputs
    assert not any("secret of 1" in each for each in outputs)
    assert [1, 2] == sorted({each["tests"]["done"] for each in seen if each["tests"]} - {0, 3})
    assert seen[-1]["tests"]["verdicts"] == ["accepted"] * 3


def test_a_worker_that_is_killed_in_mid_stream(make_service):
    service = make_service("serve", LANES=1, QUEUE_LEASE=2).start()
    time.sleep(5)  # a worker that dies young ends everything, and rightly
    created = service.submit(SLOWLY.replace("0.3", "0.5"))
    with watch(service, created["id"], "events", timeout=60) as stream:
        while not data(stream.next())["output"]:
            pass
        os.kill(family(service)["arena-worker"], signal.SIGKILL)
        seen = []
        while update := stream.next():
            seen.append(data(update))
    # The moment between the two workers may be too short to be seen.
    assert {each["status"] for each in seen} <= {"pending", "running", "completed"}
    again = [each for each in seen if each["status"] == "running" and each["attempts"] == 2]
    assert again[0]["output"] is None
    assert seen[-1]["status"] == "completed" and seen[-1]["output"].endswith("line 5\n")
