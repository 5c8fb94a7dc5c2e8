"""What clients of the two reference designs send, request by request and as they print it, against `arena serve`.

The commands are run by a shell, with the ports of this test in the place of the well-known ones and real values for
the placeholders (YOUR_TOKEN, ADMIN_TOKEN, your-jwt-token, your-secret). Requests that are printed as Python with an
HTTP library are sent with the same JSON and headers.
"""
import hashlib
import hmac
import http.client
import json
import re
import subprocess

import pytest

from arena import Service, free_ports, wait_for
from pair import FakeService

SECRET = "your-webhook-secret-key"
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

# The variables, as they stand in .env files there; where databases and third parties would be, ours are.
ENVIRONMENT = """
# Code Execution Service
CODE_EXECUTION_TIMEOUT=30.0
CODE_EXECUTION_WEBHOOK_SECRET=your-webhook-secret-key
BACKEND_WEBHOOK_SECRET=your-webhook-secret-key

# Execution Mode Configuration
EXECUTION_MODE={mode}          # Options: 'direct' (current) or 'queue' (new)

# Queue System Configuration (only needed when EXECUTION_MODE=queue)
EXECUTION_QUEUE_URL=http://localhost:{queue}
EXECUTION_POLL_INTERVAL=1000   # ms between status checks
EXECUTION_MAX_POLL_TIME=60000  # max time to wait for job completion
EXECUTION_TIMEOUT=30000        # request timeout

# Server Configuration
NODE_ENV=development
"""


