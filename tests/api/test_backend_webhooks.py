"""Webhooks that the backend takes: who may tell it something, what it makes of it, and what it does not."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import time
import uuid

import pytest

from arena import request, wait_for
from fake_worker import report, run
from pair import SECRET, WEBHOOK, FakeService, Pair, http_answer

OTHER = "an older secret"
KEY = base64.b64decode(SECRET[6:])


def service(numbers=iter(range(1001, 100000))):
    """An execution service that takes everything, and never tells how it ended."""
    def answer(method, path, body):
        if "contests" in path:
            return http_answer(201, b'{"id":%d}' % next(numbers))
        if method == "GET":
            return http_answer(503, b"{}")
        return http_answer(201, b'{"id":%d,"status":"pending"}' % next(numbers))

    return FakeService(answer)


@pytest.fixture(scope="module")
def pair():
    with service() as fake:
        made = Pair(backend={"CODE_EXECUTION_SERVICE_URL": fake.url,
                             "CODE_EXECUTION_WEBHOOK_SECRET": f"{SECRET}, {OTHER}",
                             "WEBHOOK_ALLOW_PLAIN_SECRET": "true"})
        made.fake = fake
        try:
            made.backend.start()
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def student(pair):
    return pair.users(1)[0]


def hand_in(pair, student, **fields):
    """A submission that waits for its end, with the id under which the service knows it."""
    made = pair.submit(student[1], **fields)
    made["external_id"] = pair.backend.backend_rows(
        f"SELECT external_id FROM submission WHERE id = {made['id']}")[0][0]
    return made


def payload(made, **fields):
    return {"submission_id": made["microservice_submission_id"], "user_id": 1, "contest_id": None,
            "status": "completed", "output": "Hello, World!", "error_output": None, "execution_time": "0.045s",
            "memory_usage": "8.2MB", "completed_at": "2024-01-15T10:30:00Z", "external_id": made["external_id"],
            **fields}


def plain(body, secret=SECRET):
    return {"X-Webhook-Secret": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def standard(body, key=KEY, now=None, message="msg_1"):
    moment = str(int(time.time() if now is None else now))
    content = f"{message}.{moment}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": moment, "webhook-signature": f"v1,{signature}"}


def send(pair, body, headers=None, **options):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = plain(body) if headers is None else headers
    return request(pair.backend.backend_port, "POST", WEBHOOK, body,
                   {"Content-Type": "application/json", **headers}, **options)


def status_of(pair, made):
    return pair.submission(made["id"])["status"]


# ---- who may ----


def test_the_ways_to_prove_it(pair, student):
    ways = [
        plain,
        lambda body: plain(body, OTHER),
        lambda body: {"X-Webhook-Secret": "sha256=" + plain(body)["X-Webhook-Secret"]},
        lambda body: {"X-Webhook-Secret": plain(body)["X-Webhook-Secret"].upper()},
        standard,
        lambda body: standard(body, OTHER.encode()),
        lambda body: {**plain(body), **standard(body)},
        lambda body: {**standard(body), "webhook-signature": "v1a,xx v1,AAAA "
                      + standard(body)["webhook-signature"] + " v2,zz"},
        lambda body: {**plain(body), "webhook-timestamp": str(int(time.time()) - 290)},
        lambda body: {"X-Webhook-Secret": OTHER},  # the plain secret, which this backend allows
    ]
    for number, way in enumerate(ways):
        made = hand_in(pair, student)
        body = json.dumps(payload(made)).encode()
        answer = send(pair, body, way(body))
        assert (answer.status, answer.body) == (200, b'{"status":"processed"}'), (number, answer)
        assert status_of(pair, made) == "completed"


def test_whatever_its_content_type(pair, student):
    made = hand_in(pair, student)
    body = json.dumps(payload(made)).encode()
    assert send(pair, body, {**plain(body), "Content-Type": "text/plain"}).status == 200


def attacks(body):
    good = plain(body)["X-Webhook-Secret"]
    other_body = body.replace(b"Hello", b"Jello")
    old, later = time.time() - 301, time.time() + 310
    return {
        "unsigned": {},
        "empty": {"X-Webhook-Secret": ""},
        "another secret": plain(body, "guess"),
        "another body": plain(other_body),
        "one digit": {"X-Webhook-Secret": ("0" if good[0] != "0" else "1") + good[1:]},
        "half of it": {"X-Webhook-Secret": good[:32]},
        "too much": {"X-Webhook-Secret": good + "00"},
        "the prefix alone": {"X-Webhook-Secret": "sha256="},
        "another prefix": {"X-Webhook-Secret": "sha1=" + good},
        "two prefixes": {"X-Webhook-Secret": "sha256=sha256=" + good},
        "half of the secret": {"X-Webhook-Secret": OTHER[:-1]},
        "the list of secrets": {"X-Webhook-Secret": f"{SECRET}, {OTHER}"},
        "signed but another plain": {**standard(body), "X-Webhook-Secret": "0" * 64},
        "plain but another signature": {**plain(body), **standard(other_body)},
        "signature without id": {name: value for name, value in standard(body).items() if name != "webhook-id"},
        "signature without time": {name: value for name, value in standard(body).items()
                                   if name != "webhook-timestamp"},
        "signature for another id": {**standard(body), "webhook-id": "msg_2"},
        "signature for another time": {**standard(body), "webhook-timestamp": str(int(time.time()) - 5)},
        "signature of another version": {**standard(body), "webhook-signature":
                                         "v2" + standard(body)["webhook-signature"][2:]},
        "without a version": {**standard(body), "webhook-signature": standard(body)["webhook-signature"][3:]},
        "no signature": {**standard(body), "webhook-signature": ""},
        "replayed later": standard(body, now=old),
        "from the future": standard(body, now=later),
        "plain and old": {**plain(body), "webhook-timestamp": str(int(old))},
        "no time at all": {**plain(body), "webhook-timestamp": "now"},
        "a time that overflows": {**plain(body), "webhook-timestamp": "9" * 30},
        "a negative time": {**plain(body), "webhook-timestamp": "-1"},
        "no time": {**plain(body), "webhook-timestamp": ""},
        "a user's token": {"Authorization": "Bearer x"},
    }


@pytest.mark.parametrize("name", attacks(b"{}"))
def test_attacks(pair, student, name):
    made = hand_in(pair, student)
    body = json.dumps(payload(made)).encode()
    answer = send(pair, body, attacks(body)[name])
    assert answer.status == 401, answer
    assert answer.json["detail"] and SECRET not in answer.json["detail"]
    assert status_of(pair, made) == "pending"
    assert send(pair, body).status == 200
    assert status_of(pair, made) == "completed"


def test_the_plain_secret_is_for_development(pair):
    """Only where it is allowed, at home, and outside production; an unsigned one only where there is no secret."""
    body = json.dumps({"submission_id": 1, "user_id": 1, "status": "completed",
                       "completed_at": "2024-01-01T00:00:00Z"}).encode()
    secret = {"X-Webhook-Secret": SECRET}
    assert send(pair, body, secret).status == 200
    assert send(pair, body, {**secret, "X-Forwarded-For": "203.0.113.9"}).status == 401
    assert send(pair, body, {**secret, "Host": "judge.example"}).status == 401
    strict = {"NODE_ENV": "production", "JWT_SECRET": "x" * 40, "CODE_EXECUTION_SERVICE_KEY": "ak_x"}
    for number, (environment, headers, status) in enumerate([
            ({"CODE_EXECUTION_WEBHOOK_SECRET": SECRET}, secret, 401),
            ({"CODE_EXECUTION_WEBHOOK_SECRET": SECRET, "WEBHOOK_ALLOW_PLAIN_SECRET": "true", **strict}, secret, 401),
            ({"CODE_EXECUTION_WEBHOOK_SECRET": SECRET, **strict}, plain(body), 200),
            ({"CODE_EXECUTION_WEBHOOK_SECRET": ""}, {}, 200),
            ({"CODE_EXECUTION_WEBHOOK_SECRET": ""}, {"X-Forwarded-For": "203.0.113.9"}, 401),
            ({"CODE_EXECUTION_WEBHOOK_SECRET": "", "BACKEND_WEBHOOK_SECRET": OTHER}, plain(body, OTHER), 200),
            ({"CODE_EXECUTION_WEBHOOK_SECRET": "", "BACKEND_WEBHOOK_SECRET": OTHER}, {}, 401)]):
        other = Pair(backend=environment)
        try:
            other.backend.start()
            answer = send(other, body, headers)
            assert answer.status == status, (number, answer)
        finally:
            other.close()


# ---- what it makes of it ----


def test_all_of_it_arrives(pair, student):
    made = hand_in(pair, student)
    assert send(pair, payload(made)).status == 200
    got = pair.submission(made["id"])
    assert (got["status"], got["verdict"], got["output"], got["error_output"], got["execution_time"],
            got["memory_usage"]) == ("completed", "ok", "Hello, World!", None, "0.045s", "8.2MB")
    assert got["completed_at"] and got["score"] is None and got["is_correct"] is None


@pytest.mark.parametrize("fields, status, verdict", [
    ({"status": "error"}, "error", "runtime_error"),
    ({"status": "error", "verdict": "time_limit_exceeded"}, "error", "time_limit_exceeded"),
    ({"status": "cancelled"}, "cancelled", "cancelled"),
    ({"output": None, "execution_time": None, "memory_usage": None}, "completed", "ok"),
    ({"output": "\0null\0", "execution_time": "soon", "memory_usage": {}}, "completed", "ok"),
    ({"output": "ä" * 700000}, "completed", "ok"),
    ({"more": {"than": ["we", "know"]}}, "completed", "ok")])
def test_ends_of_all_kinds(pair, student, fields, status, verdict):
    made = hand_in(pair, student)
    assert send(pair, payload(made, **fields)).json == {"status": "processed"}
    got = pair.submission(made["id"])
    assert (got["status"], got["verdict"]) == (status, verdict)
    if fields.get("output", "").__class__ is str and fields.get("output", "").startswith("\0"):
        assert got["output"] == "\ufffdnull\ufffd"


def test_twice_is_once(pair, student):
    made = hand_in(pair, student)
    assert send(pair, payload(made)).json == {"status": "processed"}
    first = pair.submission(made["id"])
    for fields in ({}, {"output": "changed"}, {"status": "error"}, {"status": "running"}, {"status": "pending"}):
        assert send(pair, payload(made, **fields)).json == {"status": "unchanged"}
        assert pair.submission(made["id"]) == first


def test_the_same_at_once(pair, student):
    made = hand_in(pair, student)
    bodies = [payload(made, output=f"copy {number}") for number in range(24)]
    with concurrent.futures.ThreadPoolExecutor(24) as threads:
        answers = [answer.json["status"] for answer in threads.map(lambda body: send(pair, body), bodies)]
    assert sorted(answers) == ["processed"] + ["unchanged"] * 23
    assert pair.submission(made["id"])["output"] == f"copy {answers.index('processed')}"


def test_in_any_order(pair, student):
    made = hand_in(pair, student)
    assert send(pair, payload(made, status="pending")).json == {"status": "unchanged"}
    assert send(pair, payload(made, status="running")).json == {"status": "processed"}
    assert status_of(pair, made) == "running"
    assert send(pair, payload(made, status="waiting")).json == {"status": "unchanged"}
    assert send(pair, payload(made)).json == {"status": "processed"}
    assert send(pair, payload(made, status="running")).json == {"status": "unchanged"}
    assert status_of(pair, made) == "completed"


def test_unknown(pair, student):
    made = hand_in(pair, student)
    nobody = payload(made, external_id=str(uuid.uuid4()))
    assert send(pair, nobody).status == 404
    without = {name: value for name, value in payload(made).items() if name != "external_id"}
    assert send(pair, {**without, "submission_id": 987654321}).json == {"status": "ignored"}
    assert status_of(pair, made) == "pending"
    assert send(pair, without).json == {"status": "processed"}
    assert status_of(pair, made) == "completed"


def test_of_one_that_the_runner_judged(pair, student):
    """It is none of the service's, whatever number it has."""
    pair.sql("INSERT INTO submission (external_id, way, remote_id, user_id, language, code, input_data, state,"
             f" created_ms) VALUES ('of-ours', 'run', 555555, {student[0]}, 'python', '', '', 'pending', 1)")
    body = {"submission_id": 555555, "status": "completed"}
    assert send(pair, {**body, "external_id": "of-ours"}).status == 404
    assert send(pair, body).json == {"status": "ignored"}
    assert pair.backend.backend_rows("SELECT state FROM submission WHERE external_id = 'of-ours'") == [["pending"]]


