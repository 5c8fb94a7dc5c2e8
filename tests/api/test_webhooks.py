"""Webhooks, from the result to receivers that behave and that do not."""
import re
import sqlite3
import time

import pytest

from arena import POSTGRES, psql, wait_for
from fake_worker import FakeWorker, report, run
from receiver import Receiver, answer, huge, redirect, silence, statuses

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HELLO = {"code": "print(1)", "language": "python", "user_id": 456, "external_id": "mine"}


@pytest.fixture
def backend():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def start(make_service):
    """An execution service whose worker is the test; private receivers are allowed unless the test says no."""
    def make(**environment):
        environment = {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_RETRIES": "1,1,1", "WEBHOOK_TIMEOUT": "1500",
                       "QUEUE_LEASE": "5", **environment}
        return make_service("execution", **environment).start()
    return make


def finish(service, submission=None, **fields):
    """Has a submission run by a worker of ours."""
    made = submission or service.submit(**{**HELLO, "external_id": None, **fields})
    worker = FakeWorker(service.port)
    job = worker.claim()[0]
    assert job["submission_id"] == made["id"]
    assert worker.finish(job, report(run(output="Hello, World!", wall_us=45000, memory_bytes=8598323))).status == 200
    return made["id"]


def delivery_of(service, submission_id):
    found = service.get(f"/api/v1/webhooks?submission_id={submission_id}").json
    assert len(found) == 1, found
    return service.get(f"/api/v1/webhooks/{found[0]['delivery_id']}").json


def wait_for_end(service, submission_id, timeout=30):
    return wait_for(lambda: (d := delivery_of(service, submission_id))["status"] != "pending" and d, timeout)


def sql(service, statement):
    """Straight to the database; the rows."""
    if POSTGRES:
        return psql(service.environment["DATABASE_URL"], statement)
    with sqlite3.connect(f"{service.folder}/data/execution.db") as database:
        return [["" if each is None else str(each) for each in row] for row in database.execute(statement)]


# ---- what arrives ----


def test_the_backend_is_told(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url + "/", BACKEND_WEBHOOK_SECRET=SECRET)
    made = service.post("/api/v1/submissions", HELLO, {"X-Request-Id": "from-the-client"}).json
    finish(service, made)
    got = backend.wait()
    assert got.path == "/api/webhooks/code-execution/"
    assert got.headers["user-agent"] == "CodeExecutionService/1.0"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-request-id"] == "from-the-client"
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", got.headers["traceparent"])
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    assert got.is_signed_with(SECRET)

    body = got.json
    assert list(body)[:9] == ["submission_id", "user_id", "contest_id", "status", "output", "error_output",
                              "execution_time", "memory_usage", "completed_at"]
    shown = service.get(f"/api/v1/submissions/{made['id']}").json
    assert body.pop("submission_id") == made["id"]
    delivery = body.pop("delivery_id")
    assert body == {name: shown[name] for name in body}
    assert body["output"] == "Hello, World!" and body["execution_time"] == "0.045s" and body["memory_usage"] == "8.2MB"
    assert (body["user_id"], body["external_id"], body["verdict"]) == (456, "mine", "ok")

    ended = wait_for_end(service, made["id"])
    assert (ended["delivery_id"], ended["status"], ended["attempts"]) == (delivery, "delivered", 1)
    assert ended["webhook_id"] == got.headers["webhook-id"]
    shown = service.get(f"/api/v1/submissions/{made['id']}").json
    assert (shown["webhook_sent"], shown["webhook_response"]) == (True, "Success: 200")
    assert '"request_id":"from-the-client"' in service.log().split('"event":"webhook"')[0].splitlines()[-1]


def test_tests_are_told_too(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url)
    made = service.submit("1", test_cases=[{"input": "a", "expected_output": "b"}])
    worker = FakeWorker(service.port)
    job = worker.claim()[0]
    worker.finish(job, report(run("wrong_answer", output="c"), verdict="wrong_answer"))
    got = backend.wait().json
    assert (got["status"], got["verdict"]) == ("completed", "wrong_answer")
    assert got["test_results"] == service.get(f"/api/v1/submissions/{made['id']}").json["test_results"]


def test_without_a_secret_nothing_is_signed(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url)
    finish(service)
    assert backend.wait().is_unsigned()
    assert "not signed" in service.log()


