"""Judging by the long form of tests: programs that judge, through service, queue and worker, in real boxes."""
import hashlib

import pytest

DOUBLE = "print(int(input()) * 2)"
VALIDATOR = """import sys
answer = open(sys.argv[2]).read()
output = sys.stdin.read()
if '-v' in sys.argv:
    open(sys.argv[3] + 'judgemessage.txt', 'w').write(f'expected {answer}, got {output}')
    open(sys.argv[3] + 'teammessage.txt', 'w').write('not quite')
sys.exit(42 if output.split() == answer.split() else 43)
"""
TESTS = [{"input": "1", "answer": "2"}, {"input": "2", "answer": "5", "hidden": True}, {"input": "3", "answer": "7"}]


def program(code, language="python", **more):
    return {"kind": "program", "program": {"language": language, "code": code, **more}}


def verdicts(got):
    return [each["verdict"] for each in got["test_results"]]


def test_a_validator_judges(serve):
    got = serve.run(DOUBLE, judge={"tests": TESTS, "validator": {**program(VALIDATOR), "args": ["-v"]}})
    assert got["verdict"] == "wrong_answer", got
    assert verdicts(got) == ["accepted", "wrong_answer", "wrong_answer"]
    assert got["test_results"][2]["judge_message"] == "expected 7, got 6\n"
    assert got["test_results"][2]["team_message"] == "not quite"


def test_what_a_checker_says_of_a_hidden_test_stays_here(serve):
    got = serve.run(DOUBLE, judge={"tests": TESTS, "validator": {**program(VALIDATOR), "args": ["-v"]}})
    hidden = got["test_results"][1]
    assert "judge_message" not in hidden and "team_message" not in hidden and hidden["error"] is None
    assert "expected 5" not in str(got)


def test_arguments_of_a_test(serve):
    tests = [{"input": "1", "answer": "3", "validator_args": ["-v"]}, {"input": "1", "answer": "3"}]
    got = serve.run(DOUBLE, judge={"tests": tests, "validator": program(VALIDATOR)})
    assert "judge_message" in got["test_results"][0] and "judge_message" not in got["test_results"][1]


def test_a_checker_of_the_other_convention_in_blobs(serve):
    header = b"#define LIMIT 1\n"
    name = hashlib.sha256(header).hexdigest()
    code = """#include <stdio.h>
#include "limit.h"
int main(int count, char **names) {
    int out, answer;
    FILE *output = fopen(names[2], "r"), *expected = fopen(names[3], "r");
    if (count != 4 || fscanf(expected, "%d", &answer) != 1) return 3;
    if (fscanf(output, "%d", &out) != 1) return 2;
    fprintf(stderr, "points %d.5 off", answer - out);
    return answer - out > LIMIT ? 1 : out == answer ? 0 : 7;
}"""
    judge = {"tests": [{"input": "1", "answer": "2"}, {"input": "1", "answer": "3"}, {"input": "1", "answer": "9"}],
             "validator": program(code, "c", convention="testlib", files=[{"name": "limit.h", "sha256": name}])}
    answer = serve.post("/api/v1/submissions/", {"code": DOUBLE, "language": "python", "user_id": 1, "judge": judge})
    assert answer.status == 404, answer
    assert serve.request("PUT", f"/api/v1/blobs/{name}", header, {"Content-Type": "application/octet-stream"}).status == 201
    got = serve.run(DOUBLE, judge=judge)
    assert verdicts(got) == ["accepted", "accepted", "wrong_answer"], got
    assert got["test_results"][1]["score"] == 1.5 and "score" not in got["test_results"][0]


@pytest.mark.parametrize("code,said", [
    ("raise SystemExit(9)", "The checker exited with code 9"),
    ("while True: pass", "The checker took longer than 0.30 s"),
    ("import os; os.abort()", "The checker was killed by SIGABRT"),
])
def test_a_checker_that_fails_is_a_judge_error(serve, code, said):
    validator = program(code, limits={"cpu_time_ms": 300, "wall_time_ms": 60000})
    got = serve.run(DOUBLE, judge={"tests": TESTS[:1], "validator": validator})
    assert (got["status"], got["verdict"]) == ("error", "judge_error"), got
    assert got["test_results"][0]["error"] == said


def test_a_checker_that_does_not_compile(serve):
    got = serve.run(DOUBLE, judge={"tests": TESTS[:1], "validator": program("int secret = ;", "c")})
    assert (got["verdict"], got["error_output"]) == ("judge_error", "The checker does not compile"), got
    assert "secret" not in str({**got, "code": None})


def test_output_over_its_limit_is_judged_by_the_programs_end(serve):
    def run(code):
        return serve.run(code, judge={"tests": [{"answer": "x"}],
                                      "limits": {"output_kb": 16, "cpu_time_ms": 300, "wall_time_ms": 60000}})

    assert run("while True: print('x' * 1000)")["verdict"] == "time_limit_exceeded"
    got = run("print('x'); print(' ' * 100000)")
    assert got["verdict"] == "output_limit_exceeded" and got["output_truncated"]
    assert got["test_results"][0]["error"] == "Output limit exceeded (16 KB)"


