"""Jobs that no worker could finish: listed, shown, and put into the queue again, over HTTP and by `arena admin jobs`."""
import json
import subprocess

from arena import BINARY
from fake_worker import FakeWorker, report


def admin(service, *words):
    done = subprocess.run([BINARY, "admin", "jobs", *words, "--service", f"http://127.0.0.1:{service.port}"],
                          env=service.environment, cwd=service.folder, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def die(service, worker):
    created = service.submit("print(1)")["id"]
    job, = worker.claim()
    assert worker.give_back(job, reason="no disk").status == 200
    assert service.get(f"/api/v1/submissions/{created}").json["verdict"] == "judge_error"
    return created


def test_from_death_to_a_second_life(make_service):
    service = make_service("execution", QUEUE_ATTEMPTS=1).start()
    worker = FakeWorker(service.port)
    first, second = die(service, worker), die(service, worker)

    status, out, _ = admin(service, "list", "--json")
    letters = json.loads(out)
    assert status == 0 and [letter["submission_id"] for letter in letters] == [first, second]
    assert letters[0]["language"] == "python" and letters[0]["attempts"] == 1 and letters[0]["reason"]
    assert str(second) in admin(service, "list")[1]
    assert json.loads(admin(service, "show", str(first))[1]) == letters[0]

    status, out, _ = admin(service, "requeue", str(second))
    assert status == 0 and "waits again" in out
    job, = worker.claim()
    assert job["submission_id"] == second and job["attempt"] == 1
    assert worker.finish(job, report()).status == 200
    assert service.result(second)["status"] == "completed"

    assert admin(service, "requeue", "--all")[0] == 0
    assert worker.claim()[0]["submission_id"] == first
    assert json.loads(admin(service, "list", "--json")[1]) == []
    worker.leave()


def test_what_is_not_there(execution):
    status, _, err = admin(execution, "show", "999999")
    assert status == 1 and "Dead letter not found" in err
    assert admin(execution, "requeue")[0] == 2
    assert admin(execution, "requeue", "one")[0] == 2
    assert admin(execution, "bury")[0] == 2
