"""Starting, stopping, and being killed at the worst moment."""
import subprocess
import time

import pytest

from arena import BINARY, POSTGRES, Service


def test_killed_in_the_middle_of_everything(make_service):
    service = make_service("serve").start()
    ended = service.told(service.run("print('before')")["id"])
    ids = [service.submit(f"import time\ntime.sleep(0.3)\nprint({i})")["id"] for i in range(8)]
    service.wait_for_status(ids[0], "running")
    service.kill()
    service.start()
    for i, submission_id in enumerate(ids):
        got = service.result(submission_id)
        assert (got["status"], got["output"]) == ("completed", f"{i}\n"), got
    assert service.get(f"/api/v1/submissions/{ended['id']}").json == ended


def test_killed_again_and_again(make_service):
    """Whatever was acknowledged ends, however often the service is killed: kills do not count as attempts."""
    service = make_service("serve").start()
    ids = []
    for round_number in range(4):
        ids += [service.submit(f"import time\ntime.sleep(0.2)\nprint({round_number})")["id"] for _ in range(3)]
        time.sleep(0.05 * round_number)
        service.kill()
        service.start()
    for submission_id in ids:
        assert service.result(submission_id)["status"] == "completed"


def test_sigterm_hands_back(make_service):
    service = make_service("serve").start()
    long_one = service.submit("import time\ntime.sleep(60)")
    short_one = service.submit("import time\ntime.sleep(1)\nprint('short')")
    for each in (long_one, short_one):
        service.wait_for_status(each["id"], "running")
    status, seconds = service.terminate()
    assert status == 0 and seconds < 10, (status, seconds, service.log())
    # The short one was waited for; the long one is back in the queue, and the attempt does not count.
    assert service.rows("SELECT id, state FROM submission ORDER BY id") == [[str(long_one["id"]), "pending"],
                                                                           [str(short_one["id"]), "completed"]]
    assert service.rows("SELECT attempts FROM job") == [["0"]]


def test_sigterm_while_idle_is_quick_and_clean(make_service):
    service = make_service("serve").start()
    status, seconds = service.terminate()
    assert status == 0 and seconds < 10
    assert '"level":"error"' not in service.log()


def test_waiting_clients_are_answered_at_the_stop(make_service):
    from fake_worker import Later
    service = make_service("serve").start()
    created = service.submit("print(1)", execute=False)
    waiting = Later(service.get, f"/api/v1/submissions/{created['id']}?wait=30")
    assert waiting.waits()
    assert service.terminate()[0] == 0
    assert waiting.join().status in (200, 503)


def failed_start(environment):
    done = subprocess.run([BINARY, "serve"], env=environment, capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, cwd="/")
    assert done.returncode == 1, done
    assert "ready" not in done.stdout
    return done.stderr


def test_second_start_on_a_used_port(serve):
    other = Service("serve")
    try:
        environment = {**other.environment, "EXECUTION_LISTEN": serve.environment["EXECUTION_LISTEN"]}
        assert f"127.0.0.1:{serve.port}" in failed_start(environment)
        assert "in use" in failed_start(environment)
    finally:
        other.close()
    assert serve.get("/health").status == 200


@pytest.mark.skipif(bool(POSTGRES), reason="a PostgreSQL may be shared")
def test_second_start_on_a_used_data_directory(serve):
    other = Service("serve")
    try:
        text = failed_start({**other.environment, "DATA_DIR": serve.environment["DATA_DIR"]})
        assert "execution.db" in text and ("in use" in text or "another" in text)
    finally:
        other.close()
    assert serve.run("print(1)")["output"] == "1\n"


@pytest.mark.parametrize("name, what", [("DATA_DIR", "must be a folder"),
                                        ("LANGUAGES_DIR", "must be a folder of language packs")])
def test_a_folder_that_is_none_is_named(make_service, name, what):
    service = make_service("serve", **{name: "/dev/null" if name == "DATA_DIR" else "/nowhere/at/all"}).launch()
    assert service.process.wait(15) == 1
    assert f"{name}={service.environment[name]}: {what}" in service.log()


def test_state_changes_are_in_the_log(make_service):
    service = make_service("serve").start()
    submission = service.run("print(1)")
    lines = [line for line in service.log().splitlines() if f'"submission":{submission["id"]}' in line]
    steps = [(a, b) for a, b in (("pending", "running"), ("running", "completed"))
             if any(f'"from":"{a}"' in line and f'"to":"{b}"' in line for line in lines)]
    assert steps == [("pending", "running"), ("running", "completed")], service.log()
