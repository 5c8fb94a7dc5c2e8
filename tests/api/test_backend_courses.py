"""Courses and modules: who makes, sees and takes them, and how far they are."""
import concurrent.futures

import pytest

COURSES, MODULES = "/api/courses", "/api/modules"


@pytest.fixture(scope="module")
def people(backend):
    return {"admin": backend.admin(), **{name: backend.user(role=role)["token"] for name, role in (
        ("teacher", "instructor"), ("other", "instructor"), ("ann", "student"), ("bob", "student"))}}


@pytest.fixture
def ask(backend, people):
    def call(who, method, path, body=None, status=200):
        answer = backend.backend(method, path, body, people.get(who))
        assert answer.status == status, answer
        return answer.json if answer.body else None

    return call


@pytest.fixture
def course(ask):
    return ask("teacher", "POST", COURSES, {"title": "C", "description": "All of it"}, 201)


def add(ask, course, title="Pointers", **fields):
    return ask("teacher", "POST", f"{COURSES}/{course['id']}/modules", {"title": title, **fields}, 201)


def titles(ask, course, who="teacher"):
    listed = ask(who, "GET", f"{COURSES}/{course['id']}/modules")
    assert [each["position"] for each in listed] == list(range(1, len(listed) + 1))
    return [each["title"] for each in listed]


def test_a_course(ask, course):
    assert {name: course[name] for name in ("title", "description", "isPublic", "moduleCount", "studentCount",
                                            "enrolled", "progress")} == {
        "title": "C", "description": "All of it", "isPublic": True, "moduleCount": 0, "studentCount": 0,
        "enrolled": False, "progress": None}
    path = f"{COURSES}/{course['id']}"
    assert ask("ann", "GET", path) == ask("ann", "GET", path + "/") == course
    changed = ask("teacher", "PUT", path, {"title": "C17", "isPublic": False})
    assert (changed["title"], changed["description"], changed["isPublic"]) == ("C17", "All of it", False)
    assert changed["updatedAt"] >= course["updatedAt"]
    ask("ann", "GET", path, status=404)
    ask("other", "GET", path, status=404)
    assert ask("admin", "GET", path) == ask("teacher", "GET", path)


@pytest.mark.parametrize("body, status, field", [
    ({}, 400, "title"), ({"title": ""}, 400, "title"), ({"title": "x" * 256}, 413, "title"),
    ({"title": "T", "isPublic": 1}, 400, "isPublic"), ({"title": "T", "price": 5}, 400, "price"),
    ({"title": "T", "description": []}, 400, "description")])
def test_what_is_wrong_is_named(ask, body, status, field):
    assert field in [each["field"] for each in ask("teacher", "POST", COURSES, body, status)["details"]]


def test_who_may(ask, course, backend):
    path = f"{COURSES}/{course['id']}"
    module = add(ask, course)
    assert backend.backend("GET", COURSES).status == 401
    ask("ann", "POST", COURSES, {"title": "T"}, 403)
    for who in ("ann", "other"):
        ask(who, "PUT", path, {"title": "T"}, 403)
        ask(who, "DELETE", path, status=403)
        ask(who, "POST", path + "/modules", {"title": "T"}, 403)
        ask(who, "PUT", f"{MODULES}/{module['id']}", {"title": "T"}, 403)
        ask(who, "DELETE", f"{MODULES}/{module['id']}", status=403)
        ask(who, "GET", path + "/progress", status=403)
    assert ask("admin", "PUT", path, {"title": "by the admin"})["title"] == "by the admin"
    ask("teacher", "DELETE", path, status=204)
    ask("admin", "GET", path, status=404)
    ask("admin", "GET", f"{MODULES}/{module['id']}", status=404)
    assert ask("admin", "GET", "/api/admin/audit")["results"][0]["action"] == "course.delete"