@pytest.mark.parametrize("variable", ["BACKEND_WEBHOOK_SECRET", "CODE_EXECUTION_WEBHOOK_SECRET"])
def test_the_first_of_several_secrets_signs(start, backend, variable):
    service = start(BACKEND_SERVICE_URL=backend.url, **{variable: "new, old"})
    finish(service)
    assert backend.wait().is_signed_with("new")


def test_a_submission_s_own_url_and_secret(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url, BACKEND_WEBHOOK_SECRET="the-backend-s")
    with Receiver() as own, Receiver() as plain:
        finish(service, webhook_url=own.url + "/hook?a=b", webhook_secret="theirs")
        finish(service, webhook_url=plain.url + "/")
        assert own.wait().path == "/hook?a=b"
        assert own.wait().is_signed_with("theirs")
        assert plain.wait().is_unsigned()
    finish(service)
    assert backend.wait().is_signed_with("the-backend-s")
    assert len(backend.deliveries) == 1


def test_jobs_of_the_queue_api_only_where_asked_for(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url)
    worker = FakeWorker(service.port)
    with Receiver() as own:
        for fields in ({}, {"webhook_url": own.url, "webhook_secret": "s"}):
            assert service.post("/api/execute", {"code": "1", "language": "python", **fields}).status == 202
            assert worker.finish(worker.claim()[0], report()).status == 200
        assert own.wait().is_signed_with("s")
    assert not backend.deliveries
    assert len(service.get("/api/v1/webhooks").json) == 1


def test_a_cancelled_one_and_one_that_is_run_again(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url)
    made = service.submit("1")
    assert service.request("DELETE", f"/api/jobs/{made['job_id']}").status == 200
    assert backend.wait().json["status"] == "cancelled"
    made = service.submit("1")
    worker = FakeWorker(service.port)
    worker.finish(worker.claim()[0], report(run("runtime_error", exit_code=3), verdict="runtime_error"))
    assert backend.wait(2).json["status"] == "error"
    assert service.post(f"/api/v1/submissions/{made['id']}/execute").status == 200
    worker.finish(worker.claim()[0], report())
    assert backend.wait(3).json["status"] == "completed"
    assert len({each.headers["webhook-id"] for each in backend.deliveries}) == 3


# ---- receivers that misbehave ----


def test_it_is_tried_again_until_it_is_taken(start):
    with Receiver(statuses(500, 404, 204)) as backend:
        service = start(BACKEND_SERVICE_URL=backend.url, BACKEND_WEBHOOK_SECRET="s")
        made = finish(service)
        backend.wait()
        wait_for(lambda: service.get(f"/api/v1/submissions/{made}").json["webhook_response"] == "Error: HTTP 500")
        ended = wait_for_end(service, made)
        assert ended["status"] == "delivered" and ended["attempts"] == 3
        assert [each["http_status"] for each in ended["log"]] == [500, 404, 204]
        assert [each["response"] for each in ended["log"]] == ["Error: HTTP 500", "Error: HTTP 404", "Success: 204"]
        first, second, third = backend.deliveries
        assert first.body == second.body == third.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == third.headers["webhook-id"]
        assert second.at - first.at > 0.85 and third.at - second.at > 0.85
        assert third.is_signed_with("s")


def test_it_dies_after_its_last_attempt_and_is_replayed(start):
    with Receiver(statuses(500, 500, 500, 500, 200)) as backend:
        service = start(BACKEND_SERVICE_URL=backend.url)
        made = finish(service)
        dead = wait_for_end(service, made)
        assert (dead["status"], dead["attempts"], dead["next_attempt_at"]) == ("dead", 4, None)
        assert [each["delivery_id"] for each in service.get("/api/v1/webhooks?status=dead").json] == [dead["delivery_id"]]
        assert service.get("/api/v1/webhooks?status=delivered").json == []
        wait_for(lambda: "arena_webhooks_dead 1" in service.get("/metrics").body.decode())
        replayed = service.post(f"/api/v1/webhooks/{dead['delivery_id']}/replay")
        assert replayed.status == 200
        assert replayed.json == {"message": "Webhook queued again", "delivery_id": dead["delivery_id"]}
        ended = wait_for_end(service, made)
        assert (ended["status"], ended["attempts"], len(ended["log"])) == ("delivered", 1, 5)
        assert backend.deliveries[4].body == backend.deliveries[0].body
        assert backend.deliveries[4].headers["webhook-id"] == backend.deliveries[0].headers["webhook-id"]
        assert service.get(f"/api/v1/submissions/{made}").json["webhook_sent"] is True