@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b'"text"', b"{", b"{}", b"\xff\xfe", b'{"submission_id":1}',
    b'{"submission_id":1,"status":"dancing"}', b'{"submission_id":1,"status":"completed","verdict":"fine"}',
    b'{"submission_id":"1","status":"completed"}', b'{"status":"completed"}', b'{"submission_id":1,"status":null}',
    b'{"submission_id":1,"status":"completed","external_id":5}',
    b'{"submission_id":1,"submission_id":2,"status":"completed"}',
    b'{"submission_id":1e99,"status":"completed"}',
    b'{"submission_id":1,"status":"completed","test_results":[{"verdict":"fine"}]}',
    b'{"submission_id":1,"status":"completed","test_results":[1]}', b"[" * 100000])
def test_nonsense_that_is_signed(pair, body):
    answer = send(pair, body)
    assert answer.status == 400 and answer.json["detail"], answer


def test_they_are_counted(pair, student):
    def counts():
        text = pair.call("GET", "/metrics", token=pair.backend.admin()).body.decode()
        return {line.split('"')[1]: int(line.rpartition(" ")[2]) for line in text.splitlines()
                if line.startswith("arena_backend_webhooks_total{")}

    before, made = counts(), hand_in(pair, student)
    for body, headers in ((payload(made), None), (payload(made), None), (payload(made, external_id="x"), None),
                          ({"submission_id": 987654321, "status": "error"}, None), (b"{", None), (b"{}", {})):
        send(pair, body, headers)
    assert {name: count - before.get(name, 0) for name, count in counts().items()} == {
        "processed": 1, "unchanged": 1, "unknown": 1, "ignored": 1, "malformed": 1, "refused": 1}


