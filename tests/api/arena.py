"""Starts the real binary and speaks to it. Nothing here knows what an answer should be.

Services keep their database in SQLite; where TEST_POSTGRES holds the URL of a PostgreSQL (tests/postgres.py), in
a schema of their own there.
"""
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("ARENA", str(ROOT / "build" / "arena"))
TOKEN = "token-of-the-tests"
ADMIN_PASSWORD = "password-of-the-admin"
POSTGRES = os.environ.get("TEST_POSTGRES")
FINAL = ("completed", "error", "cancelled")


def free_ports(count):
    """Ports that nobody listens on now; all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


def request(port, method, path, body=None, headers=None, timeout=90):
    """`body`: bytes as they are, anything else as JSON."""
    headers = dict(headers or {})
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def wait_for(what, timeout=30, pause=0.02):
    """The first true value of what(); fails when the time is over."""
    end = time.monotonic() + timeout
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)


def psql(url, sql):
    """The rows, each a list of texts."""
    done = subprocess.run(["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", url, "-c", sql], text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return [line.split("|") for line in done.stdout.splitlines()]


schema_numbers = itertools.count(1)
user_numbers = itertools.count(1)


def password_of(username):
    """What user() registers them with."""
    return f"password of {username}"


def new_schema():
    """The URL of an empty schema in the tests' PostgreSQL."""
    name = f"api{os.getpid()}_{next(schema_numbers)}"
    psql(POSTGRES, f"CREATE SCHEMA {name}")
    return f"{POSTGRES}&options=-csearch_path%3D{name}"


