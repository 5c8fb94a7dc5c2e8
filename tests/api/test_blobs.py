"""Test data by content hash, and the long form of tests that names it."""
import hashlib
import pathlib

import pytest

from arena import Service
from fake_worker import FakeWorker, report, run


def name_of(content):
    return hashlib.sha256(content).hexdigest()


def put(service, content, name=None, **headers):
    return service.request("PUT", f"/api/v1/blobs/{name or name_of(content)}", content,
                           {"Content-Type": "application/octet-stream", **headers})


def blob(service, content):
    answer = put(service, content)
    assert answer.status in (200, 201), answer
    return {"sha256": name_of(content)}


# ---- the store ----

def test_put_head_get(execution):
    content = bytes(range(256)) * 100
    answer = put(execution, content)
    assert (answer.status, answer.json) == (201, {"sha256": name_of(content), "size": len(content)})
    assert put(execution, content).status == 200
    path = f"/api/v1/blobs/{name_of(content)}"
    assert execution.request("HEAD", path).status == 200
    got = execution.get(path)
    assert got.status == 200 and got.body == content and got.headers["Content-Type"] == "application/octet-stream"
    files = [each for each in pathlib.Path(execution.folder, "data", "blobs").rglob("*") if each.is_file()]
    assert name_of(content) in [each.name for each in files]


def test_what_is_not_there(execution):
    for method in ("GET", "HEAD"):
        assert execution.request(method, f"/api/v1/blobs/{name_of(b'absent')}").status == 404


def test_an_empty_blob(execution):
    assert put(execution, b"").status in (200, 201)
    assert execution.get(f"/api/v1/blobs/{name_of(b'')}").body == b""


def test_another_content_than_its_name(execution):
    answer = put(execution, b"content", name=name_of(b"other"))
    assert answer.status == 422 and name_of(b"content") in answer.json["detail"]
    assert execution.get(f"/api/v1/blobs/{name_of(b'other')}").status == 404


@pytest.mark.parametrize("name", ["abc", "A" * 64, "g" * 64, "0" * 63, "0" * 65, "..%2f" + "0" * 60])
def test_names_that_are_none(execution, name):
    for method, body in (("PUT", b"x"), ("GET", None)):
        answer = execution.request(method, f"/api/v1/blobs/{name}", body, {"Content-Type": "text/plain"})
        assert answer.status == 422 and answer.json["detail"][0]["loc"] == ["path", "sha256"]


def test_too_large(make_service):
    service = make_service("execution", HTTP_BODY_MAX=1024).start()
    assert put(service, bytes(1025)).status == 413
    assert put(service, bytes(1024)).status == 201


def test_blobs_survive_a_kill_and_stay_within_their_bound(make_service):
    service = make_service("execution", BLOBS_MAX=1).start()
    first = b"a" * (700 << 10)
    assert put(service, first).status == 201
    service.kill()
    service.start()
    assert service.get(f"/api/v1/blobs/{name_of(first)}").body == first
    answer = put(service, b"b" * (700 << 10))
    assert answer.status == 507 and "room" in answer.json["detail"]
    service.terminate()
    service.environment["BLOBS_KEEP"] = "0"
    service.start()
    path = pathlib.Path(service.folder, "data", "blobs", name_of(first)[:2], name_of(first))
    import os
    os.utime(path, (1, 1))
    assert put(service, b"b" * (700 << 10)).status == 201
    assert service.get(f"/api/v1/blobs/{name_of(first)}").status == 404


# ---- what a worker gets ----

def submit(service, **judge):
    return service.post("/api/v1/submissions/", {"code": "print(1)", "language": "python", "user_id": 1,
                                                 "judge": judge})


def test_a_blob_that_was_not_put(execution):
    absent = {"sha256": name_of(b"never put")}
    for path, body in (("/api/v1/submissions/", {"code": "1", "language": "python", "user_id": 1}),
                       ("/api/execute", {"code": "1", "language": "python"})):
        for test in ({"input": absent}, {"answer": absent}):
            answer = execution.post(path, {**body, "judge": {"tests": [test]}})
            assert answer.status == 404 and "Blob not found" in answer.body.decode(), answer


def test_the_task_names_blobs(execution):
    worker = FakeWorker(execution.port)
    data = blob(execution, b"1 2\n")
    made = submit(execution, tests=[{"input": data, "answer": data}], validator={"kind": "exact"})
    assert made.status == 201
    [job] = worker.claim()
    assert job["task"]["tests"] == [{"input": data, "answer": data}] and job["task"]["validator"] == "exact"
    worker.finish(job, report(run(verdict="accepted"), verdict="accepted"))
    [result] = execution.get(f"/api/v1/submissions/{made.json['id']}").json["test_results"]
    assert result["input"] == data and result["expected_output"] == data
    worker.leave()


