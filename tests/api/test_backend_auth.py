"""Signing in: registration, passwords, tokens and what becomes of them, throttles."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import pathlib
import re
import stat
import time

import pytest

from arena import ADMIN_PASSWORD, password_of, request, wait_for

SECRET = "a-secret-of-the-tests-that-is-long-enough"
OTHER_SECRET = "another-secret-that-is-long-enough-for-us"


def user_of(service, token):
    return service.backend("GET", "/api/auth/user", token=token)


def post(service, path, body=None, token=None, **options):
    return service.backend("POST", path, {} if body is None else body, token, **options)


def segment(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(claims, secret=SECRET, header=None, signature=None):
    """A token by hand."""
    signed = segment(header or {"alg": "HS256", "typ": "JWT"}) + "." + segment(claims)
    if signature is None:
        signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return signed + "." + (segment(signature) if signature else "")


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@pytest.fixture(scope="module")
def known():
    """A backend whose secret we know."""
    from arena import Service
    service = Service("backend", JWT_SECRET=f"{SECRET},{OTHER_SECRET}")
    try:
        yield service.start()
    finally:
        service.close()


# ---- registering ----


def test_registering_and_signing_in(backend):
    registered = post(backend, "/api/auth/register/", {
        "username": "Alice.1", "email": "Alice@Example.org", "password": "correct horse"})
    assert registered.status == 201 and registered.headers["Cache-Control"] == "no-store"
    user = registered.json["user"]
    assert {**user, "createdAt": "", "id": 0} == {
        "id": 0, "username": "Alice.1", "email": "Alice@Example.org", "role": "student", "isActive": True,
        "mustChangePassword": False, "createdAt": "", "lastLoginAt": None}
    assert user_of(backend, registered.json["token"]).json == user
    for name in ({"username": "Alice.1"}, {"username": "aLICE.1"}, {"email": "alice@example.ORG"},
                 {"username": "alice@example.org"}):
        answer = post(backend, "/api/auth/login", {**name, "password": "correct horse"})
        assert answer.status == 200, answer
        assert answer.json["user"]["id"] == user["id"] and answer.json["user"]["lastLoginAt"]
        assert user_of(backend, answer.json["token"]).status == 200
    claims = claims_of(answer.json["token"])
    assert claims["sub"] == str(user["id"]) and claims["role"] == "student" and claims["jti"]
    assert claims["exp"] == claims["iat"] + 43200


@pytest.mark.parametrize("change, field", [
    ({"username": "a"}, "username"), ({"username": "a" * 65}, "username"), ({"username": "with space"}, "username"),
    ({"username": ".dot"}, "username"), ({"username": "an@sign"}, "username"), ({"username": "müller"}, "username"),
    ({"username": None}, "username"), ({"username": 7}, "username"),
    ({"email": "nobody"}, "email"), ({"email": "@example.org"}, "email"), ({"email": "a@"}, "email"),
    ({"email": "a@b..c"}, "email"), ({"email": "a b@example.org"}, "email"), ({"email": "a@exa mple"}, "email"),
    ({"password": "short"}, "password"), ({"password": "x" * 257}, "password"),
    ({"password": "Somebody"}, "password"), ({"password": "somebody@example.org"}, "password"),
    ({"role": "admin"}, "role"), ({"isActive": True}, "isActive"),
])
def test_what_is_refused_at_registration(backend, change, field):
    body = {"username": "somebody", "email": "somebody@example.org", "password": "long enough", **change}
    answer = post(backend, "/api/auth/register", body)
    assert answer.status == 400, answer
    assert answer.json["message"] == answer.json["error"] == "Validation failed"
    assert field in [detail["field"] for detail in answer.json["details"]]


def test_names_and_addresses_are_unique(backend):
    user = backend.user()
    for name, email in ((user["username"].upper(), "new@example.org"), ("newname", user["email"].upper())):
        answer = post(backend, "/api/auth/register", {"username": name, "email": email, "password": "long enough"})
        assert answer.status == 409 and "taken" in answer.json["message"]


def test_one_of_many_at_the_same_moment(backend):
    body = {"username": "the-one", "email": "the-one@example.org", "password": "long enough"}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(backend, "/api/auth/register", body).status, range(8)))
    assert sorted(answers) == [201] + [409] * 7


def test_registration_that_is_closed(make_service):
    service = make_service("backend", REGISTRATION_OPEN="false").start()
    answer = post(service, "/api/auth/register", {"username": "x1", "email": "x@y.z", "password": "long enough"})
    assert answer.status == 403 and "closed" in answer.json["message"]
    added = post(service, "/api/admin/users", {"username": "x1", "email": "x@y.z"}, service.admin())
    assert added.status == 201 and service.login("x1", added.json["password"])


# ---- signing in ----


def test_nobody_is_told_who_exists(backend):
    """The same answer, and the same way to it: somebody's hash is compared in any case."""
    user = backend.user()
    wrong = [post(backend, "/api/auth/login", {**name, "password": "not this one"})
             for name in ({"username": user["username"]}, {"username": "nobody-at-all"}, {"email": user["email"]},
                          {"email": "nobody@example.org"})]
    assert {answer.status for answer in wrong} == {401}
    assert {answer.body for answer in wrong} == {wrong[0].body}
    assert {tuple(sorted(set(answer.headers) - {"X-Request-Id"})) for answer in wrong} == {
        tuple(sorted(set(wrong[0].headers) - {"X-Request-Id"}))}


