"""API keys: who may use which route, how the first key comes to be, `arena admin key`."""
import contextlib
import datetime
import os
import pathlib
import re
import socket
import sqlite3
import stat
import subprocess

import pytest

from arena import BINARY, POSTGRES, TOKEN, psql, request, wait_for
from fake_worker import FakeWorker

SCOPES = ("submit", "read", "admin", "worker")
PRINT_ROUTES = pathlib.Path(BINARY).parent / "tests" / "unit" / "execution" / "print_routes"
ROW = re.compile(r"^\| (\w+) \| `(\S+)` \| ([\w,]+) \|$")
ROUTES = [ROW.match(line).groups() for line in
          subprocess.run([PRINT_ROUTES], capture_output=True, text=True, check=True).stdout.splitlines()[2:]]


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def admin(service, *words, environment=None):
    return subprocess.run([BINARY, "admin", "key", *words], cwd=service.folder, text=True, capture_output=True,
                          env={**service.environment, **(environment or {})}, timeout=60)


def say(service, statement):
    """Straight to the database."""
    if POSTGRES:
        psql(service.environment["DATABASE_URL"], statement)
    else:
        with contextlib.closing(sqlite3.connect(f"{service.folder}/data/execution.db", timeout=30)) as database:
            database.execute(statement)
            database.commit()


def listed(service, number):
    [row] = [each for each in service.get("/api/v1/keys", bearer(first_key(service))).json if each["id"] == number]
    return row


def milliseconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def first_key(service):
    return pathlib.Path(f"{service.folder}/data/admin-key").read_text().strip()


def make_key(service, *scopes):
    """By the HTTP interface."""
    answer = service.post("/api/v1/keys", {"name": "test", "scopes": list(scopes)}, bearer(first_key(service)))
    assert answer.status == 201, answer
    return answer.json


@pytest.fixture(scope="module")
def guarded():
    """A service that wants keys: it listens beyond loopback too. And a key of each scope."""
    from arena import Service
    service = Service("execution")
    service.environment["EXECUTION_LISTEN"] = f"0.0.0.0:{service.port}"
    try:
        service.start()
        service.keys = {scope: make_key(service, scope)["key"] for scope in SCOPES}
        yield service
    finally:
        service.close()


def concrete(path):
    return (path.replace("{sha256}", "0" * 64).replace("{jobId}", "00000000-0000-4000-8000-000000000000")
            .replace("{delivery_id}", "1").replace("{id}", "999999"))


def attempt(service, method, path, headers):
    body = {} if method in ("POST", "PUT") else None
    return request(service.port, method, concrete(path), body, headers)


@pytest.mark.parametrize("method, path, scopes", ROUTES, ids=[f"{method} {path}" for method, path, _ in ROUTES])
def test_every_route_with_every_kind_of_key(guarded, method, path, scopes):
    if scopes == "none":
        for headers in ({}, bearer("ak_wrong"), bearer(guarded.keys["worker"])):
            assert attempt(guarded, method, path, headers).status not in (401, 403)
        return
    for headers in ({}, bearer("ak_" + "0" * 64), bearer("x"), {"X-API-Key": "x"}, {"Authorization": "Basic x"},
                    {"X-Forwarded-For": "127.0.0.1"}):
        answer = attempt(guarded, method, path, headers)
        assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer", (headers, answer)
    for scope in SCOPES:
        for headers in (bearer(guarded.keys[scope]), {"X-API-Key": guarded.keys[scope]}):
            answer = attempt(guarded, method, path, headers)
            if scope in scopes.split(","):
                assert answer.status not in (401, 403), (scope, answer)
            else:
                assert answer.status == 403, (scope, answer)
                assert method == "HEAD" or scopes in answer.body.decode(), (scope, answer)


def test_a_route_that_is_not_there(guarded):
    assert guarded.get("/api/v1/nothing").status == 404


