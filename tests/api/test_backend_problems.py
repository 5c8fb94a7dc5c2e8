"""Problems: made, changed, listed and hidden; trying a program out on them."""
import copy

import pytest

SUM = {
    "title": "Two numbers", "description": "Add **two** numbers.", "difficulty": "medium", "tags": ["math", "io"],
    "constraints": "0 <= a, b", "inputFormat": "a b", "outputFormat": "their sum",
    "examples": [{"input": "1 2", "output": "3", "explanation": "1 + 2"}],
    "testCases": [{"input": "1 2", "expectedOutput": "3", "isHidden": False},
                  {"input": "10 20", "expectedOutput": "30", "isHidden": False},
                  {"input": "4444 4444", "expectedOutput": "8888", "isHidden": True}],
    "timeLimit": 2000, "memoryLimit": 64, "starterCode": {"python": "a, b = ...", "c++": "int main() {}"},
    "isPublic": True,
}
ADD = "print(sum(map(int, input().split())))"


@pytest.fixture(scope="module")
def people(backend):
    return {"author": backend.user(role="instructor"), "other": backend.user(role="instructor"),
            "student": backend.user(), "admin": {"token": backend.admin()}}


def call(backend, person, method, path, body=None, **options):
    return backend.backend(method, path, body, person["token"] if person else None, **options)


def make(backend, people, **changes):
    answer = call(backend, people["author"], "POST", "/api/problems", {**SUM, **changes})
    assert answer.status == 201, answer
    return answer.json


def test_a_problem_is_what_was_sent(backend, people):
    made = make(backend, people)
    assert {name: made[name] for name in SUM} == SUM
    assert made["authorId"] == people["author"]["id"] and made["createdAt"] == made["updatedAt"]
    assert call(backend, people["author"], "GET", f"/api/problems/{made['id']}/").json == made
    assert call(backend, people["admin"], "GET", f"/api/problems/{made['id']}").json == made


def test_what_is_left_out_has_a_default(backend, people):
    answer = call(backend, people["author"], "POST", "/api/problems",
                  {"title": "t", "testCases": [{"input": "", "expectedOutput": ""}]})
    assert answer.status == 201, answer
    assert {name: answer.json[name] for name in SUM} == {
        "title": "t", "description": "", "difficulty": "easy", "tags": [], "constraints": "", "inputFormat": "",
        "outputFormat": "", "examples": [], "testCases": [{"input": "", "expectedOutput": "", "isHidden": False}],
        "timeLimit": 10000, "memoryLimit": 256, "starterCode": {}, "isPublic": True}


def test_others_see_the_visible_cases(backend, people):
    made = make(backend, people)
    for person in ("student", "other"):
        seen = call(backend, people[person], "GET", f"/api/problems/{made['id']}").json
        assert seen["testCases"] == SUM["testCases"][:2]
        assert seen["testCaseCount"] == 3 and seen["hiddenTestCaseCount"] == 1
        assert "4444" not in str(seen) and "8888" not in str(seen)


def test_who_may_what(backend, people):
    public, private = make(backend, people), make(backend, people, isPublic=False)
    expected = {  # GET, PUT and DELETE of the public one, GET, PUT and DELETE of the other
        None: (401, 401, 401, 401, 401, 401),
        "student": (200, 403, 403, 404, 403, 403),
        "other": (200, 403, 403, 404, 404, 404),
        "author": (200, 200, 204, 200, 200, 204),
    }
    for person, statuses in expected.items():
        got = [call(backend, people[person] if person else None, method, f"/api/problems/{problem['id']}",
                    {"title": "x"} if method == "PUT" else None).status
               for problem in (public, private) for method in ("GET", "PUT", "DELETE")]
        assert got == list(statuses), person
    assert call(backend, people["student"], "POST", "/api/problems", SUM).status == 403
    assert call(backend, people["author"], "GET", f"/api/problems/{public['id']}").status == 404
    assert call(backend, people["author"], "GET", "/api/problems/abc").status == 404


def test_an_admin_changes_others_problems_and_it_is_noted(backend, people):
    made = make(backend, people, isPublic=False)
    assert call(backend, people["admin"], "PUT", f"/api/problems/{made['id']}", {"title": "mine"}).status == 200
    assert call(backend, people["admin"], "DELETE", f"/api/problems/{made['id']}").status == 204
    rows = backend.backend_rows(f"SELECT action FROM audit WHERE object = 'problem {made['id']}' ORDER BY id")
    assert rows == [["problem.update"], ["problem.delete"]]


