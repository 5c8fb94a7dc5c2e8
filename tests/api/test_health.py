"""The service and its worker say truthfully how they are."""
import os
import re
import signal

from arena import request, wait_for


def test_health(serve):
    for path in ("/health", "/health/"):
        got = serve.get(path)
        assert got.status == 200 and got.json["status"] == "healthy"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", got.json["timestamp"])
        assert got.json["uptime"] >= 0 and got.json["version"]


def test_ready(serve):
    got = serve.get("/health/ready")
    assert got.status == 200
    assert got.json == {"status": "ready",
                        "services": {"database": "connected", "queue": "connected", "workers": 1}}


def test_metrics(serve):
    serve.run("print(1)")
    text = serve.get("/metrics")
    assert text.headers["Content-Type"].startswith("text/plain")
    lines = dict(line.rsplit(" ", 1) for line in text.body.decode().splitlines() if not line.startswith("#"))
    assert lines["arena_workers"] == "1" and lines["arena_worker_slots"] == "2"
    assert lines['arena_queue_jobs{state="ready"}'] == "0"
    assert int(lines['arena_results_total{status="completed",verdict="ok"}']) >= 1
    assert lines["arena_database_up"] == "1"


def test_worker_health(serve):
    assert request(serve.worker_port, "GET", "/health").json["status"] == "healthy"
    ready = request(serve.worker_port, "GET", "/health/ready")
    assert (ready.status, ready.json["status"], ready.json["services"]["slots"]) == (200, "ready", 2)
    text = request(serve.worker_port, "GET", "/metrics").body.decode()
    assert "arena_worker_connected 1" in text and 'arena_worker_judged_total{verdict="ok"}' in text


def worker_pid(service):
    """The process that listens on the worker's health port."""
    inodes = set()
    with open("/proc/net/tcp") as table:
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{service.worker_port:04X}") and fields[3] == "0A":
                inodes.add(f"socket:[{fields[9]}]")
    for pid in service.family():
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                if os.readlink(f"/proc/{pid}/fd/{fd}") in inodes:
                    return pid
            except OSError:
                continue
    raise AssertionError("no worker found")


def test_not_ready_without_its_worker(make_service):
    service = make_service("serve", QUEUE_LEASE=3).start()
    pid = worker_pid(service)
    os.kill(pid, signal.SIGSTOP)
    try:
        got = wait_for(lambda: (a := service.get("/health/ready")).status == 503 and a, timeout=10)
        assert got.json["services"]["workers"] == 0 and got.json["status"] == "unavailable"
        assert service.get("/health").status == 200
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: service.get("/health/ready").status == 200)
    assert service.run("print(1)")["output"] == "1\n"


def test_a_killed_worker_is_replaced_and_its_work_done(make_service):
    service = make_service("serve").start()
    service.run("print(1)")
    wait_for(lambda: service.get("/health").json["uptime"] >= 6, timeout=20)  # no longer young
    job = service.submit("import time; time.sleep(1); print('done')")
    service.wait_for_status(job["id"], "running")
    os.kill(worker_pid(service), signal.SIGKILL)
    got = service.result(job["id"])
    assert (got["status"], got["output"], got["attempts"]) == ("completed", "done\n", 2)


def test_a_broken_database_is_told(make_service):
    service = make_service("serve").start()
    service.told(service.run("print(1)")["id"])
    for name in ("execution.db", "execution.db-wal", "execution.db-shm"):
        with open(f"{service.folder}/data/{name}", "r+b") as file:
            file.write(b"\xff" * min(os.path.getsize(file.name), 1 << 20))
    got = wait_for(lambda: (a := service.get("/health/ready")).status == 503 and a)
    assert got.json["status"] == "unavailable"
    assert "unavailable: " in got.json["services"]["database"] + got.json["services"]["queue"]
    assert service.get("/health").json["status"] == "healthy"
    created = service.post("/api/v1/submissions", {"code": "1", "language": "python", "user_id": 1})
    assert created.status == 503 and created.headers["Retry-After"]
    wait_for(lambda: "arena_database_up 0" in service.get("/metrics").body.decode())


def test_a_database_that_was_taken_away_is_told(make_service):
    service = make_service("serve").start()
    os.rename(f"{service.folder}/data/execution.db", f"{service.folder}/data/aside")
    got = service.get("/health/ready")
    assert got.status == 503 and "deleted" in got.json["services"]["database"]
    os.rename(f"{service.folder}/data/aside", f"{service.folder}/data/execution.db")
    assert service.get("/health/ready").status == 200
