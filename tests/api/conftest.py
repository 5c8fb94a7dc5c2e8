"""The real program, started for real: on free ports, with a data folder of its own, and stopped by its pid."""
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 15


class Service:
    """One `arena serve`. Use it with `with`, or start() and stop()."""

    def __init__(self, program, folder, **environment):
        self.program = program
        self.data = folder / "data"
        self.environment = {
            **os.environ,
            "DATA_DIR": str(self.data),
            "EXECUTION_LISTEN": "127.0.0.1:0,127.0.0.1:0",
            "WORKER_LISTEN": "127.0.0.1:0",
            "LANES": "2",
            **environment,
        }
        self.folder = folder
        self.log = folder / "serve.log"
        self.process = None
        self.ready = ""

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program, "serve", "--sudo"], cwd=self.folder, env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        assert select.select([self.process.stdout], [], [], START_SECONDS)[0], "not ready in time"
        self.ready = self.process.stdout.readline()
        if not self.ready.startswith("ready:"):
            self.process.wait(STOP_SECONDS)
            raise RuntimeError(f"did not start ({self.process.returncode}): {self.log.read_text()}")
        self.addresses = re.findall(r"http://[\d.:]+", self.ready.split(", worker")[0])
        self.url = self.addresses[0]
        return self

    def stop(self, with_signal=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(with_signal)
            self.process.wait(STOP_SECONDS)
        if self.process:
            self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    def children(self):
        """Name -> pid of what it runs."""
        found = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                name, fields = re.match(r"\d+ \((.*)\) (.*)", path.read_text()).groups()
            except (OSError, AttributeError):
                continue
            if int(fields.split()[1]) == self.process.pid:
                found[name] = int(path.parent.name)
        return found

    def request(self, method, path, body=None, headers=None, timeout=90):
        """(status, decoded body)"""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **(headers or {})},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            status, text = answer.code, answer.read()
        return status, json.loads(text) if text else None

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def finished(self, submission, seconds=60):
        """The submission at its end."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status, now = self.get(f"/api/v1/submissions/{submission}?wait=20")
            assert status == 200, now
            if now["status"] not in ("pending", "running"):
                return now
        raise AssertionError(f"submission {submission} is still {now['status']}")


@pytest.fixture(scope="session")
def program():
    path = pathlib.Path(os.environ.get("ARENA", ROOT / "build" / "arena"))
    assert path.exists(), f"{path} is not built"
    return path


@pytest.fixture(scope="session")
def service(program, tmp_path_factory):
    """One for all tests that only talk to it."""
    with Service(program, tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture
def own_service(program, tmp_path):
    """A function that starts one for this test alone; stopped with the test, whatever became of it."""
    started = []

    def start(folder=tmp_path, **environment):
        started.append(Service(program, folder, **environment))
        return started[-1].start()

    yield start
    for one in started:
        if one.process and one.process.poll() is None:
            one.process.kill()
            one.process.wait(STOP_SECONDS)
