"""Submissions to problems that came from packages: judged by the package's own rules in every mode, silent about what is
hidden."""
import json

import pytest

from arena import Service, wait_for
from packages import PROBLEMS, SUM, archive_of, send, submission_of
from test_backend_submissions import People

MODES = {
    "direct": {},
    "queue": {"EXECUTION_MODE": "queue"},
}


class Setters(People):
    """People with packages."""

    def __init__(self, service):
        super().__init__(service)
        self.problems = {}

    def package(self, name):
        if name not in self.problems:
            answer = send(self.service, archive_of(PROBLEMS / name), self.author["token"],
                          f"name={name}&public=true&timeLimit=4000")
            assert answer.status == 201, (name, answer)
            self.problems[name] = answer.json["id"]
        return self.problems[name]

    def own(self, problem, submission, **fields):
        code, language = submission_of(problem, submission)
        answer = self.submit(self.package(problem), code, language, **fields)
        assert answer.status == 201, answer
        return answer.json

    def fallbacks(self):
        return self.service.backend("GET", "/api/execution/status", token=self.service.admin()).json["fallbacks"]


@pytest.fixture(scope="module", params=MODES)
def setters(request):
    service = Service("serve", **MODES[request.param]).start()
    yield Setters(service)
    service.close()


def own_submissions(problem):
    folder = PROBLEMS / problem / "submissions"
    return [(problem, f"{path.parent.name}/{path.name}") for path in sorted(folder.glob("*/*"))
            if path.suffix in (".py", ".c", ".cpp") and path.parent.name in EXPECTED]


EXPECTED = {"accepted": {"accepted"}, "wrong_answer": {"wrong_answer"}, "partially_accepted": {"partial"},
            "run_time_error": {"runtime_error", "memory_limit_exceeded"}, "time_limit_exceeded": {"time_limit_exceeded"}}
# A checker, an interactor, passes, groups with scores, each once; what `arena problem verify` runs is not run again.
JUDGED = [pair for problem in ("seating", "guess", "relay", "shelves", "stairs")
          for pair in own_submissions(problem)[:6]]


@pytest.mark.parametrize("problem, submission", JUDGED)
def test_a_package_is_judged_by_its_own_rules(setters, problem, submission):
    got = setters.own(problem, submission)
    assert got["status"] in EXPECTED[submission.split("/")[0]], got
    assert got["isCorrect"] == (got["status"] == "accepted")
    assert got["totalTestCases"] == len(got["results"])
    if "queue" in str(setters.service.environment.get("EXECUTION_MODE")):
        assert setters.fallbacks() == 0


def test_groups_have_scores(setters):
    whole = setters.own("shelves", own_submissions("shelves")[0][1])
    assert whole["status"] == "accepted" and whole["score"] == "100.00"
    assert whole["points"] == whole["maxPoints"]
    assert {group["name"] for group in whole["groups"]} >= {"secret"}
    for group in whole["groups"]:
        assert set(group) >= {"name", "verdict", "score"}
    part = next(name for _, name in own_submissions("shelves") if name.startswith("partially"))
    partial = setters.own("shelves", part)
    assert partial["status"] == "partial" and 0 < float(partial["score"]) < 100
    assert partial["score"] == f"{100 * partial['points'] / partial['maxPoints']:.2f}"


SECRETS = ("4000017", "29983", "4030000", "7000001", "7000005")


def test_what_is_hidden_never_leaves(setters):
    answer = send(setters.service, archive_of(SUM, "sum"), setters.author["token"], "public=true")
    assert answer.status == 201, answer
    problem = answer.json["id"]
    leak = "import sys\nt = sys.stdin.read()\nprint('saw', t)\nprint('told', t, file=sys.stderr)\nsys.exit(len(t))"
    for code in (leak, "print(input())", SUM["submissions/accepted/a.py"], "while True: print('x')", "import nothing"):
        got = setters.submit(problem, code).json
        for person in (setters.student, setters.author):
            shown = json.dumps({**setters.get(got["id"], person).json, "code": ""})
            assert not any(secret in shown for secret in SECRETS), shown
        assert [result["isHidden"] for result in got["results"]] == [False, True, True]
    wrong = setters.submit(problem, "print(input())").json
    assert wrong["status"] == "wrong_answer" and wrong["score"] == "0.00"
    assert wrong["results"][0]["output"] == "1 2\n" and wrong["results"][0]["expectedOutput"] == "3\n"
    assert [result["verdict"] for result in wrong["results"]] == ["wrong_answer", "skipped", "skipped"]
    ran = setters.service.backend("POST", "/api/problems/run", {"code": leak, "language": "python", "problemId": problem},
                                  setters.student["token"]).json
    assert ran["summary"]["totalTests"] == 1 and not any(secret in json.dumps(ran) for secret in SECRETS)


