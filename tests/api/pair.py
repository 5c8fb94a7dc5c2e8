"""A backend and the execution service that it hands programs to; the worker is the test."""
import base64
import hashlib
import hmac
import itertools
import json
import socket
import sqlite3
import threading
import time
import uuid

from arena import Service, psql, wait_for
from fake_worker import FakeWorker, report, run

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
JWT_SECRET = "a-secret-of-the-tests-that-is-long-enough"
CONTESTS, SUBMISSIONS = "/api/code-execution/contests/", "/api/code-execution/submissions/"
WEBHOOK = "/api/webhooks/code-execution/"
numbers = itertools.count(1)


class Pair:
    """`arena execution` and `arena backend`, which know of each other; started when asked to."""

    def __init__(self, backend=None, **environment):
        self.execution = Service("execution", QUEUE_LEASE="5", WEBHOOK_RETRIES="1,1,1,1,1,1", **environment)
        self.backend = Service("backend", JWT_SECRET=JWT_SECRET, **environment)
        self.execution.environment.update(
            BACKEND_SERVICE_URL=f"http://127.0.0.1:{self.backend.backend_port}", BACKEND_WEBHOOK_SECRET=SECRET)
        self.backend.environment.update(
            CODE_EXECUTION_SERVICE_URL=f"http://127.0.0.1:{self.execution.port}", CODE_EXECUTION_WEBHOOK_SECRET=SECRET)
        self.backend.environment.update(backend or {})
        self.worker = FakeWorker(self.execution.port)

    def start(self):
        self.execution.start()
        self.backend.start()
        return self

    def close(self):
        self.backend.close()
        self.execution.close()

    # ---- the backend ----

    def call(self, method, path, body=None, token=None, **options):
        return self.backend.backend(method, path, body, token, **options)

    def ok(self, method, path, body=None, token=None, status=200):
        answer = self.call(method, path, body, token)
        assert answer.status == status, answer
        return answer.json if answer.body else None

    def contest(self, token=None, **fields):
        return self.ok("POST", CONTESTS, {"title": "Spring", **fields}, token or self.backend.admin(), 201)

    def problem(self, cases=2, hidden=1, token=None, **fields):
        """A problem whose last cases are hidden; the answer of case N is N."""
        body = {"title": "Echo", "description": "Print what you read.", "difficulty": "easy",
                "testCases": [{"input": f"{i}\n", "expectedOutput": f"{i}\n", "isHidden": i > cases - hidden}
                              for i in range(1, cases + 1)], **fields}
        return self.ok("POST", "/api/problems", body, token or self.backend.admin(), 201)["id"]

    def submit(self, token, status=201, **fields):
        body = {"code": f"print({next(numbers)})", "language": "python", "input_data": "", **fields}
        return self.ok("POST", SUBMISSIONS, body, token, status)

    def submission(self, submission_id, token=None):
        return self.ok("GET", f"{SUBMISSIONS}{submission_id}/", token=token or self.backend.admin())

    def ended(self, submission_id, token=None, timeout=30):
        """Waits for its end."""
        def look():
            got = self.submission(submission_id, token)
            return got if got["status"] in ("completed", "error", "cancelled") else None

        return wait_for(look, timeout)

    def users(self, count):
        """Tokens of so many new students; straight into the database, because passwords are slow on purpose."""
        names = [f"fast-{next(numbers)}-{uuid.uuid4().hex[:6]}" for _ in range(count)]
        rows = ", ".join(f"('{n}', '{n}', '{n}@x', '{n}@x', '-', 'student', 1)" for n in names)
        self.sql("INSERT INTO account (username, username_key, email, email_key, password_hash, role, created_ms)"
                 f" VALUES {rows}")
        listed = ", ".join(f"'{n}'" for n in names)
        ids = self.backend.backend_rows(f"SELECT id FROM account WHERE username IN ({listed}) ORDER BY id")
        return [(int(row[0]), token_of(int(row[0]))) for row in ids]

    def sql(self, statement):
        """Straight to the backend's database."""
        if "BACKEND_DATABASE_URL" in self.backend.environment:
            psql(self.backend.environment["BACKEND_DATABASE_URL"], statement)
            return
        database = sqlite3.connect(f"{self.backend.folder}/data/backend.db", timeout=30)
        with database:
            database.execute(statement)
        database.close()

    # ---- the worker ----

    def run(self, *verdicts, output="done\n", **fields):
        """Takes one job and ends it: a verdict a test; the job."""
        job = self.worker.claim()[0]
        runs = [run(verdict=each, output=output) for each in verdicts] or [run(output=output)]
        worst = next((each for each in verdicts if each not in ("ok", "accepted")), verdicts[0] if verdicts else "ok")
        self.finish(job, report(*runs, verdict=worst, **fields))
        return job

    def finish(self, job, what):
        answer = self.worker.finish(job, what)
        assert answer.status == 200, answer


def segment(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token_of(user_id, role="student"):
    claims = {"sub": str(user_id), "role": role, "jti": uuid.uuid4().hex, "iat": int(time.time()) - 1,
              "exp": int(time.time()) + 3600}
    signed = segment(b'{"alg":"HS256","typ":"JWT"}') + "." + segment(json.dumps(claims).encode())
    return signed + "." + segment(hmac.new(JWT_SECRET.encode(), signed.encode(), hashlib.sha256).digest())


def http_answer(status, body=b"", extra=b"", content_type=b"application/json"):
    return (b"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
            % (status, content_type, len(body), extra)) + body


class FakeService:
    """In the execution service's place: answers every request with what answers() says; keeps what it got.

    `answer`: bytes, or None for silence, or a function of (method, path, body).
    """

    def __init__(self, answer, port=0):
        self.answer, self.requests, self.closing = answer, [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while line := stream.readline().decode("latin-1").strip():
                    method, path, _ = line.split()
                    headers = {}
                    while header := stream.readline().decode("latin-1").strip():
                        name, _, value = header.partition(":")
                        headers[name.lower()] = value.strip()
                    body = stream.read(int(headers.get("content-length", 0)))
                    self.requests.append((method, path, headers, body))
                    answer = self.answer(method, path, body) if callable(self.answer) else self.answer
                    if answer is None:
                        self.closing.wait(60)
                        return
                    connection.sendall(answer)
            except OSError:
                pass

    def close(self):
        self.closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
