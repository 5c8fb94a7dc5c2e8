"""A queue service of somebody else's: a real HTTP server on 127.0.0.1 that knows as much of the queue API as the
second reference design has, {code, language, input, testCases}, or that misbehaves."""
import contextlib
import http.server
import json
import socket
import subprocess
import sys
import threading
import time

from arena import wait_for


def run_python(code, given):
    """Trusted code of the tests, run as it is."""
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, text=True, check=False)
    return {"output": done.stdout, "error": done.stderr or None, "runtime": 5, "memory": 1.5}


def result_of(request):
    """What such a service makes of a job. Fields that it does not know it does not see."""
    if "testCases" not in request:
        return run_python(request["code"], request.get("input", ""))
    results = []
    for case in request["testCases"]:
        got = run_python(request["code"], case["input"])
        results.append({"passed": got["output"].split() == case["expectedOutput"].split(),
                        "actualOutput": got["output"], "error": got["error"], "runtime": 5})
    return {"output": "", "error": None, "testResults": results}


class QueueDouble:
    """`behave(double, handler, method, path)` answers a request and returns True, or leaves it to the good one.

    requests: [(method, path, body)] in the order in which they came, those to /health aside."""

    def __init__(self, behave=None, port=0):
        self.behave = behave or (lambda *_: False)
        self.requests, self.probes, self.jobs = [], 0, {}
        self.pending = 0  # so many questions for a job are answered with "active" first
        self.closing, self.connections = threading.Event(), []
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                double.connections.append(self.connection)

            def answer(self):
                double.serve(self)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler):
        path = handler.path.partition("?")[0]
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if path == "/health":
            self.probes += 1
        else:
            self.requests.append((handler.command, path, json.loads(body) if body else None))
        if self.behave(self, handler, handler.command, path):
            return
        if path == "/health":
            self.reply(handler, 200, {"status": "healthy"})
        elif handler.command == "POST":
            job = f"job-{len(self.jobs) + 1}"
            self.jobs[job] = json.loads(body)
            self.reply(handler, 202, {"jobId": job, "status": "queued"})
        elif handler.command == "DELETE":
            self.reply(handler, 200, {"message": "Job cancelled successfully"})
        elif self.pending > 0:
            self.pending -= 1
            self.reply(handler, 200, {"id": path, "state": "active"})
        else:
            self.reply(handler, 200, {"id": path, "state": "completed",
                                      "result": result_of(self.jobs[path.rpartition("/")[2]])})

    @staticmethod
    def reply(handler, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def seen(self, method):
        return [path for got, path, _ in self.requests if got == method]

    def wait_until_probed(self):
        wait_for(lambda: self.probes > 0)

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        for each in self.connections:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- misbehaviour ----


def always(status, body=b"", headers=()):
    """To everything but /health."""
    def behave(double, handler, method, path):
        if path == "/health":
            return False
        double.reply(handler, status, body, headers)
        return True
    return behave


def of_jobs(body):
    """Submitting works; asking for a job is answered so."""
    def behave(double, handler, method, path):
        if method != "GET" or path == "/health":
            return False
        double.reply(handler, 200, body)
        return True
    return behave


def silent(method):
    """Takes these requests and says nothing."""
    def behave(double, handler, got, path):
        if got != method or path == "/health":
            return False
        double.closing.wait(30)
        handler.close_connection = True
        return True
    return behave


def hangs_up(method):
    """Closes the connection in place of an answer."""
    def behave(double, handler, got, path):
        if got != method or path == "/health":
            return False
        handler.close_connection = True
        handler.connection.close()
        return True
    return behave


def drips(double, handler, method, path):
    """An answer that never ends."""
    if path == "/health":
        return False
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not double.closing.is_set():
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)
    return True