def test_what_login_needs(backend):
    for body, field in (({"password": "x"}, "username"), ({"username": "x"}, "password"),
                        ({"username": "x", "password": 1}, "password"), ({"username": "x", "password": "y", "z": 1}, "z")):
        answer = post(backend, "/api/auth/login", body)
        assert answer.status == 400 and field in [each["field"] for each in answer.json["details"]]
    assert post(backend, "/api/auth/login", b"{").status == 400
    plain = backend.backend("POST", "/api/auth/login", b"username=x", headers={"Content-Type": "text/plain"})
    assert plain.status == 415


def test_guesses_are_throttled_by_name(backend):
    """Whether or not somebody has that name; the right password does not help then, and does not count before."""
    user = backend.user()
    for _ in range(15):
        backend.login(user["username"])
    for name in (user["username"], "no-such-user"):
        answers = [post(backend, "/api/auth/login", {"username": name, "password": "wrong guess"})
                   for _ in range(12)]
        statuses = [answer.status for answer in answers]
        assert statuses[:10] == [401] * 10 and 429 in statuses[10:], statuses
        refused = next(answer for answer in answers if answer.status == 429)
        assert 0 < int(refused.headers["Retry-After"]) <= 10
    right = post(backend, "/api/auth/login", {"username": user["username"].upper(),
                                              "password": password_of(user["username"])})
    assert right.status == 429
    assert user_of(backend, user["token"]).status == 200
    assert backend.login(backend.user()["username"])


def test_many_guesses_at_once_are_no_more(backend):
    user = backend.user()
    body = {"username": user["username"], "password": "wrong guess"}
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(backend, "/api/auth/login", body).status, range(40)))
    assert set(answers) == {401, 429} and answers.count(401) <= 12, answers


def test_guesses_from_an_address(make_service):
    """Gently: a school is one address. On a machine of one's own nobody counts."""
    service = make_service("backend", NODE_ENV="production", JWT_SECRET=SECRET, RATE_LIMIT_ADDRESS=0).start()

    def guess(number):
        return post(service, "/api/auth/login", {"username": f"guess-{number}", "password": "wrong guess"},
                    timeout=120).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(160)))
    assert set(answers) == {401, 429} and answers.count(401) >= 100, (answers.count(401), set(answers))


# ---- tokens ----