def test_lists(ask, course):
    hidden = ask("other", "POST", COURSES, {"title": "closed", "isPublic": False}, 201)
    ids = [each["id"] for each in ask("ann", "GET", COURSES)]
    assert course["id"] in ids and hidden["id"] not in ids and ids == sorted(ids, reverse=True)
    assert hidden["id"] in [each["id"] for each in ask("other", "GET", COURSES)]
    page = ask("ann", "GET", f"{COURSES}?page=1&page_size=1")
    assert set(page) == {"count", "next", "previous", "results"} and len(page["results"]) == 1
    assert course["id"] not in [each["id"] for each in ask("bob", "GET", f"{COURSES}?mine=true")]
    ask("bob", "POST", f"{COURSES}/{course['id']}/enroll", status=201)
    assert [each["id"] for each in ask("bob", "GET", f"{COURSES}?mine=true")] == [course["id"]]
    assert course["id"] in [each["id"] for each in ask("teacher", "GET", f"{COURSES}?mine=true")]
    ask("bob", "DELETE", f"{COURSES}/{course['id']}/enroll", status=204)
    assert ask("bob", "GET", f"{COURSES}?mine=true") == []


def test_a_module(ask, course):
    made = add(ask, course, content="# Text", codeExample="print(6 * 7)", language="PY", expectedOutput="42")
    assert {name: made[name] for name in made if name not in ("id", "createdAt", "updatedAt")} == {
        "courseId": course["id"], "position": 1, "title": "Pointers", "content": "# Text",
        "codeExample": "print(6 * 7)", "language": "python", "expectedOutput": "42", "completed": False,
        "completedAt": None}
    path = f"{MODULES}/{made['id']}"
    assert ask("ann", "GET", path) == made
    changed = ask("teacher", "PUT", path, {"content": "", "expectedOutput": None})
    assert (changed["content"], changed["expectedOutput"], changed["title"]) == ("", None, "Pointers")
    assert ask("teacher", "GET", f"{COURSES}/{course['id']}")["moduleCount"] == 1
    for body, field in (({"title": " "}, "title"), ({"title": "T", "language": "klingon"}, "language"),
                        ({"title": "T", "position": 0}, "position"), ({"title": "T", "colour": 1}, "colour")):
        answer = ask("teacher", "POST", f"{COURSES}/{course['id']}/modules", body, 400)
        assert [each["field"] for each in answer["details"]] == [field]
    ask("teacher", "POST", f"{COURSES}/{course['id']}/modules", {"title": "T", "codeExample": "x"}, 400)
    ask("teacher", "POST", f"{COURSES}/999999/modules", {"title": "T"}, 404)


def test_their_order(ask, course):
    made = {title: add(ask, course, title)["id"] for title in "abcd"}
    assert titles(ask, course) == ["a", "b", "c", "d"]

    def move(title, position):
        moved = ask("teacher", "PUT", f"{MODULES}/{made[title]}", {"position": position})
        listed = titles(ask, course)
        assert listed.index(title) + 1 == moved["position"]
        return "".join(listed)

    assert move("a", 3) == "bcad"
    assert move("d", 1) == "dbca"
    assert move("d", 1) == "dbca"
    assert move("b", 900) == "dcab"
    add(ask, course, "e", position=2)
    add(ask, course, "f", position=900)
    assert "".join(titles(ask, course)) == "decabf"
    ask("teacher", "DELETE", f"{MODULES}/{made['c']}", status=204)
    assert "".join(titles(ask, course)) == "deabf"
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: add(ask, course, f"{n}", position=1), range(8)))
    assert len(titles(ask, course)) == 13