def test_the_samples_can_be_tried_with_the_packages_checker(setters):
    problem = setters.package("seating")
    code, language = submission_of("seating", own_submissions("seating")[0][1])
    ran = setters.service.backend("POST", "/api/problems/run", {"code": code, "language": language,
                                                                "problemId": problem}, setters.student["token"])
    assert ran.status == 200 and ran.json["summary"]["allPassed"], ran


def test_a_checker_may_speak_to_the_author(setters):
    checker = ("import sys, pathlib\nwant = open(sys.argv[2]).read().split()\ngot = sys.stdin.read().split()\n"
               "pathlib.Path(sys.argv[3] + 'teammessage.txt').write_text('you said ' + ' '.join(got))\n"
               "pathlib.Path(sys.argv[3] + 'judgemessage.txt').write_text('wanted ' + ' '.join(want))\n"
               "sys.exit(42 if got == want else 43)\n")
    answer = send(setters.service, archive_of({
        **SUM, "problem.yaml": SUM["problem.yaml"].replace("1111-2222", "talk"),
        "output_validator/check.py": checker}, "talk"), setters.author["token"], "public=true&shortName=talk")
    assert answer.status == 201, answer
    got = setters.submit(answer.json["id"], "print(0)").json
    assert got["results"][0]["feedback"] == "you said 0"
    assert "wanted" not in json.dumps(got["results"])
    assert all("feedback" not in result for result in got["results"][1:])


def test_progress_is_told_test_by_test(setters):
    problem = setters.package("stairs")
    code, language = submission_of("stairs", own_submissions("stairs")[0][1])
    slow = "import time\ntime.sleep(0.25)\n" + code if language == "python" else code
    made = setters.submit(problem, slow, language, "?async=true").json
    seen = []
    with setters.watch(made["id"]) as events:
        while not seen or seen[-1]["status"] in ("pending", "running"):
            seen.append(events.next()[1]["data"])
    assert seen[-1]["status"] == "accepted", seen[-1]
    assert seen[-1]["tests"]["total"] == seen[-1]["totalTestCases"]
    if language == "python":
        assert any(data["status"] == "running" and data["tests"] for data in seen)


def test_languages_that_a_package_does_not_take(setters):
    yaml = SUM["problem.yaml"].replace("1111-2222", "lang") + "languages: [c, cpp]\n"
    answer = send(setters.service, archive_of({**SUM, "problem.yaml": yaml}, "few"), setters.author["token"],
                  "public=true&shortName=few")
    assert answer.status == 201, answer
    refused = setters.submit(answer.json["id"], "print(3)")
    assert refused.status == 400 and "language" in refused.json["message"]
    taken = setters.submit(answer.json["id"], "#include <stdio.h>\nint main(void){int a,b;scanf(\"%d%d\",&a,&b);"
                           "printf(\"%d\\n\",a+b);}", "c")
    assert taken.json["status"] == "accepted", taken


def test_the_first_designs_routes_judge_by_packages_too(setters):
    problem = setters.package("shelves")
    part = next(name for _, name in own_submissions("shelves") if name.startswith("partially"))
    code, language = submission_of("shelves", part)
    made = setters.service.backend("POST", "/api/code-execution/submissions/",
                                   {"problem": problem, "code": code, "language": language}, setters.student["token"])
    assert made.status == 201, made

    def done():
        got = setters.service.backend("GET", f"/api/code-execution/submissions/{made.json['id']}/",
                                      token=setters.student["token"]).json
        return got if got["status"] in ("completed", "error") else None
    got = wait_for(done, 60)
    assert got["verdict"] == "partial" and 0 < float(got["score"]) < 100, got
    assert got["points"] < got["max_points"] and {group["name"] for group in got["groups"]} >= {"secret"}


def test_large_data_goes_everywhere(setters):
    """More than fits into a message, were it in the task itself."""
    line = "1 " * 3_000_000
    files = {**SUM, "problem.yaml": SUM["problem.yaml"].replace("1111-2222", "huge").replace("256", "512"),
             "data/secret/3.in": line + "\n", "data/secret/3.ans": "3000000\n",
             "data/secret/4.in": "2 " * 2_500_000 + "\n", "data/secret/4.ans": "5000000\n"}
    answer = send(setters.service, archive_of(files, "huge"), setters.author["token"],
                  "public=true&shortName=huge&timeLimit=5000")
    assert answer.status == 201, answer
    got = setters.submit(answer.json["id"], "import sys\nprint(sum(map(int, sys.stdin.readline().split())))").json
    assert got["status"] == "accepted", got["results"]