def test_tokens_that_are_none_of_ours(known):
    user = known.user()
    good = claims_of(user["token"])
    now = int(time.time())
    assert user_of(known, forge(good)).status == 200
    assert user_of(known, forge(good, OTHER_SECRET)).status == 200
    asymmetric = [{"alg": name, "typ": "JWT"} for name in ("RS256", "ES256", "PS256", "HS384", "HS512", "hs256", "")]
    attacks = {
        "no algorithm": forge(good, header={"alg": "none"}, signature=b""),
        "no algorithm, signed": forge(good, header={"alg": "none"}),
        "none in capitals": forge(good, header={"alg": "NONE", "typ": "JWT"}, signature=b""),
        **{f"another algorithm {header['alg']}": forge(good, header=header) for header in asymmetric},
        "no header field": forge(good, header={"typ": "JWT"}),
        "crit": forge(good, header={"alg": "HS256", "crit": ["x"], "x": 1}),
        "wrong secret": forge(good, "a-secret-that-nobody-has-told-to-anyone"),
        "empty secret": forge(good, ""),
        "both secrets": forge(good, f"{SECRET},{OTHER_SECRET}"),
        "no signature": forge(good, signature=b""),
        "short signature": forge(good, signature=b"x"),
        "tampered role": user["token"].split(".")[0] + "." + segment({**good, "role": "admin"}) + "."
                         + user["token"].split(".")[2],
        "tampered subject": user["token"].split(".")[0] + "." + segment({**good, "sub": "1"}) + "."
                            + user["token"].split(".")[2],
        "expired": forge({**good, "exp": now - 1}),
        "without exp": forge({name: value for name, value in good.items() if name != "exp"}),
        "exp as text": forge({**good, "exp": str(now + 1000)}),
        "without sub": forge({name: value for name, value in good.items() if name != "sub"}),
        "sub as a number": forge({**good, "sub": user["id"]}),
        "sub of nobody": forge({**good, "sub": "999999"}),
        "sub with more": forge({**good, "sub": f"{user['id']} or 1"}),
        "sub zero": forge({**good, "sub": "0"}),
        "without jti": forge({name: value for name, value in good.items() if name != "jti"}),
        "without iat": forge({name: value for name, value in good.items() if name != "iat"}),
        "two parts": ".".join(user["token"].split(".")[:2]),
        "four parts": user["token"] + ".x",
        "garbage": "garbage", "dots": "..", "empty": "", "long": "x" * 7000,
        "with a blank": user["token"][:-4] + " " + user["token"][-4:],
    }
    for name, token in attacks.items():
        answer = user_of(known, token) if token else request(known.backend_port, "GET", "/api/auth/user",
                                                            headers={"Authorization": "Bearer "})
        assert answer.status == 401, (name, answer)
        assert answer.headers["WWW-Authenticate"] == "Bearer" and answer.json["message"], name
    for header in ({}, {"Authorization": "Basic x"}, {"Authorization": user["token"]}):
        assert known.backend("GET", "/api/auth/user", headers=header).status == 401
    assert "expired" in user_of(known, attacks["expired"]).json["message"]


def test_the_role_is_the_accounts_own(known):
    """What a token says of it is for whoever shows it."""
    user = known.user()
    promoted = forge({**claims_of(user["token"]), "role": "admin"})
    assert user_of(known, promoted).json["role"] == "student"
    assert known.backend("GET", "/api/admin/users", token=promoted).status == 403


def test_the_operators_token_is_for_administration_alone(known):
    now = int(time.time())
    token = forge({"sub": "operator", "role": "admin", "jti": "x", "iat": now, "exp": now + 60})
    assert known.backend("GET", "/api/admin/users", token=token).status == 200
    assert user_of(known, token).status == 403
    assert user_of(known, forge({"sub": "operators", "role": "admin", "jti": "x", "iat": now, "exp": now + 60})).status == 401


def test_signing_out(backend):
    user = backend.user()
    other = backend.login(user["username"])
    assert post(backend, "/api/auth/logout", token=user["token"]).status == 200
    assert user_of(backend, user["token"]).status == 401
    assert post(backend, "/api/auth/logout", token=user["token"]).status == 401
    assert user_of(backend, other).status == 200


def test_a_fresh_token_for_an_old_one(backend):
    user = backend.user()
    fresh = post(backend, "/api/auth/refresh", token=user["token"])
    assert fresh.status == 200 and fresh.json["user"]["id"] == user["id"]
    assert user_of(backend, user["token"]).status == 401
    assert user_of(backend, fresh.json["token"]).status == 200


def test_a_new_password_ends_all_tokens(backend):
    user = backend.user()
    tokens = [backend.login(user["username"]) for _ in range(3)]
    body = {"currentPassword": password_of(user["username"]), "newPassword": "a new password"}
    assert post(backend, "/api/auth/password", {**body, "currentPassword": "wrong one"}, tokens[0]).status == 403
    for wrong in ("short", user["username"], body["currentPassword"]):
        assert post(backend, "/api/auth/password", {**body, "newPassword": wrong}, tokens[0]).status == 400
    assert user_of(backend, tokens[1]).status == 200
    changed = post(backend, "/api/auth/password", body, tokens[0])
    assert changed.status == 200, changed
    assert [user_of(backend, token).status for token in (user["token"], *tokens)] == [401] * 4
    assert user_of(backend, changed.json["token"]).status == 200
    assert user_of(backend, backend.login(user["username"], "a new password")).status == 200
    old = post(backend, "/api/auth/login", {"username": user["username"], "password": body["currentPassword"]})
    assert old.status == 401