def test_the_whole_way_with_keys(guarded):
    hello = {"code": "print(1)", "language": "python", "user_id": 1}
    created = guarded.post("/api/v1/submissions/", hello, bearer(guarded.keys["submit"]))
    assert created.status == 201
    path = f"/api/v1/submissions/{created.json['id']}"
    assert guarded.get(path, bearer(guarded.keys["submit"])).status == 403
    assert guarded.get(path, bearer(guarded.keys["read"])).json["status"] == "pending"
    worker = FakeWorker(guarded.port, token=guarded.keys["worker"])
    assert [job["submission_id"] for job in worker.claim()] == [created.json["id"]]
    worker.leave()
    worker = FakeWorker(guarded.port, token=TOKEN)
    assert [job["submission_id"] for job in worker.claim()] == [created.json["id"]]
    worker.leave()


def test_names_are_each_keys_own(guarded):
    keys = [make_key(guarded, "submit")["key"] for _ in range(2)]

    def post(key, **fields):
        answer = guarded.post("/api/v1/submissions/", {"code": "1", "language": "python", "user_id": 1,
                                                       "execute": False, **fields}, bearer(key))
        assert answer.status in (200, 201)
        return answer.status, answer.json["id"]

    for field in ("external_id", "idempotency_key"):
        first, other = (post(key, **{field: "mine"}) for key in keys)
        assert first[0] == other[0] == 201 and first[1] != other[1]
        assert post(keys[0], **{field: "mine"}) == (200, first[1])
        assert post(keys[1], **{field: "mine"}) == (200, other[1])
    contests = [guarded.post("/api/v1/contests/", {"title": "x", "external_id": "c"}, bearer(key)) for key in keys]
    assert [each.status for each in contests] == [201, 201]


def test_a_key_is_shown_once_and_hashed_at_rest(guarded):
    made = make_key(guarded, "read", "submit")
    assert re.fullmatch(r"ak_[0-9a-f]{64}", made["key"]) and made["prefix"] == made["key"][:11]
    assert made["scopes"] == ["submit", "read"]
    assert made["key"] not in guarded.get("/api/v1/keys", bearer(first_key(guarded))).body.decode()
    assert listed(guarded, made["id"]) == {name: value for name, value in made.items() if name != "key"}
    for path in pathlib.Path(f"{guarded.folder}/data").iterdir():
        if path.name != "admin-key" and path.is_file():
            assert made["key"].encode() not in path.read_bytes(), path
    assert made["key"] not in guarded.log() and first_key(guarded) not in guarded.log()


def test_a_revoked_key_is_refused_at_once(guarded):
    made = make_key(guarded, "read")
    assert guarded.get("/api/stats", bearer(made["key"])).status == 200
    path = f"/api/v1/keys/{made['id']}"
    for _ in range(2):
        assert guarded.request("DELETE", path, headers=bearer(first_key(guarded))).status == 204
    refused = guarded.get("/api/stats", bearer(made["key"]))
    assert (refused.status, refused.json) == (401, {"error": "The API key was revoked"})
    assert listed(guarded, made["id"])["revoked_at"] is not None
    assert guarded.request("DELETE", "/api/v1/keys/999999", headers=bearer(first_key(guarded))).status == 404


def test_a_key_that_expires(guarded):
    answer = guarded.post("/api/v1/keys", {"name": "x", "scopes": ["read"], "expires_in_days": 2},
                          bearer(first_key(guarded)))
    made = answer.json
    assert answer.status == 201
    assert milliseconds(made["expires_at"]) - milliseconds(made["created_at"]) == 2 * 86400000
    assert guarded.get("/api/stats", bearer(made["key"])).status == 200
    assert listed(guarded, made["id"])["expires_at"] == made["expires_at"]
    say(guarded, f"UPDATE api_key SET expires_ms = 1000 WHERE id = {made['id']}")
    wait_for(lambda: guarded.get("/api/stats", bearer(made["key"])).status == 401)
    assert guarded.get("/api/stats", bearer(made["key"])).json == {"error": "The API key has expired"}
    assert guarded.get("/api/stats", bearer("ak_" + "0" * 64)).json == {"error": "The API key is wrong"}
    assert make_key(guarded, "read")["expires_at"] is None


def test_a_worker_hears_why_its_key_is_refused(guarded):
    made = make_key(guarded, "worker")
    worker = FakeWorker(guarded.port, token=made["key"])
    worker.claim(wait_ms=0)
    worker.leave()
    guarded.request("DELETE", f"/api/v1/keys/{made['id']}", headers=bearer(first_key(guarded)))
    refused = guarded.post("/internal/v1/claim", {}, bearer(made["key"]))
    assert (refused.status, refused.json) == (401, {"detail": "The API key was revoked"})