class Design:
    """`arena serve`, with the ports that clients know."""

    def __init__(self, mode="direct", queue=None):
        self.service = Service("serve")
        with open(f"{self.service.folder}/.env", "w") as file:
            file.write(ENVIRONMENT.format(mode=mode, queue=queue or self.service.second_port))
        self.ports = {8000: self.service.backend_port, 5000: self.service.backend_second_port,
                      8001: self.service.port, 3001: self.service.second_port}
        self.words = {}

    def start(self):
        self.service.start()
        self.words = {"ADMIN_TOKEN": self.service.admin(), "YOUR_TOKEN": self.service.user()["token"],
                      "your-jwt-token": self.service.admin(), "your-secret": SECRET}
        return self

    def real(self, text):
        for port, ours in self.ports.items():
            text = text.replace(f"localhost:{port}", f"localhost:{ours}")
        for word, value in self.words.items():
            text = re.sub(rf"\b{word}\b(?!-)", value, text)
        return text

    def shell(self, command):
        """(status, JSON) of a curl command as it is printed."""
        done = subprocess.run(["bash", "-c", self.real(command) + r" -s -w '\n%{http_code}'"], capture_output=True,
                              text=True, timeout=120)
        assert done.returncode == 0, done
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    def send(self, method, url, json_body=None, headers=None):
        """(status, JSON) of what an HTTP library would send; JSON is None where there is no body."""
        _, _, host, path = self.real(url).split("/", 3)
        body = None if json_body is None else json.dumps(json_body).encode()
        headers = {"User-Agent": "python-httpx/0.27", "Accept": "*/*",
                   **({"Content-Type": "application/json"} if body else {}),
                   **{name: self.real(value) for name, value in (headers or {}).items()}}
        connection = http.client.HTTPConnection(host, timeout=120)
        connection.request(method, "/" + path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None


@pytest.fixture(scope="module")
def design():
    made = Design()
    try:
        yield made.start()
    finally:
        made.service.close()


# ---- the first: a service that runs programs, and an application in front of it ----


def test_creating_a_contest(design):
    contest_data = {
        "title": "Python Coding Challenge",
        "description": "Basic Python programming contest",
        "is_active": True
    }
    status, contest = design.send("POST", "http://localhost:8000/api/code-execution/contests/", contest_data,
                                  {"Authorization": "Bearer your-jwt-token"})
    assert status == 201
    assert set(contest) >= {"id", "title", "description", "created_at", "is_active", "start_time", "end_time",
                            "max_participants"}
    assert {name: contest[name] for name in contest_data} == contest_data and contest["id"] == 1
    assert ISO.match(contest["created_at"])
    status, listed = design.send("GET", "http://localhost:8000/api/code-execution/contests/",
                                 headers={"Authorization": "Bearer your-jwt-token"})
    assert status == 200 and contest in listed["results"]


def test_submitting_code(design):
    submission_data = {
        "contest": 1,
        "code": "print('Hello, World!')",
        "language": "python",
        "input_data": ""
    }
    status, submission = design.send("POST", "http://localhost:8000/api/code-execution/submissions/", submission_data,
                                     {"Authorization": "Bearer your-jwt-token"})
    assert status == 201
    assert set(submission) >= {"id", "microservice_submission_id", "user", "contest", "code", "language", "status",
                               "output", "error_output", "execution_time", "memory_usage", "score", "is_correct"}
    assert submission["microservice_submission_id"] and submission["contest"] == 1

    def ended():
        status, listed = design.send("GET", "http://localhost:8000/api/code-execution/submissions/",
                                     headers={"Authorization": "Bearer your-jwt-token"})
        assert status == 200
        got = next(each for each in listed["results"] if each["id"] == submission["id"])
        return got if got["status"] not in ("pending", "running") else None

    got = wait_for(ended, 60)
    assert (got["status"], got["output"], got["error_output"]) == ("completed", "Hello, World!\n", None)
    assert re.fullmatch(r"\d+\.\d{3}s", got["execution_time"]) and re.fullmatch(r"\d+\.\dMB", got["memory_usage"])


def test_the_microservice(design):
    """Its table of endpoints, row by row."""
    api = "http://localhost:8001/api/v1"
    status, contest = design.send("POST", f"{api}/contests/", {"title": "Direct", "description": None})
    assert status == 201 and set(contest) >= {"id", "title", "description", "created_at", "is_active"}
    assert design.send("GET", f"{api}/contests/{contest['id']}") == (200, contest)
    assert contest in design.send("GET", f"{api}/contests/")[1]
    status, changed = design.send("PUT", f"{api}/contests/{contest['id']}", {"title": "Changed"})
    assert (status, changed["title"]) == (200, "Changed")
    assert design.send("DELETE", f"{api}/contests/{contest['id']}")[0] == 204

    status, made = design.send("POST", f"{api}/submissions/",
                               {"code": "print(6 * 7)", "language": "python", "user_id": 1})
    assert status == 201
    assert set(made) >= {"id", "contest_id", "user_id", "code", "language", "status", "output", "error_output",
                         "execution_time", "memory_usage", "webhook_sent", "webhook_response"}
    got = wait_for(lambda: (g := design.send("GET", f"{api}/submissions/{made['id']}")[1])["completed_at"] and g, 60)
    assert (got["status"], got["output"]) == ("completed", "42\n")
    assert made["id"] in [each["id"] for each in design.send("GET", f"{api}/submissions/")[1]]
    status, answer = design.send("POST", f"{api}/submissions/{made['id']}/execute")
    assert (status, answer) == (400, {"detail": "Cannot execute submission with status: completed"})
    _, failed = design.send("POST", f"{api}/submissions/", {"code": "raise SystemExit(1)", "language": "python",
                                                            "user_id": 1})
    wait_for(lambda: design.send("GET", f"{api}/submissions/{failed['id']}")[1]["completed_at"], 60)
    status, answer = design.send("POST", f"{api}/submissions/{failed['id']}/execute")
    assert (status, answer["message"]) == (200, "Execution started")


def test_health_checks(design):
    status, answer = design.shell("curl http://localhost:8001/health/")
    assert status == 200 and answer["status"] == "healthy" and ISO.match(answer["timestamp"])
    status, answer = design.shell("curl http://localhost:8001/health/ready")
    assert status == 200 and answer["status"] == "ready" and answer["services"]["database"] == "connected"
    status, answer = design.shell("curl http://localhost:8000/api/code-execution/health/")
    assert (status, answer["status"], answer["microservice"]["status"]) == (200, "healthy", "healthy")


def test_debug_commands(design):
    status, answer = design.shell(r"""curl -X POST http://localhost:8001/api/v1/submissions/ \
  -H "Content-Type: application/json" \
  -d '{"code":"print(\"test\")", "language":"python", "user_id":1}'""")
    assert status == 201 and answer["code"] == 'print("test")'
    status, answer = design.shell(r"""curl -X POST http://localhost:8000/api/webhooks/code-execution/ \
  -H "Content-Type: application/json" \
  -H "X-Webhook-Secret: your-secret" \
  -d '{"submission_id":1, "user_id":1, "status":"completed", "completed_at":"2024-01-01T00:00:00Z"}'""")
    assert status == 200 and answer["status"] in ("processed", "unchanged", "ignored")
    status, _ = design.shell(r"""curl -X POST http://localhost:8000/api/webhooks/code-execution/ \
  -H "Content-Type: application/json" \
  -H "X-Webhook-Secret: a-wrong-secret" \
  -d '{"submission_id":1, "user_id":1, "status":"completed", "completed_at":"2024-01-01T00:00:00Z"}'""")
    assert status == 401


def test_the_webhook(design):
    """The payload with these fields, signed with HMAC-SHA256 in X-Webhook-Secret, at a receiver of the test's."""
    with FakeService(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n") as receiver:
        other = Service("serve", BACKEND_SERVICE_URL=receiver.url, CODE_EXECUTION_WEBHOOK_SECRET=SECRET)
        try:
            other.start()
            made = other.submit("print('Hello, World!')", user_id=456)
            wait_for(lambda: receiver.requests, 60)
        finally:
            other.close()
    method, path, headers, body = receiver.requests[0]
    payload = json.loads(body)
    assert (method, path) == ("POST", "/api/webhooks/code-execution/")
    assert list(payload)[:9] == ["submission_id", "user_id", "contest_id", "status", "output", "error_output",
                                 "execution_time", "memory_usage", "completed_at"]
    assert (payload["submission_id"], payload["user_id"], payload["status"], payload["output"]) == \
        (made["id"], 456, "completed", "Hello, World!\n")
    assert headers["x-webhook-secret"] == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("identifier", ["python", "javascript", "java", "cpp", "c", "csharp", "go", "rust"])
def test_the_identifiers(design, identifier):
    """Each is known; what this host lacks is refused in a word, and never half run."""
    status, answer = design.send("POST", "http://localhost:8001/api/v1/submissions/",
                                 {"code": "x", "language": identifier, "user_id": 1})
    if status != 201:
        assert status == 422 and "not available on this host" in answer["detail"][0]["msg"]


# ---- the second: execution in two ways, with a fallback ----

DIRECT = r"""curl -X POST http://localhost:5000/api/execute \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_TOKEN" \
  -d '{
    "code": "print(\"Hello from Direct Mode!\")",
    "language": "python"
  }'"""
QUEUE = DIRECT.replace("Hello from Direct Mode!", "Hello from Queue Mode!")
FALLBACK = DIRECT.replace("Hello from Direct Mode!", "Fallback working!")
STATUS = r"""curl http://localhost:5000/api/execution/status \
  -H "Authorization: Bearer ADMIN_TOKEN" """
FIGURES = {"pollInterval": 1000, "maxPollTime": 60000, "timeout": 30000}


def runs(design, command, output):
    status, answer = design.shell(command)
    assert status == 200, answer
    assert answer["output"].strip() == output and not answer.get("error")
    assert answer["runtime"] >= 0 and answer["memory"] > 0


def test_direct_mode(design):
    runs(design, DIRECT, "Hello from Direct Mode!")
    log = design.service.log()
    assert "[EXEC-WRAPPER] Using execution service in direct mode" in log
    assert "[EXEC-SERVICE] Using direct execution" in log


def test_system_health(design):
    status, answer = design.shell("curl http://localhost:5000/api/health")
    assert status == 200
    assert set(answer) >= {"status", "timestamp", "uptime", "services"} and ISO.match(answer["timestamp"])
    assert (answer["status"], answer["services"]["database"], answer["services"]["execution"]["mode"]) == \
        ("healthy", "connected", "direct")
    assert isinstance(answer["services"]["execution"]["queueServiceAvailable"], bool)


def test_execution_status(design):
    status, answer = design.shell(STATUS)
    assert status == 200
    assert set(answer) >= {"mode", "queueServiceAvailable", "config", "timestamp", "uptime"}
    assert answer["mode"] == "direct" and answer["config"].items() >= FIGURES.items()
    assert answer["config"]["queueUrl"] == f"http://localhost:{design.ports[3001]}"
    assert design.shell(STATUS.replace("ADMIN_TOKEN", "YOUR_TOKEN"))[0] == 403


@pytest.mark.parametrize("language, code", [
    ("python", "print('hello')"), ("javascript", "console.log('hello')"),
    ("c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); }"),
    ("cpp", "#include <iostream>\nint main() { std::cout << \"hello\" << std::endl; }"),
    ("java", "public class Main { public static void main(String[] a) { System.out.println(\"hello\"); } }")])
def test_the_languages_of_the_checklist(design, language, code):
    known = design.send("GET", "http://localhost:3001/api/languages")[1]["languages"]
    if language not in known:
        pytest.skip(f"{language} is not available on this host")
    status, answer = design.send("POST", "http://localhost:5000/api/execute", {"code": code, "language": language},
                                 {"Authorization": "Bearer YOUR_TOKEN"})
    assert (status, answer["output"]) == (200, "hello\n"), answer


def test_the_endpoints_of_the_checklist(design):
    """/api/execute, /api/problems/run, /api/submissions, /api/modules/execute."""
    bearer = {"Authorization": "Bearer YOUR_TOKEN"}
    _, problem = design.send("POST", "http://localhost:5000/api/problems", {
        "title": "Echo", "description": "Print it.", "difficulty": "easy",
        "testCases": [{"input": "1", "expectedOutput": "1", "isHidden": False}]},
        {"Authorization": "Bearer ADMIN_TOKEN"})
    status, ran = design.send("POST", "http://localhost:5000/api/problems/run", {
        "code": "print(input())", "language": "python", "problemId": problem["id"]}, bearer)
    assert status == 200 and ran["summary"]["allPassed"] is True
    status, submitted = design.send("POST", "http://localhost:5000/api/submissions", {
        "problemId": problem["id"], "code": "print(input())", "language": "python"}, bearer)
    assert (status, submitted["status"], submitted["score"]) == (201, "accepted", "100.00")
    status, module = design.send("POST", "http://localhost:5000/api/modules/execute", {
        "code": "print('hello')", "language": "python"}, bearer)
    assert (status, module["success"], module["output"]) == (200, True, "hello\n")
    # Invalid code is an answer, not a failure.
    status, broken = design.send("POST", "http://localhost:5000/api/execute",
                                 {"code": "print(", "language": "python"}, bearer)
    assert status == 200 and "SyntaxError" in broken["error"]


@pytest.fixture(scope="module")
def queue_mode():
    made = Design("queue")
    try:
        yield made.start()
    finally:
        made.service.close()


def test_queue_mode(queue_mode):
    runs(queue_mode, QUEUE, "Hello from Queue Mode!")
    status, answer = queue_mode.shell(STATUS)
    assert (status, answer["mode"], answer["queueServiceAvailable"], answer["fallbacks"]) == (200, "queue", True, 0)
    assert answer["config"].items() >= FIGURES.items()
    assert queue_mode.send("GET", "http://localhost:3001/api/stats")[1]["completed"] >= 1


def test_automatic_fallback():
    """The queue service is not there."""
    made = Design("queue", free_ports(1)[0])
    try:
        made.start()
        runs(made, FALLBACK, "Fallback working!")
        answer = made.shell(STATUS)[1]
        assert (answer["mode"], answer["queueServiceAvailable"]) == ("queue", False)
        assert answer["fallbacks"] >= 1 and answer["lastFallbackReason"]
    finally:
        made.service.close()