# ---- groups ----

def test_subtasks(serve):
    groups = {"rules": "2025-09", "settings": {
        "secret/1": {"max_score": 30}, "secret/2": {"max_score": 50, "require_pass": "secret/1"},
        "secret/3": {"max_score": 20, "score_aggregation": "sum"}}}
    tests = [{"input": "1", "answer": "2", "group": "sample"}, {"input": "2", "answer": "5", "group": "secret/1"},
             {"input": "3", "answer": "6", "group": "secret/2"}, {"input": "4", "answer": "8", "group": "secret/3"},
             {"input": "5", "answer": "0", "group": "secret/3", "hidden": True}]
    got = serve.run(DOUBLE, judge={"tests": tests, "groups": groups})
    assert (got["status"], got["verdict"], got["score"], got["max_score"]) == ("completed", "partial", 10, 100), got
    assert verdicts(got) == ["accepted", "wrong_answer", "skipped", "accepted", "wrong_answer"]
    assert got["groups"] == [
        {"name": "sample", "verdict": "accepted", "score": 0},
        {"name": "secret", "verdict": "partial", "score": 10, "max_score": 100},
        {"name": "secret/1", "verdict": "wrong_answer", "score": 0, "max_score": 30},
        {"name": "secret/2", "verdict": "skipped", "score": 0, "max_score": 50},
        {"name": "secret/3", "verdict": "partial", "score": 10, "max_score": 20}]
    skipped = got["test_results"][2]
    assert not skipped["passed"] and skipped["cpu_time_ms"] is None and skipped["exit_code"] is None


def test_points_of_a_checker_make_a_score(serve):
    code = "import sys; sys.stderr.write('points ' + open(sys.argv[2]).read()); sys.exit(7)"
    tests = [{"input": "2", "group": "1", "points": 4}, {"input": "3", "group": "1", "points": 10}]
    got = serve.run(DOUBLE, judge={"tests": tests, "groups": {"rules": "polygon"},
                                   "validator": program(code, convention="testlib")})
    assert (got["verdict"], got["score"], got["max_score"]) == ("partial", 10, 14), got


def test_scores_in_the_queue_api(serve):
    got = serve.post("/api/execute?wait=true", {"code": DOUBLE, "language": "python", "judge": {
        "tests": [{"input": "1", "answer": "2", "group": "secret"}, {"input": "1", "answer": "3", "group": "secret"}],
        "groups": {"rules": "legacy", "settings": {"": {"grader_flags": "always_accept", "range": [0, 2]}}}}}).json
    assert (got["verdict"], got["score"], got["maxScore"]) == ("partial", 1, 2), got


def test_groups_that_cannot_be(serve):
    answer = serve.post("/api/v1/submissions/", {"code": DOUBLE, "language": "python", "user_id": 1, "judge": {
        "tests": [{"group": "secret/1"}], "groups": {"rules": "2025-09"}}})
    assert answer.status == 422 and "needs max_score" in answer.json["detail"][0]["msg"], answer


# ---- interactors and passes ----

INTERACTOR = """import sys
secret = int(open(sys.argv[1]).read())
for turn in range(7):
    guess = int(sys.stdin.readline() or 0)
    print('=' if guess == secret else '<' if secret < guess else '>', flush=True)
    if guess == secret:
        sys.exit(42)
open(sys.argv[3] + 'teammessage.txt', 'w').write('out of guesses')
sys.exit(43)
"""
GUESSER = """low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == '=':
        break
    low, high = (low, middle - 1) if answer == '<' else (middle + 1, high)
"""


def test_an_interactor(serve):
    judge = {"tests": [{"input": "37"}, {"input": "99", "hidden": True}], "interactive": True,
             "validator": program(INTERACTOR)}
    got = serve.run(GUESSER, judge=judge)
    assert verdicts(got) == ["accepted", "accepted"], got
    got = serve.run("for i in range(1, 101):\n    print(i, flush=True)\n    if input() == '=': break", judge=judge)
    assert verdicts(got) == ["wrong_answer", "wrong_answer"], got
    assert got["test_results"][0]["team_message"] == "out of guesses" and "team_message" not in got["test_results"][1]
    got = serve.run("input()", judge={**judge, "limits": {"cpu_time_ms": 500, "wall_time_ms": 1000}})
    assert got["verdict"] == "time_limit_exceeded", got


def test_an_interactor_and_a_checker(serve):
    interactor = "import sys; open(sys.argv[2], 'w').write(sys.stdin.readline())"
    checker = "import sys; sys.exit(open(sys.argv[2]).read() != open(sys.argv[3]).read())"
    judge = {"tests": [{"answer": "x\n"}, {"answer": "y\n"}],
             "interactor": {"language": "python", "code": interactor, "convention": "testlib"},
             "validator": program(checker, convention="testlib")}
    assert verdicts(serve.run("print('x')", judge=judge)) == ["accepted", "wrong_answer"]


