"""`arena serve` as a family of processes: who runs as whom, who replaces whom, who goes when somebody dies."""
import os
import pathlib
import pwd
import signal
import sqlite3
import subprocess
import time

import pytest

from arena import BINARY, wait_for


def name_of(pid):
    return (pathlib.Path("/proc") / str(pid) / "comm").read_text().strip()


def children_of(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def family(service):
    """{name: pid} of the children, and the worker, who is his guard's."""
    found = {name_of(pid): pid for pid in service.children()}
    return found | {name_of(pid): pid for pid in children_of(found["arena-guard"])}


def owner_of(pid):
    return pwd.getpwuid((pathlib.Path("/proc") / str(pid)).stat().st_uid).pw_name


def status_of(pid):
    lines = (pathlib.Path("/proc") / str(pid) / "status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def is_gone(pid):
    stat = pathlib.Path("/proc") / str(pid) / "stat"
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def own(make_service):
    return make_service("serve").start()


def test_only_the_lane_maker_is_root(own):
    processes = family(own)
    assert set(processes) == {"arena-lanes", "arena-execution", "arena-backend", "arena-nursery", "arena-guard",
                              "arena-worker"}
    assert owner_of(processes["arena-lanes"]) == "root"
    for pid, name in ((own.process.pid, "arena"), (processes["arena-execution"], "arena"),
                      (processes["arena-backend"], "arena"), (processes["arena-nursery"], "arena-worker"),
                      (processes["arena-guard"], "arena-worker"), (processes["arena-worker"], "arena-worker")):
        user = pwd.getpwnam(name)
        status = status_of(pid)
        assert status["CapEff"] == status["CapPrm"] == "0000000000000000"
        assert status["NoNewPrivs"] == "1"
        assert status["Uid"].split() == [str(user.pw_uid)] * 4
        assert status["Gid"].split() == [str(user.pw_gid)] * 4
        assert status["Groups"].split() in ([], [str(user.pw_gid)])


def test_what_a_worker_that_was_taken_over_can_reach(make_service):
    """Boxes, the service as a worker, and its own folder: no secret, no database, no process of the service's."""
    own = make_service("serve", BACKEND_WEBHOOK_SECRET="the-webhook-secret").start()
    own.run("print('a row')")
    processes = family(own)
    for name in ("arena-guard", "arena-worker"):
        seen = (pathlib.Path("/proc") / str(processes[name]) / "environ").read_bytes()
        assert b"the-webhook-secret" not in seen and own.environment["WORKER_TOKEN"].encode() not in seen
        assert b"LANGUAGES_DIR=" in seen
    as_worker = ["setpriv", "--reuid", "arena-worker", "--regid", "arena-worker", "--clear-groups", "/usr/bin/python3", "-c"]
    tries = f"""
import os, signal
data = {own.folder + "/data"!r}
reached = []
def attempt(what, call):
    try:
        call()
        reached.append(what)
    except OSError:
        pass
attempt("the data folder's names", lambda: os.listdir(data))
attempt("the database", lambda: open(data + "/execution.db", "rb").read(1))
attempt("a new file", lambda: open(data + "/new", "w"))
for name, pid in {processes!r}.items():
    if name in ("arena-execution", "arena-lanes"):
        attempt("a signal to " + name, lambda: os.kill(pid, signal.SIGCONT))
        attempt("the memory of " + name, lambda: open(f"/proc/{{pid}}/mem", "rb"))
        attempt("the environment of " + name, lambda: open(f"/proc/{{pid}}/environ", "rb"))
attempt("its own folder", lambda: open(data + "/worker/new", "w"))
print(reached)
"""
    done = subprocess.run(as_worker + [tries], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "['its own folder']\n"


def test_the_ready_line_names_what_is_there(own):
    assert own.ready_line == (f"ready: backend http://127.0.0.1:{own.backend_port} "
                              f"http://127.0.0.1:{own.backend_second_port}, execution service http://127.0.0.1:{own.port} "
                              f"http://127.0.0.1:{own.second_port}, worker 2 slots, "
                              f"health http://127.0.0.1:{own.worker_port}\n")


def test_no_secret_is_on_a_command_line_or_in_the_log(own):
    token = own.environment["WORKER_TOKEN"]
    for pid in (own.process.pid, *family(own).values()):
        assert token.encode() not in (pathlib.Path("/proc") / str(pid) / "cmdline").read_bytes()
    assert token not in own.log()


def test_a_dead_worker_is_replaced(own):
    worker = family(own)["arena-worker"]
    running = own.submit("import time\ntime.sleep(2)\nprint('in the end')")
    own.wait_for_status(running["id"], "running")
    time.sleep(5)  # one that dies young ends everything, and rightly
    running = own.submit("import time\ntime.sleep(2)\nprint('in the end')")
    own.wait_for_status(running["id"], "running")
    guard = family(own)["arena-guard"]
    os.kill(worker, signal.SIGKILL)
    assert own.result(running["id"])["output"] == "in the end\n"
    assert family(own)["arena-worker"] != worker and family(own)["arena-guard"] == guard
    assert own.terminate()[0] == 0


@pytest.mark.parametrize("name", ["arena-execution", "arena-backend", "arena-nursery", "arena-lanes", "arena-guard"])
def test_without_these_it_cannot_go_on(own, name):
    processes = family(own)
    os.kill(processes[name], signal.SIGKILL)
    assert own.process.wait(15) == 1
    assert all(map(is_gone, processes.values()))
    assert "was killed by SIGKILL" in own.log()


def test_nobody_survives_the_supervisor(own):
    processes = family(own)
    os.kill(own.process.pid, signal.SIGKILL)
    own.process.wait()
    for pid in processes.values():
        wait_for(lambda: is_gone(pid), timeout=10)
    assert own.start().run("print('again')")["output"] == "again\n"


@pytest.mark.parametrize("name, said", [("arena-execution", "execution service"), ("arena-backend", "backend")])
def test_it_stops_in_time_when_a_service_hangs(own, name, said):
    """The worker can hand nothing back then, but ends by itself; what it had is done after the next start."""
    running = own.submit("import time\ntime.sleep(8)\nprint('after all')")
    own.wait_for_status(running["id"], "running")
    os.kill(family(own)[name], signal.SIGSTOP)
    status, seconds = own.terminate()
    assert status == 0 and seconds < 10
    killed = [line for line in own.log().splitlines() if "killed" in line]
    assert len(killed) == 1 and f'"process":"{said}"' in killed[0]
    assert own.start().result(running["id"])["output"] == "after all\n"


def test_an_interrupt_stops_it_as_well(own):
    """As a terminal sends it: to all of them at once. What runs is still waited for."""
    own.run("print('first')")
    submission = own.submit("import time\ntime.sleep(1)\nprint('to the end')")
    own.wait_for_status(submission["id"], "running")
    os.killpg(own.process.pid, signal.SIGINT)
    assert own.process.wait(15) == 0
    assert '"level":"error"' not in own.log()
    with sqlite3.connect(f"{own.folder}/data/execution.db") as database:
        assert database.execute("SELECT state FROM submission").fetchall() == 2 * [("completed",)], own.log()


def test_beneath_a_folder_that_is_closed(make_service, tmp_path):
    """As /root is: its user can reach neither the data folder nor what lies above it."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    service = make_service("serve", DATA_DIR=closed / "data").start()
    assert service.run("print('inside')")["output"] == "inside\n"
    assert service.terminate()[0] == 0
    assert (closed / "data" / "execution.db").stat().st_uid == pwd.getpwnam("arena").pw_uid


def test_what_a_killed_one_left_is_swept(own):
    """Killed all at once, nobody is left to remove the lane maker's socket; the next start does."""
    left = pathlib.Path(f"/run/arena/lanes-{own.process.pid}.socket")
    assert left.is_socket()
    processes = family(own)
    os.kill(processes["arena-lanes"], signal.SIGKILL)
    own.kill()
    for pid in processes.values():
        wait_for(lambda: is_gone(pid), timeout=10)
    assert left.is_socket()
    own.start()
    assert not left.exists() and pathlib.Path(f"/run/arena/lanes-{own.process.pid}.socket").is_socket()


def test_a_data_folder_of_somebody_else_is_refused(make_service, tmp_path):
    tmp_path.chmod(0o755)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").write_text("kept")
    os.chown(theirs, 65534, 65534)
    service = make_service("serve", DATA_DIR=theirs).launch()
    assert service.process.wait(30) == 1
    assert "belongs to another user" in service.log() and str(theirs) in service.log()
    assert theirs.stat().st_uid == 65534


def test_without_root(make_service, open_languages):
    """A user of his own, and a lane maker that somebody else has started."""
    socket = f"/run/arena/test-{os.getpid()}.socket"
    maker = subprocess.Popen([BINARY, "lanes", "--socket", socket, "--owner", "65534", "--until-eof"],
                             stdin=subprocess.PIPE)
    try:
        wait_for(lambda: os.path.exists(socket))
        service = make_service("serve", SANDBOX_SOCKET=socket, LANGUAGES_DIR=open_languages)
        os.chown(service.folder, 65534, 65534)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BINARY, "serve"]
        with open(service.log_path, "ab") as log:
            service.process = subprocess.Popen(command, cwd=service.folder, env=service.environment, text=True,
                                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                               start_new_session=True)
        assert service.process.stdout.readline().startswith("ready:"), service.log()
        assert set(family(service)) == {"arena-execution", "arena-backend", "arena-nursery", "arena-guard", "arena-worker"}
        assert service.run("print('as nobody')")["output"] == "as nobody\n"
        assert service.terminate()[0] == 0
        maker.stdin.close()
        assert maker.wait(15) == 0
        assert not os.path.exists(socket)
    finally:
        maker.kill()
        maker.wait()


def test_without_root_and_without_lanes_it_says_what_to_do(open_languages):
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BINARY, "serve"],
                          env={"PATH": os.environ["PATH"], "DATA_DIR": "/tmp", "LANGUAGES_DIR": open_languages},
                          capture_output=True, text=True, cwd="/")
    assert done.returncode == 1 and "make serve" in done.stderr and "SANDBOX_SOCKET" in done.stderr