def test_too_large(pair):
    body = b'{"submission_id":1,"status":"completed","output":"' + b"x" * (17 << 20) + b'"}'
    try:
        assert send(pair, body).status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it did not even read it
    assert pair.call("GET", "/health").status == 200


def test_a_judged_one(pair, student):
    """The score is made from the tests; of a hidden one nothing is shown."""
    contest = pair.contest(problems=[pair.problem(cases=3, hidden=1)])
    tests = [{"index": number, "verdict": verdict, "passed": verdict == "accepted", "input": f"{number}\n",
              "expected_output": f"{number}\n", "output": "what the hidden one printed", "error": "what it complained",
              "wall_time_ms": 7, "memory_bytes": 1 << 20}
             for number, verdict in ((1, "accepted"), (2, "accepted"), (3, "wrong_answer"))]
    made = hand_in(pair, student, contest=contest["id"], problem=contest["problems"][0])
    body = payload(made, verdict="wrong_answer", test_results=tests, output="what the hidden one printed")
    assert send(pair, body).json == {"status": "processed"}
    got = pair.submission(made["id"], student[1])
    assert (got["score"], got["is_correct"], got["verdict"], got["passed_count"]) == ("66.67", False, "partial", 2)
    assert [each["isHidden"] for each in got["test_results"]] == [False, False, True]
    assert "printed" not in json.dumps(got["test_results"][2]) and got["output"] is None
    board = pair.ok("GET", f"/api/code-execution/contests/{contest['id']}/leaderboard/", token=student[1])
    assert [(each["final_score"], each["rank"]) for each in board["results"]] == [("66.67", 1)]
    assert send(pair, payload(made, verdict="accepted", test_results=[])).json == {"status": "unchanged"}


