"""Who may do what of the backend: every route of its table, tried as everybody.

How a row is added: the route as the table prints it, and a letter for each of ACTORS: `-` for 401, `n` for 403 or
404 (not for you), `y` for anything else. A route without a row fails. Everything is made anew for each attempt, so that
who may delete something finds it there.
"""
import pathlib
import re
import subprocess

import pytest

from arena import BINARY, request

PRINT_ROUTES = pathlib.Path(BINARY).parent / "tests" / "unit" / "backend" / "print_backend_routes"
ROUTES = re.findall(r"^\| (\w+) \| `(\S+)` \| (\w+) \|$",
                    subprocess.run([PRINT_ROUTES], capture_output=True, text=True, check=True).stdout, re.MULTILINE)

# Nobody; the student whose it is, and another; the instructor whose it is, and another; an admin.
ACTORS = ("anonymous", "owner", "student", "author", "instructor", "admin")

EXPECTED = {
    "GET /health": "yyyyyy",
    "GET /health/ready": "yyyyyy",
    "GET /api/health": "yyyyyy",
    "GET /metrics": "-nnnny",

    "POST /api/auth/register": "yyyyyy",
    "POST /api/auth/login": "yyyyyy",
    "GET /api/auth/user": "-yyyyy",
    "POST /api/auth/logout": "-yyyyy",
    "POST /api/auth/refresh": "-yyyyy",
    "POST /api/auth/password": "-yyyyy",

    "GET /api/admin/users": "-nnnny",
    "POST /api/admin/users": "-nnnny",
    "GET /api/admin/users/{id}": "-nnnny",
    "PATCH /api/admin/users/{id}": "-nnnny",
    "POST /api/admin/users/{id}/password": "-nnnny",
    "GET /api/admin/audit": "-nnnny",
    "GET /api/admin/submissions": "-nnnny",
    "GET /api/admin/statistics": "-nnnny",
    "GET /api/admin/queue": "-nnnny",
    "GET /api/admin/workers": "-nnnny",
    "GET /api/admin/deliveries": "-nnnny",
    "POST /api/admin/deliveries/{id}/replay": "-nnnny",
    "POST /api/admin/problems/import": "-nnnny",
    "GET /api/admin/rejudges": "-nnyyy",
    "POST /api/admin/rejudges": "-nnyyy",
    "GET /api/admin/rejudges/{id}": "-nnyny",
    "DELETE /api/admin/rejudges/{id}": "-nnyny",
    "POST /api/admin/rejudges/{id}/apply": "-nnyny",
    "POST /api/admin/rejudges/{id}/undo": "-nnyny",

    "POST /api/execute": "-yyyyy",
    "POST /api/modules/execute": "-yyyyy",
    "GET /api/execution/status": "-nnnny",

    "GET /api/problems": "-yyyyy",
    "POST /api/problems": "-nnyyy",
    "POST /api/problems/import": "-nnyyy",
    "POST /api/problems/run": "-yyyyy",
    "POST /api/problems/run-custom-input": "-yyyyy",
    "GET /api/problems/{id}": "-yyyyy",
    "PUT /api/problems/{id}": "-nnyny",
    "DELETE /api/problems/{id}": "-nnyny",
    "GET /api/problems/{id}/statement": "-yyyyy",

    "POST /api/submissions": "-yyyyy",
    "GET /api/submissions": "-yyyyy",
    "GET /api/submissions/{id}": "-ynyny",
    "DELETE /api/submissions/{id}": "-nnnny",
    "GET /api/submissions/{id}/events": "-ynyny",
    "GET /api/submissions/{id}/ws": "-ynyny",
    "POST /api/live/ticket": "-yyyyy",

    "GET /api/code-execution/contests": "-yyyyy",
    "POST /api/code-execution/contests": "-nnyyy",
    "GET /api/code-execution/contests/{id}": "-yyyyy",
    "PUT /api/code-execution/contests/{id}": "-nnyny",
    "PATCH /api/code-execution/contests/{id}": "-nnyny",
    "DELETE /api/code-execution/contests/{id}": "-nnyny",
    "POST /api/code-execution/contests/{id}/join": "-yyyyy",
    "GET /api/code-execution/contests/{id}/participants": "-yyyyy",
    "GET /api/code-execution/contests/{id}/leaderboard": "-yyyyy",

    "POST /api/code-execution/submissions": "-yyyyy",
    "GET /api/code-execution/submissions": "-yyyyy",
    "GET /api/code-execution/submissions/{id}": "-ynnny",

    "GET /api/code-execution/health": "yyyyyy",
    "POST /api/webhooks/code-execution": "yyyyyy",

    "GET /api/courses": "-yyyyy",
    "POST /api/courses": "-nnyyy",
    "GET /api/courses/{id}": "-yyyyy",
    "PUT /api/courses/{id}": "-nnyny",
    "DELETE /api/courses/{id}": "-nnyny",
    "POST /api/courses/{id}/enroll": "-yyyyy",
    "DELETE /api/courses/{id}/enroll": "-yyyyy",
    "GET /api/courses/{id}/progress": "-nnyny",
    "GET /api/courses/{id}/modules": "-yyyyy",
    "POST /api/courses/{id}/modules": "-nnyny",
    "GET /api/modules/{id}": "-yyyyy",
    "PUT /api/modules/{id}": "-nnyny",
    "DELETE /api/modules/{id}": "-nnyny",
    "POST /api/modules/{id}/complete": "-ynnnn",
}
# Where an empty body is refused before it is asked whose the thing is.
MODULE = {"title": "Pointers", "content": "*", "language": "python", "codeExample": "print(1)"}
BODIES = {"POST /api/courses/{id}/modules": MODULE}

