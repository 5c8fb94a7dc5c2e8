"""`arena worker` and `arena lanes` by themselves, as on a host of their own."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

import pytest

from arena import BINARY, TOKEN, free_ports, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="lanes need root")


class Host:
    """A lane maker and a worker; not started yet."""

    def __init__(self, service, languages):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="arena-host-"))
        self.folder.chmod(0o755)
        (self.folder / "token").write_text(TOKEN)
        self.socket = f"{self.folder}/lanes/socket"
        self.words = ["worker", "--service", f"http://127.0.0.1:{service.port}", "--token-file", f"{self.folder}/token",
                      "--slots", "1"]
        self.environment = {"PATH": os.environ["PATH"], "SANDBOX_SOCKET": self.socket, "LANGUAGES_DIR": languages,
                            "WORKER_LISTEN": f"127.0.0.1:{free_ports(1)[0]}", "DATA_DIR": str(self.folder / "data")}
        self.lanes = self.worker = None

    def launch(self, *words):
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen([BINARY, *words], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=log, text=True)

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket)
        self.lanes = self.launch("lanes", "--socket", self.socket)
        wait_for(lambda: os.path.exists(self.socket))
        self.worker = self.launch(*self.words)
        assert self.worker.stdout.readline().startswith("ready"), self.log()
        return self

    def log(self):
        return (self.folder / "log").read_text()

    def close(self):
        for each in filter(None, (self.worker, self.lanes)):
            each.terminate()
            each.wait(20)
            each.stdout.close()
        shutil.rmtree(self.folder)


@pytest.fixture
def host(execution, open_languages):
    made = Host(execution, open_languages)
    yield made
    made.close()


def test_a_worker_ends_with_its_lane_maker(host, execution):
    """Or it would take one task after the other, and spend the attempts of all of them."""
    host.start()
    assert execution.run("print(1)")["output"] == "1\n"
    host.lanes.kill()
    assert host.worker.wait(20) == 1
    assert "the lane maker is gone" in host.log()
    waiting = execution.submit("print(2)")
    host.start()
    done = execution.result(waiting["id"])
    assert (done["output"], done["attempts"]) == ("2\n", 1)


def test_its_caches_are_made_and_believed_only_when_whole(host, execution):
    data = b"".join(b"%d\n" % number for number in range(1000))
    name = hashlib.sha256(data).hexdigest()
    assert execution.request("PUT", f"/api/v1/blobs/{name}", data, {"Content-Type": "text/plain"}).status in (200, 201)

    def judged():
        return execution.run("import sys; print(sys.stdin.read(), end='')",
                             judge={"tests": [{"input": {"sha256": name}, "answer": {"sha256": name}}]})["verdict"]

    host.start()
    assert judged() == "accepted"
    for each in ("data", "data/blobs", "data/programs"):
        folder = (host.folder / each).stat()
        assert stat.S_IMODE(folder.st_mode) == 0o700 and folder.st_uid != 0, each
    assert "cached" not in host.log()

    cached = host.folder / "data" / "blobs" / name[:2] / name
    for damage in (data[:-1], data[:-2] + b"0\n", b""):
        host.worker.terminate()
        assert host.worker.wait(20) == 0
        cached.write_bytes(damage)
        host.worker.stdout.close()
        host.worker = host.launch(*host.words)
        assert host.worker.stdout.readline().startswith("ready"), host.log()
        assert judged() == "accepted"
        assert cached.read_bytes() == data


def test_a_folder_of_somebody_else_s_is_left_alone(host, execution):
    (host.folder / "data").mkdir(mode=0o700)
    (host.folder / "data" / "somebody").touch()
    host.start()
    assert execution.run("print(1)")["output"] == "1\n"
    assert "belongs to another user" in host.log()
    assert [each.name for each in (host.folder / "data").iterdir()] == ["somebody"]
