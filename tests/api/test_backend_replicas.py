"""Several backends on one PostgreSQL: whoever is signed in at one is so at all, until one of them says otherwise."""
import os
import sys

import pytest

from arena import ROOT, password_of, wait_for

sys.path.insert(0, str(ROOT / "tests"))
from postgres import Postgres  # noqa: E402 (its folder is not a package)

SECRET = "a-secret-of-the-tests-that-is-long-enough"


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        yield server


@pytest.fixture
def replicas(postgres, make_service):
    url = postgres.new_schema()
    made = [make_service("backend", BACKEND_DATABASE_URL=url, JWT_SECRET=SECRET, DIRECT_SLOTS=1) for _ in range(2)]
    for each in made:  # both at once: one migrates and makes the admin, the other waits for it
        del each.environment["ADMIN_PASSWORD"]
        each.launch()
    for each in made:
        assert each.process.stdout.readline().startswith("ready"), each.log()
    return made


def status(service, token, path="/api/auth/user"):
    return service.backend("GET", path, token=token).status


def test_one_admin_one_password_all_sessions(replicas):
    here, there = replicas
    paths = [f"{each.folder}/data/admin-password" for each in replicas]
    [path] = [path for path in paths if os.path.exists(path)]
    with open(path) as file:
        password = file.read().strip()
    admin = there.login("admin", password)
    user = here.user()
    second = there.login(user["username"])

    assert status(there, user["token"]) == status(here, second) == 200
    assert here.backend("POST", "/api/auth/logout", {}, user["token"]).status == 200
    wait_for(lambda: status(there, user["token"]) == 401, timeout=10)
    assert status(there, second) == 200

    path = f"/api/admin/users/{user['id']}"
    assert status(here, second, "/api/admin/users") == 403
    assert there.backend("PATCH", path, {"role": "admin"}, admin).status == 200
    wait_for(lambda: status(here, second, "/api/admin/users") == 200, timeout=10)
    changed = there.backend("POST", "/api/auth/password", {"currentPassword": password_of(user["username"]),
                                                           "newPassword": "a new password"}, second)
    assert changed.status == 200
    wait_for(lambda: status(here, second) == 401, timeout=10)
    assert status(here, changed.json["token"]) == 200
    assert there.backend("PATCH", path, {"isActive": False}, admin).status == 200
    wait_for(lambda: status(here, changed.json["token"]) == 401, timeout=10)
