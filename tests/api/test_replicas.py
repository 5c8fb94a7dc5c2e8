"""Several services on one PostgreSQL, and a PostgreSQL that goes away and comes back."""
import signal
import sys
import time

import pytest

from arena import ROOT, wait_for
from fake_worker import FakeWorker, Later, report
from live_client import Events

sys.path.insert(0, str(ROOT / "tests"))
from postgres import Postgres  # noqa: E402 (its folder is not a package)

HELLO = {"code": "print(1)", "language": "python", "user_id": 1}


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        yield server


@pytest.fixture
def replicas(postgres, make_service):
    url = postgres.new_schema()
    made = [make_service("execution", DATABASE_URL=url, QUEUE_LEASE="4") for _ in range(2)]
    for each in made:  # both at once: one migrates, the other waits for it
        each.launch()
    for each in made:
        assert each.process.stdout.readline().startswith("ready"), each.log()
    return made


def test_one_takes_it_another_runs_it_and_who_waits_is_woken(replicas):
    here, there = replicas
    worker = FakeWorker(there.port)
    claiming = Later(worker.claim, slots=1, wait_ms=20000)
    assert claiming.waits()
    created = here.submit(**HELLO)
    jobs = claiming.join()
    assert [job["submission_id"] for job in jobs] == [created["id"]]
    waiting = Later(here.get, f"/api/v1/submissions/{created['id']}?wait=30")
    assert waiting.waits()
    began = time.monotonic()
    assert worker.finish(jobs[0], report()).status == 200
    assert waiting.join().json["status"] == "completed"
    assert time.monotonic() - began < 20  # by the wake, not by the end of its wait
    worker.leave()


def test_cancelled_here_while_it_runs_there(replicas):
    here, there = replicas
    worker = FakeWorker(there.port)
    queued = here.post("/api/execute", {"code": "print(1)", "language": "python"}).json
    jobs = worker.claim(slots=1, wait_ms=5000)
    assert len(jobs) == 1
    beating = Later(worker.beat, jobs, wait_ms=20000)
    assert beating.waits()
    assert here.request("DELETE", f"/api/jobs/{queued['jobId']}").status == 200
    assert beating.join() == [jobs[0]["lease"]]
    assert worker.finish(jobs[0], report()).status == 409
    worker.leave()


def test_a_worker_goes_on_at_another_replica(replicas):
    here, there = replicas
    worker = FakeWorker(there.port)
    created = here.submit(**HELLO)
    jobs = worker.claim(slots=1, wait_ms=5000)
    there.kill()
    worker.port = here.port
    assert worker.beat(jobs) == []
    assert worker.finish(jobs[0], report()).status == 200
    assert here.result(created["id"])["status"] == "completed"
    worker.leave()


def test_what_a_dead_worker_held_is_reaped_by_whoever_is_there(replicas):
    here, there = replicas
    lost, other = FakeWorker(there.port), FakeWorker(here.port)
    created = here.submit(**HELLO)
    assert len(lost.claim(slots=1, wait_ms=5000)) == 1
    there.kill()
    again = wait_for(lambda: other.claim(slots=1, wait_ms=1000), timeout=30)
    assert again[0]["submission_id"] == created["id"] and again[0]["attempt"] == 2
    assert other.finish(again[0], report()).status == 200
    other.leave()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_database_that_is_restarted(postgres, make_service, how):
    service = make_service("execution", DATABASE_URL=postgres.new_schema(), QUEUE_LEASE="4").start()
    worker = FakeWorker(service.port)
    acknowledged = [service.submit(**HELLO)["id"] for _ in range(3)]
    jobs = worker.claim(slots=1, wait_ms=5000)
    postgres.stop(how)
    refused = service.post("/api/v1/submissions/", HELLO)
    assert refused.status == 503 and refused.headers["Retry-After"], refused
    assert service.get("/health").status == 200
    assert service.get("/health/ready").status == 503
    postgres.start()

    def submit():
        answer = service.post("/api/v1/submissions/", HELLO)
        return answer.json["id"] if answer.status == 201 else None

    acknowledged.append(wait_for(submit))
    done = wait_for(lambda: worker.finish(jobs[0], report()).status in (200, 409))
    while jobs := worker.claim(slots=4, wait_ms=8000):
        for job in jobs:
            assert worker.finish(job, report()).status == 200
        if all(service.get(f"/api/v1/submissions/{each}").json["status"] == "completed" for each in acknowledged):
            break
    assert done
    for each in acknowledged:
        assert service.result(each)["status"] == "completed"
    assert "a-secret" not in service.log()
    worker.leave()


def test_watched_here_while_it_runs_there(replicas):
    here, there = replicas
    worker = FakeWorker(there.port)
    created = here.submit(**HELLO)
    with Events(here.port, f"/api/v1/submissions/{created['id']}/events") as stream:
        assert stream.next()[1]["data"]["status"] == "pending"
        [job] = worker.claim(slots=1, wait_ms=5000)
        assert stream.next()[1]["data"]["status"] == "running"
        assert worker.progress(job, 0, 1, output="so far").status == 200
        last_id, update = stream.next()
        assert update["data"]["output"] == "so far"
    here.kill()
    with Events(there.port, f"/api/v1/submissions/{created['id']}/events", last_id=last_id) as stream:
        worker.finish(job, report())
        assert stream.next()[1]["data"]["status"] == "completed"
    worker.leave()


def test_a_replica_is_ready_with_the_workers_of_another(replicas):
    here, there = replicas
    assert here.get("/health/ready").status == 503
    worker = FakeWorker(there.port)
    worker.beat([])
    for each in replicas:
        answer = each.get("/health/ready")
        assert (answer.status, answer.json["services"]["workers"]) == (200, 1), answer
    worker.leave()
    wait_for(lambda: here.get("/health/ready").status == 503)