PROGRAM = {"code": "print(1)", "language": "python"}

class World:
    """A whole service, one person of each kind, and makers of what they own."""

    def __init__(self, service):
        self.service = service
        self.people = {name: service.user(role={"author": "instructor", "instructor": "instructor"}.get(name, "student"))
                       for name in ("owner", "student", "author", "instructor")}
        self.people["admin"] = service.user(role="admin")
        self.secret = pathlib.Path(f"{service.folder}/data/webhook-secret").read_text().strip()

    def token(self, actor):
        return self.people[actor]["token"] if actor in self.people else None

    def as_one(self, actor, method, path, body=None):
        answer = self.service.backend(method, path, body, self.token(actor))
        assert answer.status in (200, 201, 202), (path, answer)
        return answer.json["id"]

    # ---- what there is to be had ----

    def user(self):
        return self.service.user()["id"]

    def problem(self):
        return self.as_one("author", "POST", "/api/problems", {
            "title": "Echo", "description": "Say it again", "difficulty": "easy",
            "testCases": [{"input": "1", "expectedOutput": "1", "isHidden": False}]})

    def submission(self):
        return self.as_one("owner", "POST", "/api/submissions?async=true", {**PROGRAM, "problemId": self.problem()})

    def contest(self):
        return self.as_one("author", "POST", "/api/code-execution/contests/", {"title": "Race"})

    def code_submission(self):
        return self.as_one("owner", "POST", "/api/code-execution/submissions/", PROGRAM)

    def course(self):
        return self.as_one("author", "POST", "/api/courses", {"title": "C"})

    def module(self):
        course = self.course()
        assert self.service.backend("POST", f"/api/courses/{course}/enroll", {}, self.token("owner")).status < 300
        return self.as_one("author", "POST", f"/api/courses/{course}/modules", MODULE)

    def rejudge(self):
        submission = self.as_one("owner", "POST", "/api/submissions", {**PROGRAM, "problemId": self.problem()})
        return self.as_one("author", "POST", "/api/admin/rejudges", {"submissionId": submission})

    def delivery(self):
        """One that is not there: whoever gets that far is told so."""
        return 999999

    # ---- a request ----

    MAKERS = (("/api/admin/users/", user), ("/api/problems/", problem), ("/api/submissions/", submission),
              ("/api/code-execution/contests/", contest), ("/api/code-execution/submissions/", code_submission),
              ("/api/courses/", course), ("/api/modules/", module), ("/api/admin/deliveries/", delivery),
              ("/api/admin/rejudges/", rejudge))

    def place(self, path):
        if "{id}" not in path:
            return path
        maker = next(maker for prefix, maker in self.MAKERS if path.startswith(prefix))
        return path.replace("{id}", str(maker(self)))

    def headers(self, route):
        if route == "POST /api/webhooks/code-execution":
            return {"X-Webhook-Secret": self.secret}
        return {}

    def attempt(self, actor, method, path):
        """With a body that says nothing: who may is told so, or is served."""
        body = BODIES.get(f"{method} {path}", {}) if method in ("POST", "PUT", "PATCH") else None
        token = self.token(actor)
        if path in ("/api/auth/logout", "/api/auth/refresh") and token:  # it would be the last thing that it does
            token = self.service.login(self.people[actor]["username"])
        return self.service.backend(method, self.place(path), body, token, self.headers(f"{method} {path}"))


@pytest.fixture(scope="module")
def world(serve):
    return World(serve)


def test_every_route_has_a_row():
    assert [f"{method} {path}" for method, path, _ in ROUTES] == list(EXPECTED)


def outcome(answer, path):
    """A thing that is not there at all is nobody's secret: only the paths that name one can answer 404 for "not yours"."""
    if answer.status == 401:
        return "-"
    hidden = answer.status == 404 and "{id}" in path and not re.search("/deliveries/|/statement", path)
    return "n" if answer.status == 403 or hidden else "y"


@pytest.mark.parametrize("method, path, least", ROUTES, ids=[f"{method} {path}" for method, path, _ in ROUTES])
def test_every_route_as_everybody(world, method, path, least):
    expected = EXPECTED.get(f"{method} {path}", "no row")
    answers = {actor: world.attempt(actor, method, path) for actor in ACTORS}
    assert "".join(outcome(answer, path) for answer in answers.values()) == expected, answers
    assert (expected[0] == "y") == (least == "none")
    for answer in answers.values():
        assert answer.status < 500 or "/admin/deliveries" in path, answer
        if answer.status in (401, 403, 404):
            assert answer.json["message"] == answer.json["error"]
            assert ("detail" in answer.json) == path.startswith(("/api/code-execution", "/api/webhooks"))


@pytest.mark.parametrize("method, path, least", [route for route in ROUTES if route[2] != "none"],
                         ids=[f"{method} {path}" for method, path, least in ROUTES if least != "none"])
def test_what_is_no_token_opens_nothing(world, method, path, least):
    for headers in ({"Authorization": "Bearer x"}, {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"},
                    {"Authorization": "Basic YWRtaW46YWRtaW4="}, {"X-API-Key": "ak_" + "0" * 64},
                    {"Cookie": f"token={world.token('admin')}"}):
        body = {} if method in ("POST", "PUT", "PATCH") else None
        answer = request(world.service.backend_port, method, path.replace("{id}", "1"), body, headers)
        assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer", (headers, answer)
    query = request(world.service.backend_port, method, path.replace("{id}", "1") + "?token=x&ticket=x",
                    {} if method in ("POST", "PUT", "PATCH") else None)
    assert query.status == 401


def test_what_is_not_there_is_not_there_for_anybody(world):
    for actor in ACTORS:
        assert world.service.backend("GET", "/api/nothing", token=world.token(actor)).status == 404