def test_when_a_key_was_last_used(make_service):
    service = make_service("execution", NODE_ENV="production").start()
    used, unused = make_key(service, "read"), make_key(service, "read")
    assert used["last_used_at"] is None
    before = datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000 - 1
    assert service.get("/api/stats", bearer(used["key"])).status == 200
    assert service.terminate()[0] == 0  # which writes down what it knows
    service.start()
    assert milliseconds(listed(service, used["id"])["last_used_at"]) >= before
    assert listed(service, unused["id"])["last_used_at"] is None
    # An earlier time, another replica's that was late, changes nothing.
    say(service, f"UPDATE api_key SET used_ms = {10 ** 14} WHERE id = {used['id']}")
    assert service.get("/api/stats", bearer(used["key"])).status == 200
    service.terminate()
    service.start()
    assert milliseconds(listed(service, used["id"])["last_used_at"]) == 10 ** 14


@pytest.mark.parametrize("body, place", [
    ({"name": "x", "scopes": ["read"], "expires_in_days": 0}, ["expires_in_days"]),
    ({"name": "x", "scopes": ["read"], "expires_in_days": 36501}, ["expires_in_days"]),
    ({"name": "x", "scopes": ["read"], "expires_in_days": "soon"}, ["expires_in_days"]),
    ({"scopes": ["read"]}, ["name"]), ({"name": "", "scopes": ["read"]}, ["name"]), ({"name": "x"}, ["scopes"]),
    ({"name": "x", "scopes": []}, ["scopes"]), ({"name": "x", "scopes": "read"}, ["scopes"]),
    ({"name": "x", "scopes": ["all"]}, ["scopes", 0]), ({"name": "x", "scopes": ["read,admin"]}, ["scopes", 0]),
    ({"name": "x", "scopes": [1]}, ["scopes", 0]), ({"name": "x", "scopes": ["read"], "key": "ak_1"}, ["key"]),
])
def test_faults(guarded, body, place):
    answer = guarded.post("/api/v1/keys", body, bearer(first_key(guarded)))
    assert answer.status == 422 and [each["loc"] for each in answer.json["detail"]] == [["body", *place]]


# ---- the first key, and development ----

