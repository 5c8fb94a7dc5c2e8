"""How often, and how much room is left."""
import os
import pathlib
import subprocess

import pytest

from arena import wait_for
from fake_worker import FakeWorker, report
from test_keys import bearer, first_key, make_key

HELLO = {"code": "print(1)", "language": "python", "user_id": 1}


def test_a_key_has_a_limit_of_its_own(make_service):
    service = make_service("execution", NODE_ENV="production", RATE_LIMIT=3, RATE_LIMIT_ADDRESS=1000).start()
    one, other = (make_key(service, "read")["key"] for _ in range(2))
    for left in (2, 1, 0):
        answer = service.get("/api/stats", bearer(one))
        assert answer.status == 200
        assert (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]) == ("3", str(left))
    answer = service.get("/api/stats", bearer(one))
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0 and "error" in answer.json
    assert "detail" in service.get("/api/v1/submissions/1", bearer(one)).json
    assert service.get("/api/stats", bearer(other)).status == 200
    assert service.get("/health").status == 200


def test_guessing_is_limited_by_address(make_service):
    service = make_service("execution", NODE_ENV="production", RATE_LIMIT_ADDRESS=5).start()
    answers = [service.get("/api/stats", bearer(f"ak_{number:064}")).status for number in range(8)]
    assert answers == [401] * 5 + [429] * 3
    assert service.get("/health").status == 200
    assert FakeWorker(service.port).post("claim", worker="w", languages=["python"], slots=1, wait_ms=0).status == 200
    guess = FakeWorker(service.port, token="ak_" + "0" * 64)
    assert guess.post("claim", worker="w", languages=["python"], slots=1, wait_ms=0).status == 429


def test_workers_and_development_are_not_counted(make_service):
    service = make_service("execution", RATE_LIMIT=1, RATE_LIMIT_ADDRESS=1).start()
    key = service.post("/api/v1/keys", {"name": "x", "scopes": ["worker"]}).json["key"]
    for _ in range(5):
        assert service.get("/api/stats").status == 200
        answer = FakeWorker(service.port, token=key).post("claim", worker="w", languages=["python"], slots=1,
                                                          wait_ms=0)
        assert answer.status == 200


def test_no_room_for_anything_new(make_service):
    service = make_service("execution", DISK_MIN_FREE=1048576).start()
    for path, body in (("/api/v1/submissions/", HELLO), ("/api/v1/submissions/batch", {"submissions": [HELLO]}),
                       ("/api/execute", {"code": "1", "language": "python"})):
        answer = service.post(path, body)
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        assert "disk" in answer.body.decode()
    assert service.get("/api/v1/submissions/").json == []


def test_results_land_while_nothing_new_is_taken(make_service):
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    service = make_service("execution", DISK_MIN_FREE=32).start()
    service.terminate()
    data = pathlib.Path(service.folder) / "data"
    options = f"size=64m,mode=700,uid={data.stat().st_uid},gid={data.stat().st_gid}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", data], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        service.start()
        worker = FakeWorker(service.port)
        created = service.submit("print(1)")
        [job] = worker.claim()
        filler = data / "filler"
        filler.write_bytes(bytes(48 << 20))
        assert service.post("/api/v1/submissions/", HELLO).status == 503
        assert worker.finish(job, report()).status == 200
        assert service.get(f"/api/v1/submissions/{created['id']}").json["status"] == "completed"
        filler.unlink()
        assert service.post("/api/v1/submissions/", HELLO).status == 201
        wait_for(lambda: "disk has room again" in service.log())
        worker.leave()
        service.terminate()
    finally:
        if service.process.poll() is None:
            service.kill()
        subprocess.run(["umount", data], check=True)
