"""/api/v1/submissions against the whole service."""
import re

import pytest

HELLO = {
    "python": "print('Hello')",
    "javascript": "console.log('Hello')",
    "java": "public class Greeting { public static void main(String[] a) { System.out.println(\"Hello\"); } }",
    "cpp": "#include <iostream>\nint main() { std::cout << \"Hello\\n\"; }",
    "c": "#include <stdio.h>\nint main(void) { puts(\"Hello\"); }",
    "csharp": "class P { static void Main() { System.Console.WriteLine(\"Hello\"); } }",
    "go": "package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"Hello\") }",
    "rust": "fn main() { println!(\"Hello\"); }",
    "typescript": "const s: string = 'Hello'; console.log(s);",
}
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


@pytest.mark.parametrize("language", HELLO)
def test_hello(serve, language):
    if language not in serve.get("/api/languages").json["languages"]:
        pytest.skip(f"{language} is not available on this host")
    got = serve.run(HELLO[language], language)
    assert (got["status"], got["verdict"], got["output"]) == ("completed", "ok", "Hello\n"), got
    assert got["error_output"] is None and got["exit_code"] == 0 and got["signal"] is None
    assert re.fullmatch(r"\d+\.\d{3}s", got["execution_time"])
    assert re.fullmatch(r"\d+\.\dMB", got["memory_usage"])
    assert got["cpu_time_ms"] >= 0 and got["wall_time_ms"] >= 0 and got["memory_bytes"] > 0


def test_created_is_pending_and_complete(serve):
    got = serve.submit("print(input())", user_id="ann", input_data="hi\n", external_id="ext-1", execute=False)
    assert got["status"] == "pending" and got["user_id"] == "ann" and got["external_id"] == "ext-1"
    assert got["code"] == "print(input())" and got["input_data"] == "hi\n" and got["language"] == "python"
    assert ISO.match(got["created_at"])
    for name in ("contest_id", "output", "error_output", "execution_time", "memory_usage", "executed_at",
                 "completed_at", "webhook_response", "verdict", "exit_code", "signal", "cpu_time_ms",
                 "wall_time_ms", "memory_bytes", "compile_output"):
        assert got[name] is None, name
    assert got["webhook_sent"] is False


def test_input_arguments_and_files(serve):
    code = "import sys\nprint(input(), sys.argv[1:], open('data/x.txt').read(), open('b', 'rb').read())"
    got = serve.run(code, input_data="in", args=["-v", "a b"],
                    files=[{"name": "data/x.txt", "content": "X"},
                           {"name": "b", "content": "AP8=", "encoding": "base64"}])
    assert got["output"] == "in ['-v', 'a b'] X b'\\x00\\xff'\n", got


def test_paths_with_and_without_slash_on_both_ports(serve):
    created = serve.submit("print(1)", execute=False)
    for suffix in ("", "/"):
        assert serve.get(f"/api/v1/submissions/{created['id']}{suffix}").json["id"] == created["id"]
    from arena import request
    assert request(serve.second_port, "GET", f"/api/v1/submissions/{created['id']}").json["id"] == created["id"]


@pytest.mark.parametrize("code, verdict, error", [
    ("import sys; print('x'); sys.exit(3)", "runtime_error", "Exited with code 3"),
    ("import sys; sys.stderr.write('why'); sys.exit(1)", "runtime_error", "why\nExited with code 1"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "runtime_error", "Killed by SIGSEGV"),
])
def test_programs_that_fail(serve, code, verdict, error):
    got = serve.run(code)
    assert (got["status"], got["verdict"], got["error_output"]) == ("error", verdict, error), got


def test_failures_tell_code_and_signal(serve):
    assert serve.run("raise SystemExit(7)")["exit_code"] == 7
    got = serve.run("import os; os.abort()")
    assert got["signal"] == "SIGABRT" and got["exit_code"] is None


def test_output_of_a_failing_program_is_kept(serve):
    got = serve.run("print('before', flush=True)\n1/0")
    assert got["output"] == "before\n" and "ZeroDivisionError" in got["error_output"]


