"""`arena worker` and the services that it speaks to: several replicas, https, and which languages it takes."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading

import pytest

from arena import BINARY, Service, free_ports, request, wait_for
from test_replicas import postgres, replicas  # noqa: F401 (fixtures)
from test_worker_alone import Host

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="lanes need root")


@pytest.fixture
def make_host(open_languages):
    made = []

    def make(service, *more, services=None):
        host = Host(service, open_languages)
        if services:
            host.words[host.words.index("--service") + 1] = services
        host.words += more
        made.append(host)
        return host

    yield make
    for host in made:
        host.close()


def url(service):
    return f"http://127.0.0.1:{service.port}"


def test_one_that_is_not_there_and_one_that_is(execution, make_host):
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    make_host(execution, services=f"{nobody},{url(execution)}/").start()
    assert execution.run("print(1)")["output"] == "1\n"


def test_a_replica_dies_while_its_worker_runs(replicas, make_host):  # noqa: F811
    here, there = replicas
    host = make_host(here, services=f"{url(here)},{url(there)}").start()
    created = here.submit("import time\ntime.sleep(3)\nprint('in the end')")
    here.wait_for_status(created["id"], "running")
    spoken_to = here if '"worker joined"' in here.log() else there
    other = there if spoken_to is here else here
    spoken_to.kill()
    done = other.result(created["id"])
    assert (done["output"], done["attempts"]) == ("in the end\n", 1)
    assert "turning to another service" in host.log()
    spoken_to.start()
    other.kill()
    assert spoken_to.run("print('and back')")["output"] == "and back\n"


def test_only_some_languages(execution, make_host):
    make_host(execution, "--languages", "py").start()
    other = execution.submit("int main(void) { return 0; }", "c")
    assert execution.run("print(1)")["output"] == "1\n"
    assert execution.get(f"/api/v1/submissions/{other['id']}").json["status"] == "pending"
    make_host(execution, "--languages", "python,c").start()
    assert execution.result(other["id"])["status"] == "completed"


@pytest.mark.parametrize("words, text", [
    (("--languages", "cobol"), "there is no such language"),
    (("--languages", "python,,c"), "a comma list is expected"),
])
def test_languages_that_are_none(execution, make_host, words, text):
    host = make_host(execution, *words)
    host.lanes = host.launch("lanes", "--socket", host.socket)
    wait_for(lambda: os.path.exists(host.socket))
    host.worker = host.launch(*host.words)
    assert host.worker.wait(60) == 2 and text in host.log()


@pytest.mark.parametrize("services, text", [
    ("http://127.0.0.1:1,", "a comma list of URLs"),
    ("http://127.0.0.1:1,http://10.0.0.1", "--insecure"),
    ("ftp://127.0.0.1", "http://HOST:PORT or https://HOST"),
])
def test_services_that_are_refused(tmp_path, services, text):
    done = subprocess.run([BINARY, "worker", "--service", services, "--token-file", str(tmp_path / "x")], text=True,
                          capture_output=True, timeout=30)
    assert done.returncode == 2 and text in done.stderr


# ---- https, as a reverse proxy ends it ----

def certificate(folder, name):
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    cert.chmod(0o644)
    return key, cert


class TlsProxy:
    """Takes TLS connections and passes their bytes on to a port."""

    def __init__(self, port, key, cert):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.taken = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError), self.context.wrap_socket(client, server_side=True) as secure:
            self.taken += 1
            with socket.create_connection(("127.0.0.1", self.target)) as plain:
                threading.Thread(target=self.copy, args=(plain, secure), daemon=True).start()
                self.copy(secure, plain)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def open_folder():
    """Where a worker, which is another user, can read."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="arena-tls-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_https(execution, make_host, open_folder):
    key, cert = certificate(open_folder, "ours")
    _, foreign = certificate(open_folder, "foreign")
    proxy = TlsProxy(execution.port, key, cert)
    secure = f"https://127.0.0.1:{proxy.port}"
    for authorities in (["--ca-file", str(foreign)], []):  # [] are the host's
        doubting = make_host(execution, *authorities, services=secure).start()
        wait_for(lambda: "service not reachable" in doubting.log())
        assert proxy.taken == 0
    make_host(execution, "--ca-file", str(cert), services=secure).start()
    assert execution.run("print(1)")["output"] == "1\n"
    assert proxy.taken > 0
    proxy.listener.close()