def test_a_receiver_says_when(start):
    """Retry-After counts for what was refused, and for whatever else waits for that receiver."""
    def busy_at_first(receiver, connection, number):
        connection.sendall(answer(429, b"Retry-After: 3\r\n") if number == 0 else answer(200))

    with Receiver(busy_at_first) as backend, Receiver() as other:
        service = start(BACKEND_SERVICE_URL=backend.url, WEBHOOK_RETRIES="1", WEBHOOK_AT_ONCE="1")
        refused = finish(service)
        wait_for(lambda: service.get(f"/api/v1/submissions/{refused}").json["webhook_response"] == "Error: HTTP 429")
        waiting = finish(service)
        finish(service, webhook_url=other.url)
        other.wait()
        assert len(backend.deliveries) == 1
        for each in (refused, waiting):
            assert wait_for_end(service, each)["status"] == "delivered"
        assert backend.deliveries[1].at - backend.deliveries[0].at >= 2.9
        assert delivery_of(service, waiting)["attempts"] == 1


def test_gone_stops_it_at_once(start):
    with Receiver(statuses(410)) as backend:
        service = start(BACKEND_SERVICE_URL=backend.url)
        ended = wait_for_end(service, finish(service))
        assert (ended["status"], ended["attempts"], ended["response"]) == ("dead", 1, "Error: HTTP 410")


def test_redirects_are_not_followed(start):
    with Receiver() as elsewhere, Receiver(redirect(elsewhere.url)) as backend:
        service = start(BACKEND_SERVICE_URL=backend.url, WEBHOOK_RETRIES="1")
        ended = wait_for_end(service, finish(service))
        assert (ended["status"], ended["response"]) == ("dead", "Error: HTTP 302")
        assert not elsewhere.deliveries


def test_a_huge_answer_is_not_read(start):
    with Receiver(huge) as backend:
        service = start(BACKEND_SERVICE_URL=backend.url)
        ended = wait_for_end(service, finish(service))
        assert (ended["status"], ended["response"]) == ("delivered", "Success: 200")


def test_silence_is_a_timeout(start):
    with Receiver(silence) as backend:
        service = start(BACKEND_SERVICE_URL=backend.url, WEBHOOK_RETRIES="1")
        made = finish(service)
        ended = wait_for_end(service, made)
        assert (ended["status"], ended["attempts"], ended["response"]) == ("dead", 2, "Error: Webhook timeout")
        assert service.get(f"/api/v1/submissions/{made}").json["webhook_response"] == "Error: Webhook timeout"


def test_nobody_listens(start):
    with Receiver() as gone:
        url = gone.url
    service = start(BACKEND_SERVICE_URL=url, WEBHOOK_RETRIES="1")
    ended = wait_for_end(service, finish(service))
    assert ended["status"] == "dead" and ended["response"].startswith("Error: ") and "connect" in ended["response"]
    assert [each["http_status"] for each in ended["log"]] == [None, None]


def test_one_silent_receiver_delays_nobody(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url, WEBHOOK_TIMEOUT="10000", WEBHOOK_AT_ONCE="2")
    with Receiver(silence) as silent:
        waiting = [finish(service, webhook_url=silent.url) for _ in range(30)]
        silent.wait(2)
        for _ in range(10):
            finish(service)
        backend.wait(10)
        assert silent.most_open <= 2
        assert delivery_of(service, waiting[0])["status"] == "pending"


# ---- where it does not go ----