def test_standard_error_of_a_good_program(serve):
    got = serve.run("import sys; sys.stderr.write('note'); print(1)")
    assert (got["status"], got["error_output"], got["stderr"]) == ("completed", None, "note")


def test_limits(serve):
    got = serve.run("while True: pass", limits={"cpu_time_ms": 300, "wall_time_ms": 60000})
    assert (got["status"], got["verdict"]) == ("error", "time_limit_exceeded"), got
    assert got["error_output"] == "Time limit exceeded (0.30 s)"
    got = serve.run("x = bytearray(400 << 20); print(len(x))", limits={"memory_mb": 64})
    assert (got["verdict"], got["error_output"]) == ("memory_limit_exceeded", "Memory limit exceeded (64 MB)"), got
    got = serve.run("while True: print('x' * 1000)", limits={"output_kb": 16})
    assert (got["verdict"], got["error_output"]) == ("output_limit_exceeded", "Output limit exceeded (16 KB)"), got
    assert len(got["output"]) == 16 << 10 and got["output_truncated"]


def test_compile_error(serve):
    got = serve.run("int main(void) { return x; }", "c")
    assert (got["status"], got["verdict"]) == ("error", "compile_error"), got
    assert "'x' undeclared" in got["error_output"].replace("‘", "'").replace("’", "'")
    assert got["compile_output"] and got["output"] is None and got["execution_time"] is None


def test_output_that_is_no_text(serve):
    got = serve.run("import sys; sys.stdout.buffer.write(b'a\\xff\\x00b')")
    assert got["output"] == "a\ufffd\0b"


def test_tests(serve):
    cases = [{"input": "1 2", "expected_output": "3"}, {"input": "2 2", "expected_output": " 4 \n"},
             {"input": "x", "expected_output": "0"}, {"input": "5 5", "expected_output": "11"}]
    got = serve.run("print(sum(map(int, input().split())))", test_cases=cases)
    assert got["status"] == "completed" and got["verdict"] == "runtime_error"
    assert [each["verdict"] for each in got["test_results"]] == ["accepted", "accepted", "runtime_error",
                                                                 "wrong_answer"]
    assert [each["passed"] for each in got["test_results"]] == [True, True, False, False]
    assert [each["index"] for each in got["test_results"]] == [1, 2, 3, 4]
    first, failed = got["test_results"][0], got["test_results"][2]
    assert (first["input"], first["expected_output"], first["output"], first["error"]) == ("1 2", "3", "3\n", None)
    assert "ValueError" in failed["error"] and failed["exit_code"] == 1


@pytest.mark.parametrize("answer, verdict", [("4", "accepted"), ("5", "wrong_answer")])
def test_verdict_of_tests(serve, answer, verdict):
    got = serve.run("print(int(input()) * 2)", test_cases=[{"input": "2", "expected_output": answer}])
    assert (got["status"], got["verdict"], got["error_output"]) == ("completed", verdict, None)


def test_tests_that_do_not_compile(serve):
    got = serve.run("int main(", "c", test_cases=[{"input": "", "expected_output": ""}])
    assert (got["status"], got["verdict"], got["test_results"]) == ("error", "compile_error", [])


def test_the_long_form_stops_early(serve):
    got = serve.run("print(input())", judge={
        "tests": [{"input": "1", "answer": "1"}, {"input": "2", "answer": "x"}, {"input": "3", "answer": "3"}],
        "validator": {"kind": "tokens"}, "early_stop": True})
    assert [each["verdict"] for each in got["test_results"]] == ["accepted", "wrong_answer"]


# ---- the same thing twice ----

def test_idempotency_key(serve):
    body = {"code": "print(1)", "language": "python", "user_id": "idem", "idempotency_key": "one"}
    first = serve.post("/api/v1/submissions/", body)
    again = serve.post("/api/v1/submissions/", {**body, "code": "print(2)"})
    other = serve.post("/api/v1/submissions/", {**body, "user_id": "other"})
    assert (first.status, again.status, other.status) == (201, 200, 201)
    assert again.json["id"] == first.json["id"] and again.json["code"] == "print(1)"
    assert other.json["id"] != first.json["id"]
    del body["idempotency_key"]
    by_header = serve.post("/api/v1/submissions/", body, {"Idempotency-Key": "one"})
    assert (by_header.status, by_header.json["id"]) == (200, first.json["id"])