def test_the_first_key(make_service):
    service = make_service("execution", NODE_ENV="production").start()
    path = pathlib.Path(f"{service.folder}/data/admin-key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in service.log()
    assert service.get("/api/stats").status == 401
    assert service.get("/api/v1/keys", bearer(first_key(service))).status == 200
    before = path.read_text()
    service.terminate()
    service.start()
    assert path.read_text() == before
    assert len(service.get("/api/v1/keys", bearer(first_key(service))).json) == 1


def test_no_key_is_made_where_none_is_needed(execution):
    assert not pathlib.Path(f"{execution.folder}/data/admin-key").exists()
    assert execution.get("/api/v1/keys").json == []


def test_development_is_trusted_from_this_machine_alone(make_service):
    service = make_service("execution").start()
    assert service.get("/api/stats").status == 200
    for headers in ({"Host": "arena.example"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-Proto": "https"},
                    {"Forwarded": "for=127.0.0.1"}):
        assert service.get("/api/stats", headers).status == 401, headers
    assert service.get("/api/stats", bearer("YOUR_TOKEN")).status == 200
    assert service.get("/api/stats", bearer("ak_wrong")).status == 401
    made = service.post("/api/v1/keys", {"name": "x", "scopes": ["read"]}).json
    assert service.get("/api/stats", {**bearer(made["key"]), "Host": "arena.example"}).status == 200
    assert service.get("/api/v1/keys", bearer(made["key"])).status == 403
    assert service.request("POST", "/internal/v1/claim", {}).status == 401


def test_another_address_of_this_machine_is_not_loopback(guarded):
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which address would be ours
        address = probe.getsockname()[0]
    except OSError:
        pytest.skip("this machine has no address but loopback")
    finally:
        probe.close()
    import http.client
    connection = http.client.HTTPConnection(address, guarded.port, timeout=10)
    connection.request("GET", "/api/stats")
    assert connection.getresponse().status == 401
    connection.close()


# ---- arena admin key ----

def test_admin_key_by_way_of_the_service(guarded):
    made = admin(guarded, "create", "--name", "backend", "--scopes", "submit,read", "--expires", "30",
                 "--service", f"http://127.0.0.1:{guarded.port}")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert re.fullmatch(r"ak_[0-9a-f]{64}", key) and key not in made.stderr
    assert guarded.get("/api/stats", bearer(key)).status == 200

    shown = admin(guarded, "list").stdout
    [line] = [line for line in shown.splitlines() if "backend" in line]
    assert key[:11] in line and "submit,read" in line and key not in shown
    number = line.split()[0]
    expires = listed(guarded, int(number))["expires_at"]
    assert expires and expires in line
    as_json = admin(guarded, "list", "--json")
    assert f'"id":{number},' in as_json.stdout.replace(" ", "")

    assert admin(guarded, "revoke", number).returncode == 0
    assert guarded.get("/api/stats", bearer(key)).status == 401
    gone = admin(guarded, "revoke", "999999")
    assert gone.returncode == 1 and "API key not found" in gone.stderr


def test_admin_key_with_a_key_that_may_not(guarded, tmp_path):
    path = tmp_path / "key"
    path.write_text(guarded.keys["read"] + "\n")
    done = admin(guarded, "list", "--key-file", str(path))
    assert done.returncode == 1 and "403" in done.stderr and guarded.keys["read"] not in done.stderr
    done = admin(guarded, "list", "--key-file", str(tmp_path / "absent"))
    assert done.returncode == 1 and "key file" in done.stderr


def test_admin_key_at_the_database(make_service):
    service = make_service("execution", NODE_ENV="production").start()
    beside = admin(service, "list", "--database")
    if POSTGRES:
        assert beside.returncode == 0, beside.stderr
    else:
        assert beside.returncode == 1 and "in use" in beside.stderr, beside.stderr
    service.terminate()
    stopped = admin(service, "list")
    assert stopped.returncode == 1 and "--database" in stopped.stderr

    made = admin(service, "create", "--name", "spare", "--scopes", "admin", "--expires", "1", "--database")
    assert made.returncode == 0, made.stderr
    assert len(admin(service, "list", "--database").stdout.splitlines()) == 3
    assert admin(service, "revoke", "1", "--database").returncode == 0
    assert "there is no key 9" in admin(service, "revoke", "9", "--database").stderr
    if os.geteuid() == 0:
        owners = {path.stat().st_uid for path in pathlib.Path(f"{service.folder}/data").iterdir()}
        assert 0 not in owners

    service.start()
    assert service.get("/api/v1/keys", bearer(first_key(service))).status == 401
    keys = service.get("/api/v1/keys", bearer(made.stdout.strip())).json
    assert [key["expires_at"] is None for key in keys] == [True, False]


# ---- workers ----

def test_a_real_worker_with_a_key(make_service):
    service = make_service("execution", NODE_ENV="production", WORKER_TOKEN="").start()
    path = pathlib.Path(service.folder) / "worker-key"
    made = admin(service, "create", "--name", "worker", "--scopes", "worker")
    path.write_text(made.stdout)
    worker = subprocess.Popen([BINARY, "worker", "--service", f"http://127.0.0.1:{service.port}",
                               "--token-file", str(path), "--slots", "1"], cwd=service.folder,
                              env=service.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              stdin=subprocess.DEVNULL, text=True)
    try:
        assert worker.stdout.readline().startswith("ready")
        key = admin(service, "create", "--name", "client", "--scopes", "submit,read").stdout.strip()
        created = service.post("/api/v1/submissions/", {"code": "print(6 * 7)", "language": "python", "user_id": 1},
                               bearer(key))
        got = service.get(f"/api/v1/submissions/{created.json['id']}?wait=30", bearer(key)).json
        assert (got["verdict"], got["output"]) == ("ok", "42\n")
    finally:
        worker.terminate()
        worker.wait(20)
        worker.stdout.close()