def test_no_private_addresses(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url, WEBHOOK_ALLOW_PRIVATE="false")
    for url in ("http://127.0.0.1:1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/",
                "http://169.254.169.254/latest", "http://user@example.org/", "ftp://example.org/", "/hook"):
        answer = service.post("/api/v1/submissions", {**HELLO, "webhook_url": url})
        assert answer.status == 422, url
        assert answer.json["detail"][0]["loc"] == ["body", "webhook_url"], answer
    with Receiver() as trap:  # what its name hides is seen when it is connected to
        made = finish(service, webhook_url=f"http://localhost:{trap.port}/")
        ended = wait_for_end(service, made)
        assert ended["status"] == "dead" and "is loopback" in ended["response"]
        assert not trap.deliveries
    finish(service)  # the backend's own address is the exception
    assert backend.wait().path == "/api/webhooks/code-execution/"
    finish(service, webhook_url=backend.url + "/other")
    assert backend.wait(2).path == "/other"


@pytest.mark.parametrize("fields", [{"webhook_url": "http://example.org/", "webhook_secret": "whsec_!"},
                                    {"webhook_secret": "for nothing"}])
def test_bad_secrets_are_refused(start, fields):
    answer = start().post("/api/v1/submissions", {**HELLO, **fields})
    assert answer.status == 422 and answer.json["detail"][0]["loc"] == ["body", "webhook_secret"]


def test_a_configuration_that_cannot_be_right_stops_the_start(make_service):
    for environment in ({"BACKEND_SERVICE_URL": "http://user@host/"}, {"WEBHOOK_RETRIES": "soon"},
                        {"BACKEND_SERVICE_URL": "http://host", "BACKEND_WEBHOOK_SECRET": "whsec_???"}):
        service = make_service("execution", **environment).launch()
        assert service.process.wait(20) != 0
        assert "BACKEND_" in service.log() or "WEBHOOK_" in service.log()
        service.process.stdout.close()


def test_unknown_deliveries(start):
    service = start()
    assert service.get("/api/v1/webhooks/1").status == 404
    answer = service.post("/api/v1/webhooks/1/replay")
    assert (answer.status, answer.json) == (404, {"detail": "Delivery not found"})
    assert service.get("/api/v1/webhooks/x").status == 422
    assert service.get("/api/v1/webhooks?status=lost").status == 422


# ---- forgetting ----


def test_what_ended_long_ago_is_forgotten(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url, WEBHOOK_KEEP="7")
    made = [finish(service) for _ in range(3)]
    deliveries = [wait_for_end(service, each)["delivery_id"] for each in made]
    assert service.terminate()[0] == 0
    now, day = int(time.time() * 1000), 86400000
    sql(service, f"UPDATE delivery SET ended_ms = {now - 6 * day} WHERE id = {deliveries[0]}")
    sql(service, f"UPDATE delivery SET ended_ms = {now - 8 * day} WHERE id = {deliveries[1]}")
    sql(service, f"UPDATE delivery SET ended_ms = {now - 8 * day}, state = 'dead' WHERE id = {deliveries[2]}")
    # One that waits stays, however old it is.
    sql(service, "INSERT INTO delivery (message, submission_id, url, receiver, payload, created_ms, begun_ms,"
                 f" scheduled_ms, due_ms) VALUES ('m', {made[1]}, 'http://127.0.0.1:1/', 'http://127.0.0.1:1', '{{}}', 1,"
                 f" {now}, {now}, {now + day})")
    service.start()
    wait_for(lambda: service.get(f"/api/v1/webhooks/{deliveries[1]}").status == 404)
    kept = service.get("/api/v1/webhooks").json
    assert [each["status"] for each in kept] == ["pending", "delivered"] and kept[1]["delivery_id"] == deliveries[0]
    assert sql(service, "SELECT delivery_id FROM delivery_attempt") == [[str(deliveries[0])]]
    assert service.get(f"/api/v1/submissions/{made[1]}").json["webhook_response"] == "Success: 200"


def test_many_that_ended_are_forgotten_a_few_at_a_time(start):
    service = start(WEBHOOK_KEEP="1")
    service.terminate()
    sql(service, "INSERT INTO submission (id, job, api, language, class, tests, state, queued, created_ms)"
                 " VALUES (1, 'j', 'v1', 'python', 0, 0, 'completed', 1, 0)")
    sql(service, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
                 " INSERT INTO delivery (message, submission_id, receiver, payload, state, created_ms, begun_ms,"
                 " scheduled_ms, due_ms, ended_ms) SELECT 'm' || i, 1, 'backend', '{}', 'delivered', 1, 1, 1, 1, i FROM n")
    service.start()
    counts = set()

    def gone():
        counts.add(int(sql(service, "SELECT count(*) FROM delivery")[0][0]))
        return 0 in counts

    wait_for(gone)
    assert counts <= {1200, 700, 200, 0} and len(counts) > 2