def test_a_worker_stops_in_order(execution, make_host):
    """What runs is finished when it takes no longer than the grace; nothing new is taken."""
    host = make_host(execution).start()
    running = execution.submit("import time\ntime.sleep(1.5)\nprint('done')")
    execution.wait_for_status(running["id"], "running")
    waiting = execution.submit("print(2)")
    host.worker.send_signal(signal.SIGTERM)
    assert execution.result(running["id"])["output"] == "done\n"
    assert host.worker.wait(20) == 0
    assert execution.get(f"/api/v1/submissions/{waiting['id']}").json["status"] == "pending"
    host.worker.stdout.close()
    host.worker = host.launch(*host.words)
    assert execution.result(waiting["id"])["attempts"] == 1


# ---- what it keeps ----

def test_a_worker_that_starts_again_compiles_nothing_again(make_service):
    service = make_service("serve", LANES=1).start()
    source = "#include <stdio.h>\nint main(void) { puts(\"once\"); return 0; }"

    def compiled_anew():
        done = service.run(source, "c")
        assert done["output"] == "once\n"
        [[text]] = service.rows(f"SELECT report FROM submission_result WHERE submission_id = {done['id']}")
        return not json.loads(text)["compile"]["cached"]

    assert compiled_anew() and not compiled_anew()
    service.terminate()
    service.start()
    assert not compiled_anew()
    service.terminate()
    kept = list(pathlib.Path(service.folder, "data", "worker", "programs").iterdir())
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o777 == 0o600
    damaged = bytearray(kept[0].read_bytes())
    damaged[len(damaged) // 2] ^= 1
    kept[0].write_bytes(damaged)
    service.start()
    assert compiled_anew() and not compiled_anew()


# ---- idle slots that help ----

@pytest.fixture(scope="module")
def sharing():
    service = Service("serve", LANES=3, WORKER_SHARE_TESTS="true")
    try:
        yield service.start()
    finally:
        service.close()


def helped(service):
    text = request(service.worker_port, "GET", "/metrics").body.decode()
    return int(re.search(r"^arena_worker_helped_total (\d+)$", text, re.MULTILINE)[1])


def cases_of(count, wrong=()):
    return [{"input": str(i), "answer": "no" if i in wrong else str(i)} for i in range(count)]


SLOW_ECHO = "import time\nn = int(input())\ntime.sleep(0.1)\nassert n != 7\nprint(n)"


def test_results_are_the_same_and_in_order(sharing):
    before = helped(sharing)
    done = sharing.run(SLOW_ECHO, judge={"tests": cases_of(30, wrong=[3, 20])})
    verdicts = ["accepted"] * 30
    verdicts[3] = verdicts[20] = "wrong_answer"
    verdicts[7] = "runtime_error"
    assert [each["verdict"] for each in done["test_results"]] == verdicts
    assert all(each["output"] == f"{i}\n" for i, each in enumerate(done["test_results"]) if i != 7)
    assert done["verdict"] == "wrong_answer"
    wait_for(lambda: helped(sharing) > before)


def test_early_stop_is_the_first_failing_in_order(sharing):
    for _ in range(5):
        done = sharing.run(SLOW_ECHO, judge={"tests": cases_of(20, wrong=[4, 5, 6]), "early_stop": True})
        assert [each["verdict"] for each in done["test_results"]] == ["accepted"] * 4 + ["wrong_answer"]
        assert done["verdict"] == "wrong_answer"


def test_a_helper_is_called_away_by_work_of_its_own(sharing):
    long = sharing.submit(SLOW_ECHO.replace("0.1", "1"), judge={"tests": cases_of(12, wrong=[11])})
    sharing.wait_for_status(long["id"], "running")
    before = helped(sharing)
    for i in range(4):
        assert sharing.run(f"print({i})")["output"] == f"{i}\n"
    assert sharing.get(f"/api/v1/submissions/{long['id']}").json["status"] == "running"
    done = sharing.result(long["id"])
    assert [each["verdict"] for each in done["test_results"]].count("accepted") == 10
    assert (done["verdict"], done["attempts"]) == ("runtime_error", 1)
    assert helped(sharing) > before


def test_cancelled_with_its_helpers(sharing):
    cases = [{"input": str(i), "expectedOutput": str(i)} for i in range(30)]
    job = sharing.post("/api/execute", {"code": SLOW_ECHO.replace("0.1", "2"), "language": "python",
                                        "testCases": cases}).json["jobId"]
    wait_for(lambda: sharing.get(f"/api/jobs/{job}").json["state"] == "active")
    assert sharing.request("DELETE", f"/api/jobs/{job}").status == 200
    assert sharing.run("print('next')")["output"] == "next\n"
    wait_for(lambda: request(sharing.worker_port, "GET", "/health/ready").json["services"]["idle"] == 3)