class Service:
    """One `arena serve`, `arena execution` or `arena backend` with a data directory of its own."""

    def __init__(self, command, **environment):
        self.command = command
        self.folder = tempfile.mkdtemp(prefix="arena-api-")
        os.chmod(self.folder, 0o755)
        self.port, self.second_port, self.worker_port, self.backend_port, self.backend_second_port = free_ports(5)
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": f"{self.folder}/data",
            "EXECUTION_LISTEN": f"127.0.0.1:{self.port},127.0.0.1:{self.second_port}",
            "WORKER_LISTEN": f"127.0.0.1:{self.worker_port}",
            "BACKEND_LISTEN": f"127.0.0.1:{self.backend_port},127.0.0.1:{self.backend_second_port}",
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
            "WORKER_TOKEN": TOKEN,
            "LANES": "2",
            "SEED_PROBLEMS": "false",
            **{name: str(value) for name, value in environment.items()},
        }
        if command == "backend":  # where nobody is, unless the test has somebody there
            self.environment.setdefault("CODE_EXECUTION_SERVICE_URL", f"http://127.0.0.1:{self.port}")
            self.environment.setdefault("EXECUTION_QUEUE_URL", f"http://127.0.0.1:{self.second_port}")
        if POSTGRES:
            if command != "backend":
                self.environment.setdefault("DATABASE_URL", new_schema())
            if command != "execution":
                self.environment.setdefault("BACKEND_DATABASE_URL", new_schema())
            # There only silence tells that a worker ended together with the service: not too long a one.
            self.environment.setdefault("QUEUE_LEASE", "4")
        self.process = None
        self.admin_token = None
        self.log_path = f"{self.folder}/log"

    # ---- its life ----

    def launch(self):
        """Starts it without waiting. A session of its own, so that kill() reaches all of it and no other."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([BINARY, self.command], cwd=self.folder, env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                            start_new_session=True, text=True)
        return self

    def start(self):
        """Starts it and waits for the line that says ready, and for a worker where there is one."""
        self.launch()
        self.ready_line = self.process.stdout.readline()
        assert self.ready_line.startswith("ready"), f"{self.ready_line!r}\n{self.log()}"
        if self.command == "serve":
            wait_for(lambda: self.get("/health/ready").status == 200)
        return self

    def terminate(self, timeout=15):
        """SIGTERM; its exit status and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout)
        self.process.stdout.close()
        return status, time.monotonic() - began

    def kill(self):
        """SIGKILL to every process of it at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return pathlib.Path(self.log_path).read_text(errors="replace")

    def rows(self, sql):
        """What its database says, by another way than through it: rows of texts."""
        if "DATABASE_URL" in self.environment:
            return psql(self.environment["DATABASE_URL"], sql)
        with contextlib.closing(sqlite3.connect(f"{self.folder}/data/execution.db")) as database:
            return [[str(value) for value in row] for row in database.execute(sql)]

    def backend_rows(self, sql):
        """The same of the backend's database."""
        if "BACKEND_DATABASE_URL" in self.environment:
            return psql(self.environment["BACKEND_DATABASE_URL"], sql)
        with contextlib.closing(sqlite3.connect(f"{self.folder}/data/backend.db")) as database:
            return [[str(value) for value in row] for row in database.execute(sql)]

    def children(self):
        """{name in the log's words: pid} of its child processes, from /proc."""
        pids = {}
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = (entry / "stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == self.process.pid:
                    pids[int(entry.name)] = (entry / "cmdline").read_bytes()
        return pids

    def family(self):
        """The pids of its children and of theirs: a worker is its guard's."""
        found = list(self.children())
        for pid in list(found):
            with contextlib.suppress(OSError):
                found += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found

    # ---- requests ----

    def request(self, method, path, body=None, headers=None, **options):
        return request(self.port, method, path, body, headers, **options)

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, body, headers)

    # ---- the backend ----

    def backend(self, method, path, body=None, token=None, headers=None, **options):
        """A request to the backend, with a token where one is given."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        return request(self.backend_port, method, path, body, headers, **options)

    def login(self, username, password=None):
        """The token of a user whom user() has made, or of the admin."""
        password = password or (ADMIN_PASSWORD if username == "admin" else password_of(username))
        answer = self.backend("POST", "/api/auth/login", {"username": username, "password": password})
        assert answer.status == 200, answer
        return answer.json["token"]

    def admin(self):
        """A token of the admin's; one for all tests."""
        if not self.admin_token:
            self.admin_token = self.login("admin")
        return self.admin_token

    def user(self, username=None, role="student"):
        """A new user, by registration: {"id", "username", ..., "token"}."""
        username = username or f"user-{next(user_numbers)}"
        answer = self.backend("POST", "/api/auth/register", {
            "username": username, "email": f"{username}@example.org", "password": password_of(username)})
        assert answer.status == 201, answer
        if role != "student":
            changed = self.backend("PATCH", f"/api/admin/users/{answer.json['user']['id']}", {"role": role},
                                   self.admin())
            assert changed.status == 200, changed
        return {**answer.json["user"], "role": role, "token": answer.json["token"]}

    # ---- the execution service ----

    def submit(self, code, language="python", user_id=1, **fields):
        answer = self.post("/api/v1/submissions/",
                           {"code": code, "language": language, "user_id": user_id, **fields})
        assert answer.status == 201, answer
        return answer.json

    def result(self, submission_id, timeout=60):
        """Waits until it has ended."""
        end = time.monotonic() + timeout
        while True:
            got = self.get(f"/api/v1/submissions/{submission_id}?wait=10").json
            if got["status"] in FINAL:
                return got
            assert time.monotonic() < end, got

    def told(self, submission_id):
        """Waits until the backend has been told of its end: nothing is written of it any more."""
        def look():
            got = self.get(f"/api/v1/submissions/{submission_id}").json
            return got if got["webhook_sent"] else None

        return wait_for(look)

    def run(self, code, language="python", **fields):
        return self.result(self.submit(code, language, **fields)["id"])

    def wait_for_status(self, submission_id, status):
        def look():
            got = self.get(f"/api/v1/submissions/{submission_id}").json
            return got if got["status"] == status else None

        return wait_for(look)
