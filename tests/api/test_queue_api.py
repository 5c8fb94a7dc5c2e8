"""/api/execute, /api/jobs, /api/stats, /api/languages against the whole service."""
import re
import time

import pytest

from arena import wait_for


def execute(serve, body, query="", headers=None):
    return serve.post(f"/api/execute{query}", body, headers)


def test_submit_and_look(serve):
    answer = execute(serve, {"code": "print(input())", "language": "python", "input": "Hello"})
    assert answer.status == 202
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.json["jobId"])
    assert answer.json["status"] == "queued"
    assert answer.json["message"] == "Code execution job submitted successfully"
    got = serve.get(f"/api/jobs/{answer.json['jobId']}?wait=20").json
    assert got["id"] == answer.json["jobId"] and got["state"] == "completed" and got["progress"] == 100
    assert got["data"] == {"code": "print(input())", "language": "python", "input": "Hello"}
    assert got["result"]["output"] == "Hello\n" and got["result"]["error"] is None
    assert got["result"]["exitCode"] == 0 and got["result"]["runtime"] >= 0 and got["result"]["memory"] > 0
    assert got["failedReason"] is None and got["attempts"] == 1 and got["delay"] == 0
    assert got["processedOn"] <= got["finishedOn"] <= time.time() * 1000 + 1000


@pytest.mark.parametrize("query, headers", [("?wait=true", {}), ("?wait=20", {}), ("", {"Prefer": "wait=20"})])
def test_waiting(serve, query, headers):
    answer = execute(serve, {"code": "print(6 * 7)", "language": "python"}, query, headers)
    assert answer.status == 200, answer
    got = answer.json
    assert (got["output"], got["error"], got["exitCode"], got["verdict"]) == ("42\n", None, 0, "ok")
    assert round(got["memory"], 1) == got["memory"]


def test_a_program_that_fails_is_a_completed_job(serve):
    answer = execute(serve, {"code": "raise SystemExit(4)", "language": "python"}, "?wait=true")
    assert (answer.status, answer.json["error"], answer.json["exitCode"]) == (200, "Exited with code 4", 4)
    job = serve.get(f"/api/jobs/{answer.json['jobId']}").json
    assert job["state"] == "completed" and job["failedReason"] is None


def test_tests(serve):
    cases = [{"input": "2", "expectedOutput": "4"}, {"input": "3", "expectedOutput": "7"}]
    answer = execute(serve, {"code": "print(int(input()) * 2)", "language": "python", "testCases": cases},
                     "?wait=true")
    got = answer.json
    assert got["verdict"] == "wrong_answer" and got["error"] is None
    assert [each["passed"] for each in got["testResults"]] == [True, False]
    assert [each["actualOutput"] for each in got["testResults"]] == ["4\n", "6\n"]
    assert got["testResults"][1]["expectedOutput"] == "7" and got["testResults"][1]["input"] == "3"
    assert all(each["runtime"] >= 0 and each["memory"] > 0 for each in got["testResults"])
    assert serve.get(f"/api/jobs/{got['jobId']}").json["data"]["testCases"] == cases


def test_time_limit_in_seconds(serve):
    answer = execute(serve, {"code": "while True: pass", "language": "python", "timeLimit": 0.2}, "?wait=true")
    assert answer.json["verdict"] == "time_limit_exceeded"
    # Of processor time, or on a busy machine of wall time.
    assert answer.json["error"] in ("Time limit exceeded (0.20 s)", "Time limit exceeded (1.40 s of wall time)")


def test_the_same_key_again(serve):
    body, headers = {"code": "print(1)", "language": "python"}, {"Idempotency-Key": "queue-1"}
    first, again = execute(serve, body, headers=headers), execute(serve, body, headers=headers)
    assert (first.status, again.status) == (202, 202)
    assert first.json["jobId"] == again.json["jobId"]


def test_one_record_two_views(serve):
    created = serve.submit("print('both')")
    job = serve.get(f"/api/jobs/{created['job_id']}?wait=20").json
    assert job["result"]["output"] == "both\n"
    assert serve.get(f"/api/v1/submissions/{created['id']}").json["output"] == "both\n"