def test_a_change_leaves_the_rest_as_it_is(backend, people):
    made = make(backend, people)
    path = f"/api/problems/{made['id']}"
    changed = call(backend, people["author"], "PUT", path, {"title": "New", "tags": ["b", "a", "b"]}).json
    assert changed == {**made, "title": "New", "tags": ["b", "a"], "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] > made["updatedAt"]
    cases = [{"input": "9 9", "expectedOutput": "18", "isHidden": True}]
    changed = call(backend, people["author"], "PUT", path, {"testCases": cases, "isPublic": False}).json
    assert changed["testCases"] == cases and changed["testCaseCount"] == 1 and not changed["isPublic"]
    assert call(backend, people["author"], "GET", path).json == changed


def spoil(path, value):
    body = copy.deepcopy(SUM)
    *steps, last = path
    at = body
    for step in steps:
        at = at[step]
    if value is KeyError:
        del at[last]
    else:
        at[last] = value
    return body


@pytest.mark.parametrize("path, value, field, status", [
    (("title",), KeyError, "title", 400),
    (("title",), " \t", "title", 400),
    (("title",), "x" * 201, "title", 413),
    (("description",), 7, "description", 400),
    (("difficulty",), "brutal", "difficulty", 400),
    (("tags",), "math", "tags", 400),
    (("tags", 1), 5, "tags[1]", 400),
    (("tags", 1), "", "tags[1]", 400),
    (("tags",), ["t"] * 21, "tags", 413),
    (("examples", 0, "output"), KeyError, "examples[0].output", 400),
    (("examples", 0, "more"), "x", "examples[0].more", 400),
    (("testCases",), KeyError, "testCases", 400),
    (("testCases",), [], "testCases", 400),
    (("testCases", 2, "input"), KeyError, "testCases[2].input", 400),
    (("testCases", 2, "expectedOutput"), 3, "testCases[2].expectedOutput", 400),
    (("testCases", 1, "isHidden"), "no", "testCases[1].isHidden", 400),
    (("testCases", 1), "x", "testCases[1]", 400),
    (("testCases", 0, "input"), "x" * 1048577, "testCases[0].input", 413),
    (("testCases",), [{"input": "", "expectedOutput": ""}] * 201, "testCases", 413),
    (("timeLimit",), 0, "timeLimit", 400),
    (("timeLimit",), 60001, "timeLimit", 400),
    (("timeLimit",), 1.5, "timeLimit", 400),
    (("memoryLimit",), 2049, "memoryLimit", 400),
    (("starterCode",), ["x"], "starterCode", 400),
    (("starterCode", "klingon"), "x", "starterCode.klingon", 400),
    (("starterCode", "python"), 1, "starterCode.python", 400),
    (("isPublic",), 1, "isPublic", 400),
    (("owner",), 1, "owner", 400),
])
def test_what_is_wrong_is_named(backend, people, path, value, field, status):
    answer = call(backend, people["author"], "POST", "/api/problems", spoil(path, value))
    assert answer.status == status and [fault["field"] for fault in answer.json["details"]] == [field], answer


def test_all_that_is_wrong_is_named_at_once(backend, people):
    made = make(backend, people)
    answer = call(backend, people["author"], "PUT", f"/api/problems/{made['id']}",
                  {"title": 1, "timeLimit": -1, "testCases": [{}]})
    assert answer.status == 400
    assert [fault["field"] for fault in answer.json["details"]] == [
        "title", "testCases[0].input", "testCases[0].expectedOutput", "timeLimit"]
    assert call(backend, people["author"], "GET", f"/api/problems/{made['id']}").json == made


def test_lists(backend, people):
    tag = "only-in-this-test"
    made = [make(backend, people, title=f"Number {i}", tags=[tag, f"t{i}"], difficulty=["easy", "hard"][i % 2],
                 isPublic=i != 4) for i in range(5)]

    def titles(query, person="student"):
        answer = call(backend, people[person], "GET", f"/api/problems/?tag={tag}{query}")
        assert answer.status == 200, answer
        return [problem["title"] for problem in answer.json]

    assert titles("") == ["Number 0", "Number 1", "Number 2", "Number 3"]
    assert titles("", "author") == titles("", "admin") == [f"Number {i}" for i in range(5)]
    assert titles("", "other") == titles("")
    assert titles("&difficulty=hard") == ["Number 1", "Number 3"]
    assert titles("&q=NUMBER%202") == ["Number 2"]
    assert titles("&q=%25") == []
    page = call(backend, people["author"], "GET", f"/api/problems?tag={tag}&page=2&page_size=2")
    assert [problem["id"] for problem in page.json["results"]] == [made[2]["id"], made[3]["id"]]
    assert page.json["count"] == 5 and page.headers["X-Total-Count"] == "5"
    following = call(backend, people["author"], "GET", page.json["next"]).json
    assert [problem["id"] for problem in following["results"]] == [made[4]["id"]] and following["next"] is None
    assert "testCases" not in page.json["results"][0]
    assert call(backend, people["student"], "GET", "/api/problems?difficulty=x").status == 400
    assert call(backend, people["student"], "GET", "/api/problems?page=0").status == 400


def test_what_has_not_changed_is_not_sent_again(backend, people):
    made = make(backend, people)
    first = call(backend, people["student"], "GET", f"/api/problems/{made['id']}")
    again = call(backend, people["student"], "GET", f"/api/problems/{made['id']}",
                 headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304 and again.body == b""
    call(backend, people["author"], "PUT", f"/api/problems/{made['id']}", {"title": "Other"})
    changed = call(backend, people["student"], "GET", f"/api/problems/{made['id']}",
                   headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200 and changed.json["title"] == "Other"


# ---- trying out ----


def run(backend, people, **body):
    return call(backend, people["student"], "POST", "/api/problems/run", {"language": "python", "code": ADD, **body})


def test_running_shows_the_visible_cases(backend, people):
    made = make(backend, people)
    answer = run(backend, people, problemId=made["id"], code="print(3)")
    assert answer.status == 200, answer
    first, second = answer.json["results"]
    for result in (first, second):
        assert result.pop("runtime") >= 0 and result.pop("memory") > 0
    assert first == {"status": "success", "verdict": "accepted", "output": "3\n", "error": None, "input": "1 2",
                     "expectedOutput": "3", "isHidden": False, "testCaseNumber": 1, "passed": True,
                     "truncated": False}
    assert second == {**first, "status": "failed", "verdict": "wrong_answer", "input": "10 20",
                      "expectedOutput": "30", "testCaseNumber": 2, "passed": False}
    assert answer.json["summary"] == {"totalTests": 2, "passedTests": 1, "failedTests": 1, "allPassed": False,
                                      "problemTitle": "Two numbers", "difficulty": "medium", "mode": "run"}
    assert run(backend, people, problemId=made["id"]).json["summary"]["allPassed"] is True


def test_running_on_cases_of_ones_own(backend, people):
    cases = [{"input": "1 1", "expectedOutput": "2"}, {"input": "2 2", "expectedOutput": "9", "isHidden": False},
             {"input": "3 3", "expectedOutput": "6", "isHidden": True}]
    answer = run(backend, people, testCases=cases)
    assert [(r["passed"], r["input"]) for r in answer.json["results"]] == [(True, "1 1"), (False, "2 2")]
    assert answer.json["summary"] == {"totalTests": 2, "passedTests": 1, "failedTests": 1, "allPassed": False,
                                      "problemTitle": None, "difficulty": None, "mode": "run"}
    made = make(backend, people)
    answer = run(backend, people, problemId=made["id"], testCases=cases)
    assert len(answer.json["results"]) == 2 and answer.json["summary"]["problemTitle"] == "Two numbers"


def test_running_on_nothing_visible(backend, people):
    made = make(backend, people, testCases=SUM["testCases"][2:])
    answer = run(backend, people, problemId=made["id"])
    assert answer.json["results"] == [] and answer.json["summary"]["totalTests"] == 0
    assert answer.json["summary"]["allPassed"] is False


@pytest.mark.parametrize("language, code, verdict, error", [
    ("c", "int main(void) { return nothing; }", "compile_error", "nothing"),
    ("python", "1 / 0", "runtime_error", "ZeroDivisionError"),
    ("python", "while True: pass", "time_limit_exceeded", "Time limit exceeded ("),
    ("python", "x = bytearray(1 << 30)", "memory_limit_exceeded", "Memory limit exceeded (64 MB)"),
    ("python", "print('x' * (2 << 20))", "output_limit_exceeded", "Output limit exceeded (1024 KB)"),
])
def test_what_goes_wrong_is_said(backend, people, language, code, verdict, error):
    made = make(backend, people, timeLimit=500, testCases=SUM["testCases"][:1])
    answer = run(backend, people, problemId=made["id"], code=code, language=language)
    [result] = answer.json["results"]
    assert (result["status"], result["verdict"], result["passed"]) == ("error", verdict, False), answer
    assert error in result["error"]


def test_running_what_is_not_there(backend, people):
    private = make(backend, people, isPublic=False)
    for problem_id in (private["id"], 999999):
        answer = run(backend, people, problemId=problem_id)
        assert answer.status == 404
        assert answer.json["error"] == "Problem not found" and answer.json["results"] == []
    for body in ({}, {"code": "x"}, {"language": "python"}, {"code": "", "language": "python"}):
        for path in ("/api/problems/run", "/api/problems/run-custom-input"):
            answer = call(backend, people["student"], "POST", path, {**body, **({"problemId": 1} if "-" not in path
                                                                                 else {})})
            assert answer.status == 400 and answer.json["error"] == "Missing required fields: code and language"
    assert run(backend, people).status == 400
    assert run(backend, people, problemId=1, language="klingon").status == 400
    assert run(backend, people, problemId="1").json["details"][0]["field"] == "problemId"


def test_running_on_an_input_of_ones_own(backend, people):
    body = {"code": ADD, "language": "py", "customInput": "20 22"}
    answer = call(backend, people["student"], "POST", "/api/problems/run-custom-input", body)
    assert answer.status == 200, answer
    assert answer.json["status"] == "success" and answer.json["output"] == "42\n" and answer.json["error"] is None
    assert answer.json["input"] == "20 22" and answer.json["mode"] == "custom_input"
    assert answer.json["runtime"] >= 0 and answer.json["memory"] > 0
    answer = call(backend, people["student"], "POST", "/api/problems/run-custom-input", {**body, "customInput": "x"})
    assert answer.json["status"] == "error" and "ValueError" in answer.json["error"]