# ---- nothing is lost ----


def test_killed_between_result_and_delivery(start):
    """Every result that was acknowledged is told, whenever the service is killed."""
    with Receiver(silence) as deaf:
        service = start(BACKEND_SERVICE_URL=deaf.url, WEBHOOK_TIMEOUT="4000")
        made = [finish(service) for _ in range(5)]
        deaf.wait(4)  # some are under way, one waits
        service.kill()
    with Receiver(port=deaf.port) as backend:
        service.start()
        wait_for(lambda: {each.json["submission_id"] for each in backend.deliveries} >= set(made))
        for submission_id in made:
            assert wait_for_end(service, submission_id)["status"] == "delivered"
        first = {each.json["submission_id"]: each.headers["webhook-id"] for each in deaf.deliveries}
        for each in backend.deliveries:
            assert first.get(each.json["submission_id"], each.headers["webhook-id"]) == each.headers["webhook-id"]


def test_killed_at_any_moment(start):
    with Receiver() as backend:
        service = start(BACKEND_SERVICE_URL=backend.url)
        made = []
        for _ in range(4):
            made += [finish(service) for _ in range(5)]
            service.kill()
            service.start()
        wait_for(lambda: {each.json["submission_id"] for each in backend.deliveries} >= set(made))
        ids = {}
        for each in backend.deliveries:  # at least once, under one id
            assert ids.setdefault(each.json["submission_id"], each.headers["webhook-id"]) == each.headers["webhook-id"]
        assert len(set(ids.values())) == len(made)


def test_a_stop_gives_back_what_is_under_way(start):
    with Receiver(silence) as deaf:
        service = start(BACKEND_SERVICE_URL=deaf.url, WEBHOOK_TIMEOUT="4000")
        made = finish(service)
        deaf.wait()
        status, _ = service.terminate()
        assert status == 0
    assert sql(service, "SELECT state, attempts, lease FROM delivery") == [["pending", "0", ""]]
    with Receiver(port=deaf.port) as backend:
        service.start()
        assert backend.wait().json["submission_id"] == made


def test_a_clock_that_was_set_back_strands_nothing(start, backend):
    service = start(BACKEND_SERVICE_URL=backend.url)
    service.terminate()
    later = int(time.time() * 1000) + 86400000  # written when the clock was a day ahead
    sql(service, "INSERT INTO submission (id, job, api, language, class, tests, state, queued, created_ms)"
                 " VALUES (1, 'j', 'v1', 'python', 0, 0, 'completed', 1, 0)")
    sql(service, "INSERT INTO delivery (message, submission_id, receiver, payload, created_ms, begun_ms,"
                 f" scheduled_ms, due_ms) VALUES ('m', 1, 'backend', '{{\"submission_id\":1}}', {later}, {later},"
                 f" {later}, {later + 1000})")
    service.start()
    assert backend.wait().json["submission_id"] == 1


@pytest.mark.skipif(not POSTGRES, reason="several services share a PostgreSQL alone")
def test_several_services_send_each_once(start, make_service):
    """Two of them look at the same outbox; nothing is sent twice, and what one leaves behind the other sends."""
    def slowly(receiver, connection, number):
        time.sleep(0.05)
        connection.sendall(answer(200))

    with Receiver(slowly) as backend:
        settings = {"BACKEND_SERVICE_URL": backend.url, "WEBHOOK_TIMEOUT": "2000", "QUEUE_LEASE": "30"}
        first = start(**settings)
        second = start(**settings, DATABASE_URL=first.environment["DATABASE_URL"])
        made = [finish(each) for _ in range(30) for each in (first, second)]
        wait_for(lambda: len({each.json["submission_id"] for each in backend.deliveries}) == len(made))
        first.kill()
        made += [finish(second) for _ in range(10)]
        wait_for(lambda: {each.json["submission_id"] for each in backend.deliveries} == set(made))
        for submission_id in made:
            wait_for_end(second, submission_id)
        # Only what the killed one had under way may have come twice.
        assert len(backend.deliveries) <= len(made) + 8