def test_passes(serve):
    validator = """import sys
given, output = open(sys.argv[1]).read(), sys.stdin.read()
if len(given) < 3:
    open(sys.argv[3] + 'nextpass.in', 'w').write(output.strip())
sys.exit(42)
"""
    judge = {"tests": [{"input": "1"}], "validator": program(validator)}
    got = serve.run("print(input() + '1')", judge={**judge, "multipass": 3})
    assert got["verdict"] == "accepted", got
    got = serve.run("print(input() + '1')", judge={**judge, "multipass": 2})
    assert got["verdict"] == "judge_error", got
    assert got["test_results"][0]["error"] == "The checker wanted more than 2 passes"


# ---- what tests bring along ----

def test_arguments_and_files_of_a_test(serve):
    code = "import os, sys; print(sys.argv[1:], os.path.exists('data.txt') and open('data.txt').read())"
    tests = [{"input": "", "answer": "['-v', 'x y'] abc", "args": ["x y"], "files": [{"name": "data.txt", "content": "abc"}]},
             {"input": "", "answer": "['-v'] False"}]
    got = serve.run(code, args=["-v"], judge={"tests": tests})
    assert got["verdict"] == "accepted", got


def test_files_in_the_place_of_streams(serve):
    code = "open('sum.out', 'w').write(str(int(open('sum.in').read()) * 2))"
    got = serve.run(code, judge={"tests": [{"input": "1", "answer": "2"}], "input_file": "sum.in", "output_file": "sum.out"})
    assert (got["verdict"], got["test_results"][0]["output"]) == ("accepted", "2"), got


def test_answers_are_judged_without_a_program(serve):
    name = hashlib.sha256(b"5\n").hexdigest()
    serve.request("PUT", f"/api/v1/blobs/{name}", b"5\n", {"Content-Type": "application/octet-stream"})
    tests = [{"input": "1", "answer": "2", "output": "2\n"}, {"input": "1", "answer": "2", "output": {"sha256": name}},
             {"input": "1", "answer": "", "output": ""}]
    for validator in ({"kind": "tokens"}, program(VALIDATOR)):
        got = serve.run("2", language="text", judge={"tests": tests, "validator": validator})
        assert verdicts(got) == ["accepted", "wrong_answer", "accepted"], got
        assert [each["output"] for each in got["test_results"]] == ["2\n", "5\n", ""]


@pytest.mark.parametrize("language", ["text", "script"])
def test_what_nobody_writes_programs_in_is_refused(serve, language):
    for more in ({}, {"judge": {"tests": [{"input": "", "answer": "2", "output": "2"}, {"input": "", "answer": "2"}]}}):
        body = {"code": "2", "language": language, "user_id": 1, **more}
        answer = serve.post("/api/v1/submissions/", body)
        assert answer.status == 422 and "Unsupported language" in str(answer.json), answer
    assert language not in answer.json["detail"][0]["msg"].split("languages: ")[1].split(", ")
    listed = serve.get("/api/languages").json
    assert language not in listed["languages"] and language not in [each["id"] for each in listed["details"]]


def test_a_folder_with_build_judges(serve):
    files = [{"name": "build", "content": "#!/bin/sh\nmv check.py run\n"},
             {"name": "check.py", "content": "#!/usr/bin/env python3\n" + VALIDATOR}]
    validator = {"kind": "program", "program": {"language": "script", "files": files}}
    got = serve.run(DOUBLE, judge={"tests": TESTS, "validator": validator})
    assert verdicts(got) == ["accepted", "wrong_answer", "wrong_answer"], got


def test_a_static_validator_judges_sources(serve):
    look = """import sys
language, entry, folder, limit = sys.argv[1:]
open(folder + 'teammessage.txt', 'w').write(language + ' ' + entry)
sys.exit(42 if len(open(entry).read()) <= int(limit) else 43)
"""
    judge = {"tests": [{"static": True, "validator_args": ["30"]}, {"input": "1", "answer": "2"},
                       {"static": True, "validator_args": ["10"]}],
             "static_validator": {"language": "python", "code": look}}
    got = serve.run(DOUBLE, judge=judge)
    assert verdicts(got) == ["accepted", "accepted", "wrong_answer"], got
    assert got["test_results"][0]["team_message"] == "python3 main.py"


def test_a_time_that_is_nearly_over_is_marked(serve):
    def using(ms):
        return f"import time\nwhile time.process_time() < {ms / 1000}: pass\nprint(2)"

    judge = {"tests": [{"input": "", "answer": "2"}], "limits": {"cpu_time_ms": 2000}}
    got = serve.run(using(2015), judge=judge)
    assert got["verdict"] == "time_limit_exceeded" and got["test_results"][0]["borderline"] is True, got
    got = serve.run(using(1500), judge=judge)
    assert got["verdict"] == "accepted" and "borderline" not in got["test_results"][0], got