def test_no_such_job(serve):
    for method in ("GET", "DELETE"):
        for job in ("0b0c7f9e-0000-4000-8000-000000000000", "x", "%00", "1"):
            answer = serve.request(method, f"/api/jobs/{job}")
            assert answer.status in (400, 404), answer
            if job != "%00":
                assert answer.json == {"error": "Job not found"}


# ---- cancelling ----

def test_cancel_what_runs(serve):
    job = execute(serve, {"code": "import time\ntime.sleep(15)", "language": "python"}).json["jobId"]
    wait_for(lambda: serve.get(f"/api/jobs/{job}").json["state"] == "active")
    assert serve.request("DELETE", f"/api/jobs/{job}").json == {"message": "Job cancelled successfully"}
    assert serve.get(f"/api/jobs/{job}").json["state"] == "failed"
    # The lanes are free again long before the program would have ended.
    began = time.monotonic()
    for _ in range(2):
        assert serve.run("print(1)")["output"] == "1\n"
    assert time.monotonic() - began < 14
    assert serve.get("/api/stats").json["active"] == 0


def test_cancel_what_waits(serve):
    blockers = [execute(serve, {"code": "import time\ntime.sleep(30)", "language": "python"}).json["jobId"]
                for _ in range(2)]
    for blocker in blockers:
        wait_for(lambda: serve.get(f"/api/jobs/{blocker}").json["state"] == "active")
    waiting = execute(serve, {"code": "print(1)", "language": "python"}).json["jobId"]
    assert serve.get(f"/api/jobs/{waiting}").json["state"] == "waiting"
    for job in (waiting, *blockers):
        assert serve.request("DELETE", f"/api/jobs/{job}").status == 200
    got = serve.get(f"/api/jobs/{waiting}").json
    assert (got["state"], got["failedReason"], got["processedOn"]) == ("failed", "Job cancelled", None)


def test_cancel_while_somebody_waits(serve):
    from fake_worker import Later
    key = {"Idempotency-Key": "cancel-me"}
    body = {"code": "import time\ntime.sleep(30)", "language": "python"}
    waiting = Later(execute, serve, body, "?wait=true", key)
    assert waiting.waits()
    job = execute(serve, body, headers=key).json["jobId"]
    serve.request("DELETE", f"/api/jobs/{job}")
    assert waiting.join().status == 409


# ---- figures ----

def test_stats(serve):
    before = serve.get("/api/stats").json
    assert set(before) == {"waiting", "active", "completed", "failed", "delayed", "total"}
    execute(serve, {"code": "print(1)", "language": "python"}, "?wait=true")
    execute(serve, {"code": "1/0", "language": "python"}, "?wait=true")
    after = serve.get("/api/queue/stats").json
    assert after["completed"] == before["completed"] + 2
    assert after["failed"] == before["failed"]
    assert after["total"] == sum(after[name] for name in after if name != "total")


def test_languages(serve):
    got = serve.get("/api/languages").json
    assert "python" in got["languages"]
    assert got["limits"] == {"timeLimit": 10, "memoryLimit": "128m", "outputLimit": "64k", "compileTimeLimit": 30,
                             "maxCodeSize": 65536, "maxInputSize": 1048576}
    assert [each["id"] for each in got["details"]] == got["languages"]
    python = next(each for each in got["details"] if each["id"] == "python")
    assert python["name"] == "Python" and python["version"] and "py" in python["extensions"]


def test_the_limits_that_are_shown_hold(serve):
    too_much = {"code": "print('x' * (65 << 10))", "language": "python"}
    got = execute(serve, too_much, "?wait=true").json
    assert got["verdict"] == "output_limit_exceeded" and got["error"].endswith("Output limit exceeded (64 KB)")
    assert len(got["output"]) == 64 << 10 and got["output_truncated"]
    got = execute(serve, {**too_much, "limits": {"output_kb": 1024}}, "?wait=true").json
    assert got["verdict"] == "ok" and not got["output_truncated"]
    got = execute(serve, {"code": "a = bytearray(129 << 20)", "language": "python"}, "?wait=true").json
    assert got["verdict"] == "memory_limit_exceeded" and got["error"].endswith("Memory limit exceeded (128 MB)")