def test_hidden_tests_do_not_show_what_is_in_them(execution):
    worker = FakeWorker(execution.port)
    tests = [{"input": "open in", "answer": "open out"},
             {"input": "secret in", "answer": "secret out", "hidden": True, "group": "2"}]
    made = submit(execution, tests=tests).json
    [job] = worker.claim()
    failed = run(verdict="runtime_error", output="secret printed", error_output="secret error", exit_code=1,
                 message="Exited with code 1")
    worker.finish(job, report(run(verdict="accepted", output="open out"), failed, verdict="runtime_error"))
    worker.leave()
    got = execution.get(f"/api/v1/submissions/{made['id']}")
    assert b"open in" in got.body and b"secret" not in got.body
    first, second = got.json["test_results"]
    assert "hidden" not in first and "group" not in first
    assert (second["hidden"], second["group"], second["verdict"]) == (True, "2", "runtime_error")
    assert second["input"] is second["output"] is second["expected_output"] is None
    assert second["error"] == got.json["error_output"] == "Exited with code 1"
    for path in (f"/api/v1/submissions/?limit=1&skip={made['id'] - 1}", f"/api/v1/submissions/batch?ids={made['id']}",
                 f"/api/jobs/{made['job_id']}"):
        answer = execution.get(path)
        assert answer.status == 200 and b"secret" not in answer.body, path


# ---- judged for real ----

READ = "import sys; sys.stdout.write(sys.stdin.read())"


def judge(service, code, **form):
    return service.run(code, judge=form)


def test_judged_with_blobs(serve):
    large = b"".join(b"%d\n" % number for number in range(200000))
    other = b"9 9 9\n"
    tests = [{"input": blob(serve, large), "answer": blob(serve, large)},
             {"input": blob(serve, large), "answer": blob(serve, other)},
             {"input": blob(serve, other), "answer": "9 9 9"}]
    got = judge(serve, READ, tests=tests, limits={"output_kb": 16384})
    assert [each["verdict"] for each in got["test_results"]] == ["accepted", "wrong_answer", "accepted"], got
    cache = pathlib.Path(serve.folder, "data", "worker", "blobs")
    names = {each.name for each in cache.rglob("*") if each.is_file()}
    assert {name_of(large), name_of(other)} <= names


@pytest.mark.parametrize("args, output, answer, verdict", [
    ("float", "0.3333333", "0.33333333333", "wrong_answer"),
    ("float float_tolerance 1e-6", "YES 0.3333333", "yes 0.33333333333", "accepted"),
    ("float float_tolerance 1e-6 case_sensitive", "YES 0.3", "yes 0.3", "wrong_answer"),
    ("lines any_order", "b\\na", "a\nb", "accepted"),
    ("tokens ignore_case", "YES", "yes", "accepted"),
])
def test_arguments_of_validators(serve, args, output, answer, verdict):
    kind, *args = args.split()
    got = judge(serve, f"import sys; sys.stdout.write('{output}')", tests=[{"answer": answer}],
                validator={"kind": kind, "args": args})
    assert got["verdict"] == verdict


@pytest.mark.parametrize("kind, output, verdict", [
    ("tokens", "a  b\\n", "accepted"), ("tokens", "a\\nb", "accepted"), ("tokens", "ab", "wrong_answer"),
    ("lines", "a b  \\n\\n", "accepted"), ("lines", "a\\nb", "wrong_answer"), ("lines", " a b", "wrong_answer"),
    ("exact", "a b\\n", "accepted"), ("exact", "a b", "wrong_answer"), ("exact", "a b \\n", "wrong_answer"),
])
def test_validators(serve, kind, output, verdict):
    got = judge(serve, f"import sys; sys.stdout.write('{output}')", tests=[{"answer": "a b\n"}],
                validator={"kind": kind})
    assert got["verdict"] == verdict


def test_early_stop(serve):
    tests = [{"input": str(number), "answer": "1"} for number in range(1, 5)]
    got = judge(serve, "print(input())", tests=tests, early_stop=True)
    assert [each["verdict"] for each in got["test_results"]] == ["accepted", "wrong_answer"]
    got = judge(serve, "print(input())", tests=tests)
    assert len(got["test_results"]) == 4


def test_limits_of_a_set_of_tests(serve):
    got = judge(serve, "while True: pass", tests=[{"answer": "1"}], limits={"cpu_time_ms": 200, "wall_time_ms": 60000})
    assert got["verdict"] == "time_limit_exceeded" and got["test_results"][0]["error"] == "Time limit exceeded (0.20 s)"


def test_a_blob_that_went_away_ends_in_a_judge_error(make_service):
    service = make_service("serve", LANES=1, QUEUE_ATTEMPTS=1).start()
    data = blob(service, b"soon gone")
    made = service.post("/api/v1/submissions/", {"code": READ, "language": "python", "user_id": 1, "execute": False,
                                                 "judge": {"tests": [{"input": data}]}}).json
    pathlib.Path(service.folder, "data", "blobs", data["sha256"][:2], data["sha256"]).unlink()
    assert service.post(f"/api/v1/submissions/{made['id']}/execute").status == 200
    got = service.result(made["id"])
    assert got["verdict"] == "judge_error" and "test data" in got["error_output"]
