"""What is wrong with a request is said clearly, in the shape of its API, and none of it reaches a box."""
import json

import pytest

V1, QUEUE = "/api/v1/submissions/", "/api/execute"
GOOD = {"code": "print(1)", "language": "python", "user_id": 1}
DEEP = b'{"code":' + b"[" * 100000 + b"]" * 100000 + b"}"


@pytest.fixture(autouse=True)
def nothing_is_run(serve):
    before = serve.get("/api/stats").json["total"]
    yield
    assert serve.get("/api/stats").json["total"] == before


def faults(answer):
    return [(".".join(map(str, each["loc"])), each["type"]) for each in answer.json["detail"]]


def with_fields(**fields):
    return json.dumps({**GOOD, **fields}).encode()


def without(*names):
    return json.dumps({name: value for name, value in GOOD.items() if name not in names}).encode()


@pytest.mark.parametrize("body, expected", [
    (b"", [("body", "missing")]),
    (b"{", [("body", "json_invalid")]),
    (b"nonsense", [("body", "json_invalid")]),
    (b'{"code": "x",}', [("body", "json_invalid")]),
    (b"[]", [("body", "object_type")]),
    (b'"text"', [("body", "object_type")]),
    (b"null", [("body", "object_type")]),
    (b'{"code": "a", "code": "b", "language": "python", "user_id": 1}', [("body", "json_invalid")]),
    (b'{"code": "a\\u0000b", "language": "python", "user_id": 1}', [("body", "json_invalid")]),
    (b'{"code": "a\x00b", "language": "python", "user_id": 1}', [("body", "json_invalid")]),
    (b'{"code": "\xff\xfe", "language": "python", "user_id": 1}', [("body", "json_invalid")]),
    (b'{"code": "\\ud800", "language": "python", "user_id": 1}', [("body", "json_invalid")]),
    (DEEP, [("body", "json_invalid")]),
    (without("code"), [("body.code", "missing")]),
    (without("language"), [("body.language", "missing")]),
    (without("user_id"), [("body.user_id", "missing")]),
    (without("code", "language", "user_id"),
     [("body.code", "missing"), ("body.language", "missing"), ("body.user_id", "missing")]),
    (with_fields(code=7), [("body.code", "string_type")]),
    (with_fields(code=""), [("body.code", "missing")]),
    (with_fields(language=["python"]), [("body.language", "string_type")]),
    (with_fields(language="cobol"), [("body.language", "unsupported_language")]),
    (with_fields(user_id=1.5), [("body.user_id", "user_id_type")]),
    (with_fields(user_id={}), [("body.user_id", "user_id_type")]),
    (with_fields(code="x" * 65537), [("body.code", "too_large")]),
    (with_fields(input_data="x" * 1048577), [("body.input_data", "too_large")]),
    (with_fields(surprise=1), [("body.surprise", "unknown_field")]),
    (with_fields(limits={"memory_mb": 4096}), [("body.limits.memory_mb", "int_range")]),
    (with_fields(limits={"speed": 1}), [("body.limits.speed", "unknown_field")]),
    (with_fields(test_cases=[{"input": "1"}]), [("body.test_cases.0.expected_output", "missing")]),
    (with_fields(test_cases=[{"input": "", "expected_output": ""}] * 201), [("body.test_cases", "too_large")]),
    (with_fields(files=[{"name": "../../etc/passwd", "content": ""}]), [("body.files.0.name", "file_name")]),
    (with_fields(webhook_url="http://127.0.0.1/"), [("body.webhook_url", "webhook_url")]),
    (with_fields(contest_id="1"), [("body.contest_id", "int_type")]),
])
def test_v1(serve, body, expected):
    answer = serve.post(V1, body)
    assert answer.status == 422, answer
    assert faults(answer) == expected
    assert all(each["msg"] for each in answer.json["detail"])


def test_v1_messages_help(serve):
    def message(**fields):
        return serve.post(V1, {**GOOD, **fields}).json["detail"][0]["msg"]

    assert message(language="cobol").startswith("Unsupported language: cobol. Supported languages: ")
    assert "python" in message(language="cobol")
    assert message(code="x" * 70000) == "must be at most 65536 bytes long, has 70000"
    assert message(limits={"memory_mb": 4096}) == "must be an integer from 1 to 2048"