def test_changes_take_effect_at_once(backend):
    user = backend.user()
    path = f"/api/admin/users/{user['id']}"

    def status():
        return backend.backend("GET", "/api/admin/users", token=user["token"]).status

    assert status() == 403
    assert backend.backend("PATCH", path, {"role": "admin"}, backend.admin()).json["role"] == "admin"
    assert status() == 200
    assert backend.backend("PATCH", path, {"role": "student"}, backend.admin()).status == 200
    assert status() == 403
    assert backend.backend("PATCH", path, {"isActive": False}, backend.admin()).json["isActive"] is False
    assert status() == 401
    refused = post(backend, "/api/auth/login", {"username": user["username"], "password": password_of(user["username"])})
    assert refused.status == 403 and "disabled" in refused.json["message"]
    wrong = post(backend, "/api/auth/login", {"username": user["username"], "password": "wrong one"})
    assert wrong.status == 401
    assert backend.backend("PATCH", path, {"isActive": True}, backend.admin()).status == 200
    assert status() == 401  # its old tokens stay what they are
    assert backend.login(user["username"])


# ---- the first start ----


def test_the_first_admin(make_service):
    service = make_service("backend")
    del service.environment["ADMIN_PASSWORD"]
    service.start()
    path = pathlib.Path(f"{service.folder}/data/admin-password")
    password = path.read_text().strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(password) >= 20
    assert str(path) in service.log() and password not in service.log()
    token = service.login("admin", password)
    user = user_of(service, token).json
    assert user["role"] == "admin" and user["mustChangePassword"] is True
    service.terminate()
    service.start()
    assert path.read_text().strip() == password and user_of(service, token).status == 200
    changed = post(service, "/api/auth/password", {"currentPassword": password, "newPassword": "my own password"},
                   token)
    assert changed.json["user"]["mustChangePassword"] is False and not path.exists()
    assert service.login("admin", "my own password")


def test_the_first_admin_with_a_password_that_was_chosen(backend):
    assert not os.path.exists(f"{backend.folder}/data/admin-password")
    user = user_of(backend, backend.login("admin", ADMIN_PASSWORD)).json
    assert user["role"] == "admin" and user["mustChangePassword"] is False
    assert ADMIN_PASSWORD not in backend.log()


def test_the_secret_of_tokens_is_kept(make_service):
    service = make_service("backend").start()
    path = pathlib.Path(f"{service.folder}/data/jwt-secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    token = service.admin()
    service.terminate()
    assert user_of(service.start(), token).status == 200
    assert path.read_text().strip() not in service.log()
    service.terminate()
    path.unlink()
    assert user_of(service.start(), token).status == 401


# ---- production ----


def test_production_wants_the_first_password_changed(make_service):
    service = make_service("backend", NODE_ENV="production", JWT_SECRET=SECRET)
    del service.environment["ADMIN_PASSWORD"]
    service.start()
    password = pathlib.Path(f"{service.folder}/data/admin-password").read_text().strip()
    token = service.login("admin", password)
    blocked = service.backend("GET", "/api/admin/users", token=token)
    assert blocked.status == 403 and "/api/auth/password" in blocked.json["message"]
    assert user_of(service, token).status == 200
    fresh = post(service, "/api/auth/password", {"currentPassword": password, "newPassword": "my own password"}, token)
    assert service.backend("GET", "/api/admin/users", token=fresh.json["token"]).status == 200


def test_production_beyond_loopback_wants_a_secret(make_service):
    service = make_service("backend", NODE_ENV="production")
    service.environment["BACKEND_LISTEN"] = f"0.0.0.0:{service.backend_port}"
    service.launch()
    assert service.process.wait(30) == 2
    assert "JWT_SECRET" in service.log()


@pytest.mark.parametrize("secret", ["too short", f"{SECRET},short", ",".join([SECRET] * 9)])
def test_secrets_that_are_none(make_service, secret):
    service = make_service("backend", JWT_SECRET=secret).launch()
    assert service.process.wait(30) == 2
    assert "JWT_SECRET=********" in service.log() and secret not in service.log()


def test_what_a_user_may_ask_for(make_service):
    service = make_service("backend", NODE_ENV="production", JWT_SECRET=SECRET, RATE_LIMIT_USER=5,
                           RATE_LIMIT_ADDRESS=1000).start()
    one, other = service.user(), service.user()
    answers = [user_of(service, one["token"]) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0 and answers[-1].json["message"]
    assert user_of(service, other["token"]).status == 200


def test_no_secret_is_in_the_log(known):
    user = known.user()
    known.login(user["username"])
    wait_for(lambda: known.log())
    for secret in (SECRET, OTHER_SECRET, ADMIN_PASSWORD, password_of(user["username"]), user["token"]):
        assert secret not in known.log()