def test_a_judged_one_in_one_word(pair, student):
    """From a service that does not tell of each test."""
    problem = pair.problem()
    for verdict, score, correct in (("accepted", "100.00", True), ("wrong_answer", "0.00", False),
                                    ("judge_error", None, None)):
        made = hand_in(pair, student, problem=problem)
        assert send(pair, payload(made, verdict=verdict)).json == {"status": "processed"}
        got = pair.submission(made["id"])
        assert (got["score"], got["is_correct"]) == (score, correct)


def test_faster_than_the_answer(student):
    """The end is told before the backend hears that the service has it at all."""
    told = []

    def answer(method, path, body):
        if "submissions" not in path:
            return http_answer(404, b'{"detail":"no"}')
        sent = json.loads(body)
        told.append(send(pair, {"submission_id": 77, "external_id": sent["external_id"], "status": "completed",
                                "output": "at once", "user_id": sent["user_id"]}).json)
        return http_answer(201, b'{"id":77,"status":"pending"}')

    with FakeService(answer) as fake:
        pair = Pair(backend={"CODE_EXECUTION_SERVICE_URL": fake.url})
        try:
            pair.backend.start()
            made = pair.submit(pair.users(1)[0][1])
            wait_for(lambda: told)  # the submitter may be answered before the double has read its own answer
            assert told == [{"status": "processed"}]
            assert (made["microservice_submission_id"], made["status"], made["output"]) == (77, "completed", "at once")
            assert pair.backend.backend_rows("SELECT count(*) FROM dispatch") == [["0"]]
        finally:
            pair.close()


def test_the_real_thing():
    """From the service's own sender, while the backend is away as well."""
    pair = Pair().start()
    try:
        first, second = (pair.submit(pair.users(1)[0][1]) for _ in range(2))
        pair.run(output="one\n")
        assert pair.ended(first["id"])["output"] == "one\n"
        pair.backend.kill()
        job = pair.worker.claim()[0]
        pair.finish(job, report(run(output="two\n")))
        pair.backend.start()
        assert pair.ended(second["id"])["output"] == "two\n"
    finally:
        pair.close()