@pytest.mark.parametrize("body, status, details", [
    (b"{}", 400, ["Code is required and must be a string", "Language is required and must be a string"]),
    (b'{"code": 1, "language": 2}', 400,
     ["Code is required and must be a string", "Language is required and must be a string"]),
    (b'{"code": "x"}', 400, ["Language is required and must be a string"]),
    (b'{"code": "x", "language": "py", "testCases": [{"input": 1, "expectedOutput": "2"}]}', 400,
     ["testCases[0].input: must be a string"]),
    (b'{"code": "x", "language": "py", "testCases": {}}', 400, ["testCases: must be an array"]),
    (b'{"code": "x", "language": "py", "user": 1}', 400, ["user: unknown field"]),
    (json.dumps({"code": "x" * 65537, "language": "py"}).encode(), 413,
     ["code: must be at most 65536 bytes long, has 65537"]),
    (json.dumps({"code": "x", "language": "py", "input": "x" * 1048577}).encode(), 413,
     ["input: must be at most 1048576 bytes long, has 1048577"]),
])
def test_queue(serve, body, status, details):
    answer = serve.post(QUEUE, body)
    assert (answer.status, answer.json) == (status, {"error": "Validation failed", "details": details})


def test_queue_unsupported_language(serve):
    answer = serve.post(QUEUE, {"code": "x", "language": "x"})
    languages = ", ".join(serve.get("/api/languages").json["languages"])
    assert answer.status == 400
    assert answer.json["details"] == [f"Unsupported language: x. Supported languages: {languages}"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", DEEP, b'{"code": "\xff", "language": "py"}',
                                  b'{"code": "a\\u0000", "language": "py"}', b'{"code":"a","code":"b"}'])
def test_queue_no_json(serve, body):
    answer = serve.post(QUEUE, body)
    assert answer.status == 400 and answer.json["error"] == "Validation failed"
    [detail] = answer.json["details"]
    assert detail.startswith("Body")


@pytest.mark.parametrize("path", [V1, QUEUE])
def test_body_too_large(serve, path):
    body = json.dumps({**GOOD, "code": "x" * (17 << 20)}).encode()
    try:
        answer = serve.post(path, body)
    except (BrokenPipeError, ConnectionResetError):
        return  # it closed the door before all had gone through
    assert answer.status == 413 and answer.json


@pytest.mark.parametrize("path", [V1, QUEUE])
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                                          "multipart/form-data", "json", ""])
def test_content_type(serve, path, content_type):
    assert serve.post(path, GOOD, {"Content-Type": content_type}).status == 415


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8001", "http://127.0.0.1.evil"])
@pytest.mark.parametrize("method, path", [("POST", V1), ("POST", QUEUE), ("GET", "/api/stats")])
def test_foreign_origin(serve, method, path, origin):
    body = GOOD if method == "POST" else None
    assert serve.request(method, path, body, {"Origin": origin}).status == 403


def test_own_origin(serve):
    assert serve.get("/api/stats", {"Origin": f"http://127.0.0.1:{serve.port}"}).status == 200


@pytest.mark.parametrize("headers", [{"Host": "arena.example"}, {"X-Forwarded-For": "10.0.0.1"},
                                     {"Forwarded": "for=10.0.0.1"}])
def test_not_of_this_machine(serve, headers):
    answer = serve.request("POST", V1, GOOD, headers)
    assert answer.status == 401 and "detail" in answer.json


@pytest.mark.parametrize("path, name", [("/api/v1/nothing", "detail"), ("/api/nothing", "error"), ("/", "detail")])
def test_no_such_route(serve, path, name):
    answer = serve.get(path)
    assert answer.status == 404 and set(answer.json) == {name}


def test_other_method(serve):
    answer = serve.request("PUT", "/api/execute", GOOD)
    assert answer.status == 405 and "error" in answer.json
