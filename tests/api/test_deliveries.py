"""`arena admin deliveries`: webhooks listed, shown, and sent again, by hand."""
import json
import subprocess

import pytest

from arena import BINARY, wait_for
from fake_worker import FakeWorker, report
from receiver import Receiver, statuses


def admin(service, *words):
    done = subprocess.run([BINARY, "admin", "deliveries", *words, "--service", f"http://127.0.0.1:{service.port}"],
                          env=service.environment, cwd=service.folder, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def listed(service, *words):
    status, out, err = admin(service, "list", "--json", *words)
    assert status == 0, err
    return json.loads(out)


def finish(service):
    made = service.submit("print(1)")["id"]
    worker = FakeWorker(service.port)
    assert worker.finish(worker.claim()[0], report()).status == 200
    return made


def test_from_death_to_a_second_life(make_service):
    with Receiver(statuses(410, 410, 410, 200)) as backend:
        service = make_service("execution", BACKEND_SERVICE_URL=backend.url, WEBHOOK_ALLOW_PRIVATE="true").start()
        made = [finish(service) for _ in range(3)]
        wait_for(lambda: len(listed(service, "--state", "dead")) == 3)
        dead = listed(service)
        assert [each["submission_id"] for each in dead] == made[::-1]
        assert listed(service, "--state", "delivered") == []

        status, table, _ = admin(service)  # the list is what one wants most often
        assert status == 0 and table == admin(service, "list")[1]
        row = table.splitlines()[1]
        for each in (str(dead[0]["delivery_id"]), str(made[2]), "dead", "Error: HTTP 410", backend.url):
            assert each in row
        shown = json.loads(admin(service, "show", str(dead[0]["delivery_id"]))[1])
        assert shown.pop("log")[0]["http_status"] == 410 and shown == dead[0]

        status, out, _ = admin(service, "replay", str(dead[0]["delivery_id"]))
        assert status == 0 and out == f"delivery {dead[0]['delivery_id']} is sent again\n"
        wait_for(lambda: len(listed(service, "--state", "delivered")) == 1)
        status, out, _ = admin(service, "replay", "--all")
        assert status == 0 and len(out.splitlines()) == 2
        wait_for(lambda: len(listed(service, "--state", "delivered")) == 3)
        assert len(backend.deliveries) == 6


def test_what_is_not_there(execution):
    for words in (("show", "999999"), ("replay", "999999")):
        status, _, err = admin(execution, *words)
        assert status == 1 and "Delivery not found" in err


@pytest.mark.parametrize("words", [("show",), ("show", "one"), ("replay",), ("replay", "1", "--all"), ("bury", "1"),
                                   ("list", "--state", "lost"), ("list", "1"), ("show", "1", "2")])
def test_words_that_make_no_sense(execution, words):
    status, out, err = admin(execution, *words)
    assert (status, out) == (2, "") and "show ID" in err
