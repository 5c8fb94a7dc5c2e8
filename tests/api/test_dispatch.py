"""Workers that wait, and who gets what comes."""
import json
import socket

import pytest

from arena import TOKEN, wait_for
from fake_worker import FakeWorker, Later, report, run

pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture
def workers(execution):
    made = []

    def make(*languages):
        made.append(FakeWorker(execution.port, languages=languages))
        return made[-1]

    yield make
    for worker in made:
        worker.leave()


def submit(execution, *languages):
    return [execution.submit("x", language=language)["id"] for language in languages]


def test_each_gets_what_it_can_do(execution, workers):
    made = [workers(*languages) for languages in (("c",), ("python",), ("go", "c"))]
    waiting = [Later(worker.claim, slots=2) for worker in made]
    assert all(claim.waits() for claim in waiting)
    for language, index in (("go", 2), ("python", 1), ("c", 0)):
        [mine] = submit(execution, language)
        [job] = waiting[index].join()
        assert (job["submission_id"], job["attempt"]) == (mine, 1)
        assert made[index].finish(job, report(run())).status == 200
        assert all(claim.waits(0.1) for claim in waiting[:index])


def test_they_share_what_there_is(execution, workers):
    claims = [(worker, Later(worker.claim, slots=4)) for worker in (workers("python") for _ in range(5))]
    assert all(claim.waits(0.1) for _, claim in claims)
    body = {"submissions": [{"code": "x", "language": "python", "user_id": user} for user in range(5)]}
    created = execution.post("/api/v1/submissions/batch", body)
    assert created.status in (200, 201), created
    done = []
    for worker, claim in claims:
        [job] = claim.join()  # one each, though each would have taken four
        assert worker.finish(job, report(run())).status == 200
        done.append(job["submission_id"])
    assert len(set(done)) == 5
    for submission_id in done:
        assert execution.result(submission_id)["status"] == "completed"


def test_many_results_at_once(execution, workers):
    worker = workers("python")
    ids = submit(execution, *["python"] * 24)
    jobs = worker.claim(slots=24)
    assert sorted(job["submission_id"] for job in jobs) == sorted(ids)
    misfit = report(run(), run())
    answers = [Later(worker.finish, job, misfit if i % 6 == 5 else report(run(output=f"{i}\n")))
               for i, job in enumerate(jobs)]
    again = [Later(worker.finish, job, report(run(output="again\n"))) for job in jobs[:3]]
    statuses = [answer.join().status for answer in answers]
    assert all(status == 422 for status in statuses[5::6])
    for i, job in enumerate(jobs):
        if i % 6 == 5:
            assert worker.finish(job, report(run(output=f"{i}\n"))).status == 200
        elif i < 3:  # one of the two
            assert sorted((statuses[i], again[i].join().status)) == [200, 409]
        else:
            assert statuses[i] == 200
        output = execution.result(job["submission_id"])["output"]
        assert output == f"{i}\n" or (i < 3 and output == "again\n")


def test_who_is_gone_gets_nothing(execution, workers):
    message = {"protocol": 1, "worker": "gone", "languages": ["python"], "arch": "x86_64", "slots": 1,
               "wait_ms": 20000, "session": "6c1c2a34-6b4e-4bb6-9d0f-2a2f4e5c0d11"}
    body = json.dumps(message)
    with socket.create_connection(("127.0.0.1", execution.port)) as gone:
        gone.sendall((f"POST /internal/v1/claim HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                      f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        wait_for(lambda: message["session"] in execution.log())
    [mine] = submit(execution, "python")
    worker = workers("python")
    [job] = worker.claim(wait_ms=10000)
    assert (job["submission_id"], job["attempt"]) == (mine, 1)
    assert worker.finish(job, report(run())).status == 200
