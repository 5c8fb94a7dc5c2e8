"""`arena admin user` and `arena admin token`, by way of a backend and without; `arena migrate`; what `arena serve`
finds out by itself."""
import json
import os
import pathlib
import pwd
import re
import subprocess

import pytest

from arena import BINARY, wait_for

SECRET = "a-secret-of-the-tests-that-is-long-enough"


def arena(service, *words, stdin=None, **environment):
    return subprocess.run([BINARY, *words], cwd=service.folder, text=True, capture_output=True, input=stdin,
                          env={**service.environment, **environment}, timeout=60)


def user(service, *words, **options):
    return arena(service, "admin", "user", *words, **options)


def accounts(service, *words):
    return {each["username"]: each for each in json.loads(user(service, "list", "--json", *words).stdout)}


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_the_life_of_a_user(make_service, running):
    service = make_service("backend").start()
    if not running:
        service.terminate()
    added = user(service, "add", "teacher", "--email", "teacher+1@example.org", "--role", "instructor")
    assert added.returncode == 0 and re.fullmatch(r"[0-9a-f]{24}\n", added.stdout), added
    password = added.stdout.strip()
    assert password not in added.stderr and "teacher" in added.stderr
    assert accounts(service)["teacher"]["role"] == "instructor"
    assert accounts(service)["teacher"]["mustChangePassword"] is True
    assert user(service, "add", "Teacher", "--email", "other@example.org").returncode == 1
    assert user(service, "role", "teacher+1@example.org", "student").returncode == 0
    assert user(service, "disable", "teacher").returncode == 0
    assert accounts(service)["teacher"]["role"] == "student" and accounts(service)["teacher"]["isActive"] is False
    token = arena(service, "admin", "token", "teacher")
    assert token.returncode == 1 and token.stdout == "" and "disabled" in token.stderr
    assert user(service, "enable", "teacher").returncode == 0
    assert user(service, "password", "teacher", "--password-file", "-", stdin="a password of mine\n").returncode == 0
    token = arena(service, "admin", "token", "teacher", "--hours", "1").stdout.strip()
    for name, status in (("nobody", 1), ("x y", 1)):
        missing = user(service, "enable", name)
        assert missing.returncode == status and "there is no user" in missing.stderr
    last = user(service, "role", "admin", "student")
    assert last.returncode == 1 and "last admin" in last.stderr
    assert "teacher" in user(service, "list").stdout
    if not running:
        service.start()
    assert service.backend("GET", "/api/auth/user", token=token).json["username"] == "teacher"
    assert service.login("teacher", "a password of mine")
    actions = [entry["action"] for entry in
               service.backend("GET", "/api/admin/audit", token=service.admin()).json["results"]]
    assert actions == ["user.password", "user.enable", "user.disable", "user.role", "user.add"]


@pytest.mark.parametrize("words, said", [
    (["add", "x1"], "--email"), (["add", "x", "--email", "x@y.z"], "the username"),
    (["add", "x1", "--email", "x"], "the e-mail address"), (["add", "x1", "--email", "x@y.z", "--role", "king"], "--role"),
    (["role", "admin"], "the role must be"), (["role", "admin", "king"], "the role must be"),
    (["remove", "admin"], "list, add"), (["add"], "list, add"),
])
def test_words_that_are_wrong(backend, words, said):
    done = user(backend, *words)
    assert done.returncode == 2 and said in done.stderr


def test_a_token_needs_the_secret(make_service):
    """Who cannot read it is nobody."""
    service = make_service("backend", JWT_SECRET=SECRET).start()
    good = arena(service, "admin", "token", "admin")
    assert good.returncode == 0 and service.backend("GET", "/api/admin/users", token=good.stdout.strip()).status == 200
    wrong = arena(service, "admin", "token", "admin", JWT_SECRET="another-secret-that-is-long-enough-too")
    assert wrong.returncode == 1 and wrong.stdout == "" and "401" in wrong.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two users")