def test_taking_a_course(ask, course, backend):
    path = f"{COURSES}/{course['id']}"
    modules = [add(ask, course, title) for title in "ab"]
    assert ask("ann", "POST", path + "/enroll", status=201)["progress"] == {"completed": 0, "total": 2}
    assert ask("ann", "POST", path + "/enroll", {})["enrolled"] is True
    done = ask("ann", "POST", f"{MODULES}/{modules[0]['id']}/complete", {})
    assert done["completed"] is True and done["completedAt"]
    assert ask("ann", "POST", f"{MODULES}/{modules[0]['id']}/complete")["completedAt"] == done["completedAt"]
    ask("bob", "POST", f"{MODULES}/{modules[0]['id']}/complete", status=403)
    assert ask("ann", "GET", path)["progress"] == {"completed": 1, "total": 2}
    assert [each["completed"] for each in ask("ann", "GET", path + "/modules")] == [True, False]
    assert [each["completed"] for each in ask("teacher", "GET", path + "/modules")] == [False, False]
    ann = backend.backend("GET", "/api/auth/user", token=None) and ask("ann", "GET", "/api/auth/user")
    name = (ann.get("user") or ann)["username"]
    progress = ask("teacher", "GET", path + "/progress")
    assert [(each["username"], each["progress"]) for each in progress] == [(name, {"completed": 1, "total": 2})]
    # What was done stays done, for who comes back.
    ask("ann", "DELETE", path + "/enroll", status=204)
    assert ask("ann", "GET", path)["progress"] is None
    assert ask("ann", "POST", path + "/enroll", status=201)["progress"] == {"completed": 1, "total": 2}


def test_enrolling_others(ask, course, backend):
    path = f"{COURSES}/{course['id']}"
    guest = backend.user()
    ask("teacher", "PUT", path, {"isPublic": False})
    assert backend.backend("POST", path + "/enroll", {}, guest["token"]).status == 404
    ask("ann", "POST", path + "/enroll", {"userId": guest["id"]}, 404)
    ask("teacher", "POST", path + "/enroll", {"userId": 999999}, 404)
    ask("teacher", "POST", path + "/enroll", {"userId": "x"}, 400)
    ask("teacher", "POST", path + "/enroll", {"userId": guest["id"]}, 201)
    assert backend.backend("GET", path, token=guest["token"]).json["enrolled"] is True
    ask("teacher", "PUT", path, {"isPublic": True})
    ask("ann", "POST", path + "/enroll", {"userId": guest["id"]}, 403)


def test_a_module_that_is_to_be_run(ask, course):
    made = add(ask, course, codeExample="print(42)", language="python", expectedOutput="42")
    ask("ann", "POST", f"{COURSES}/{course['id']}/enroll", status=201)
    answer = ask("ann", "POST", f"{MODULES}/{made['id']}/complete", status=409)
    assert "expected output" in answer["message"]
    assert ask("ann", "GET", f"{MODULES}/{made['id']}")["completed"] is False


def test_the_run_that_completes_a_module(ask, course, people, backend):
    made = add(ask, course, codeExample="print(6 * 7)", language="python", expectedOutput="42\n")
    run = {"code": "print(6 * 7)", "language": "python", "moduleId": made["id"]}

    def completed(who, **fields):
        answer = ask(who, "POST", f"{MODULES}/execute", {**run, **fields})
        assert answer["completed"] == ask(who, "GET", f"{MODULES}/{made['id']}")["completed"]
        return answer["completed"]

    assert completed("ann") is False  # she does not take the course
    ask("ann", "POST", f"{COURSES}/{course['id']}/enroll", status=201)
    assert completed("ann", code="print(41)") is False
    assert completed("ann", code="print(42); raise SystemExit(1)") is False
    assert completed("ann") is True
    assert completed("ann", code="print('more')") is True  # what is done is done
    assert ask("ann", "GET", f"{COURSES}/{course['id']}")["progress"] == {"completed": 1, "total": 1}
    assert completed("bob") is False
    assert "completed" not in ask("ann", "POST", f"{MODULES}/execute", {"code": "print(42)", "language": "python"})
    ask("ann", "POST", f"{MODULES}/execute", {**run, "moduleId": 999999}, 404)
    ask("ann", "POST", f"{MODULES}/execute", {**run, "moduleId": "1"}, 400)