def test_external_id(serve):
    body = {"code": "print(1)", "language": "python", "user_id": 1, "external_id": "outside-7"}
    first, again = serve.post("/api/v1/submissions/", body), serve.post("/api/v1/submissions/", body)
    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"] and again.json["external_id"] == "outside-7"


def test_the_same_key_at_the_same_moment(serve):
    from fake_worker import Later
    body = {"code": "print(1)", "language": "python", "user_id": "race", "idempotency_key": "r"}
    answers = [each.join() for each in [Later(serve.post, "/api/v1/submissions/", body) for _ in range(8)]]
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1


# ---- execute ----

def test_execute(serve):
    stored = serve.submit("print(5)", execute=False)
    assert serve.get(f"/api/v1/submissions/{stored['id']}?wait=0.3").json["status"] == "pending"
    answer = serve.post(f"/api/v1/submissions/{stored['id']}/execute")
    assert (answer.status, answer.json) == (200, {"message": "Execution started", "submission_id": stored["id"]})
    assert serve.result(stored["id"])["output"] == "5\n"
    answer = serve.post(f"/api/v1/submissions/{stored['id']}/execute")
    assert answer.status == 400
    assert answer.json == {"detail": "Cannot execute submission with status: completed"}


def test_execute_again_after_an_error(serve):
    failed = serve.run("raise SystemExit(1)")
    assert serve.post(f"/api/v1/submissions/{failed['id']}/execute").status == 200
    again = serve.result(failed["id"])
    assert again["status"] == "error" and again["completed_at"] > failed["completed_at"]


def test_execute_what_runs(serve):
    running = serve.submit("import time; time.sleep(3)")
    serve.wait_for_status(running["id"], "running")
    answer = serve.post(f"/api/v1/submissions/{running['id']}/execute")
    assert (answer.status, answer.json) == (400, {"detail": "Cannot execute submission with status: running"})
    serve.request("DELETE", f"/api/jobs/{running['job_id']}")


def test_not_found(serve):
    for answer in (serve.get("/api/v1/submissions/999999999"), serve.post("/api/v1/submissions/999999999/execute")):
        assert (answer.status, answer.json) == (404, {"detail": "Submission not found"})
    answer = serve.post("/api/v1/submissions", {"code": "1", "language": "py", "user_id": 1, "contest_id": 999999999})
    assert (answer.status, answer.json) == (404, {"detail": "Contest not found"})


# ---- list ----

def test_list(serve):
    ids = [serve.submit("print(1)", user_id="lister", execute=i == 2)["id"] for i in range(3)]
    serve.result(ids[2])

    def listed(query):
        answer = serve.get(f"/api/v1/submissions/?user_id=lister&{query}")
        assert answer.status == 200, answer
        return [each["id"] for each in answer.json]

    assert listed("") == ids
    assert listed("skip=1") == ids[1:]
    assert listed("skip=1&limit=1") == ids[1:2]
    assert listed("status=pending") == ids[:2]
    assert listed("status=completed") == ids[2:]
    assert listed("contest_id=1") == []
    assert serve.get("/api/v1/submissions?user_id=nobody").json == []


@pytest.mark.parametrize("query, name", [
    ("skip=-1", "skip"), ("skip=x", "skip"), ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=", "limit"),
    ("status=done", "status"), ("contest_id=a", "contest_id"), ("skip=99999999999999999999", "skip"),
])
def test_list_with_faults(serve, query, name):
    answer = serve.get(f"/api/v1/submissions/?{query}")
    assert answer.status == 422
    [fault] = answer.json["detail"]
    assert fault["loc"] == ["query", name] and fault["msg"] and fault["type"]


def test_wait_with_faults(serve):
    created = serve.submit("print(1)", execute=False)
    for wait in ("x", "-1", "1x"):
        assert serve.get(f"/api/v1/submissions/{created['id']}?wait={wait}").status == 422
    assert serve.get("/api/v1/submissions/abc").json["detail"][0]["loc"] == ["path", "id"]