def test_nothing_of_roots_is_left(make_service):
    service = make_service("backend")
    assert user(service, "add", "first", "--email", "first@example.org").returncode == 0
    arena_user = pwd.getpwnam("arena").pw_uid
    assert {path.stat().st_uid for path in pathlib.Path(f"{service.folder}/data").iterdir()} == {arena_user}
    service.start()
    assert set(accounts(service)) == {"first"}


def test_migrate_covers_both(make_service):
    service = make_service("serve")
    before = arena(service, "migrate", "--status").stdout
    assert before.startswith("execution service:\n") and "\nbackend:\n" in before and "to come" in before
    after = arena(service, "migrate")
    assert after.returncode == 0 and "to come" not in after.stdout and "users" in after.stdout
    assert re.findall(r"^(?:execution service|backend):$", after.stdout, re.MULTILINE) == ["execution service:",
                                                                                        "backend:"]


# ---- arena serve ----


def test_two_secrets_that_differ(make_service):
    service = make_service("serve", BACKEND_WEBHOOK_SECRET="hidden-one",
                           CODE_EXECUTION_WEBHOOK_SECRET="hidden-other").launch()
    assert service.process.wait(30) == 2
    assert "BACKEND_WEBHOOK_SECRET" in service.log() and "CODE_EXECUTION_WEBHOOK_SECRET" in service.log()
    assert "hidden" not in service.log()


@pytest.mark.parametrize("given, forgotten", [("DATABASE_URL", "BACKEND_DATABASE_URL"),
                                              ("BACKEND_DATABASE_URL", "DATABASE_URL")])
def test_half_of_the_data_elsewhere(make_service, given, forgotten):
    service = make_service("serve")
    service.environment.pop(forgotten, None)
    service.environment[given] = "postgresql://nobody:hidden@127.0.0.1:1/x"
    service.launch()
    assert service.process.wait(30) == 2
    assert f"{forgotten} is not set" in service.log() and "hidden" not in service.log()


def test_results_reach_the_backend(serve):
    """The two know each other's address and a secret that nobody has told them."""
    assert "-secret" in " ".join(os.listdir(f"{serve.folder}/data"))
    done = serve.run("print('told')")
    wait_for(lambda: serve.get(f"/api/v1/submissions/{done['id']}").json["webhook_sent"])
    assert serve.get(f"/api/v1/submissions/{done['id']}").json["webhook_response"] == "Success: 200"


def test_production_on_one_machine(make_service):
    """The backend may ask the execution service although that wants keys; nobody else may."""
    service = make_service("serve", NODE_ENV="production", JWT_SECRET=SECRET)
    service.launch()
    service.ready_line = service.process.stdout.readline()
    assert service.ready_line.startswith("ready"), service.log()
    assert service.get("/api/stats").status == 401
    answer = service.backend("GET", "/api/code-execution/health/")
    assert answer.status == 200 and answer.json["status"] == "healthy", answer


def test_the_queue_of_one_machine(make_service):
    """EXECUTION_MODE=queue needs no URL and no key there, in production neither."""
    service = make_service("serve", NODE_ENV="production", JWT_SECRET=SECRET, EXECUTION_MODE="queue")
    service.launch()
    assert service.process.stdout.readline().startswith("ready"), service.log()
    answer = service.backend("POST", "/api/execute", {"code": "print(7)", "language": "python"}, service.admin())
    assert answer.status == 200 and answer.json["output"] == "7\n", answer
    status = service.backend("GET", "/api/execution/status", token=service.admin()).json
    assert (status["mode"], status["queueServiceAvailable"], status["fallbacks"]) == ("queue", True, 0)


def test_port_takes_the_place_of_5000(make_service):
    service = make_service("backend")
    del service.environment["BACKEND_LISTEN"]
    printed = arena(service, "config", PORT="5123").stdout
    assert "BACKEND_LISTEN=127.0.0.1:8000,127.0.0.1:5123 " in printed
    printed = arena(service, "config", PORT="5123", BACKEND_LISTEN="127.0.0.1:1").stdout
    assert "BACKEND_LISTEN=127.0.0.1:1 " in printed
