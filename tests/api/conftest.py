"""Services for the tests: one of each kind that they share, and a maker for those that break theirs."""
import pathlib
import shutil
import tempfile

import pytest

from arena import ROOT, Service, wait_for
from fake_worker import FakeWorker, report


@pytest.fixture(scope="session")
def open_languages():
    """The packs where every user can read them: the tree may lie in somebody's closed home."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="arena-languages-"))
    folder.chmod(0o755)
    for pack in (ROOT / "languages").glob("*.yaml"):
        shutil.copy(pack, folder)
    yield str(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def serve():
    """`arena serve` with two lanes, shared: tests leave it as they found it."""
    service = Service("serve")
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture(scope="session")
def execution():
    """`arena execution` alone: its workers are the tests."""
    service = Service("execution", QUEUE_LEASE="2")
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture(scope="session")
def backend():
    """`arena backend` alone, shared: tests make users of their own and leave the rest as they found it."""
    service = Service("backend")
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def empty_queue(execution):
    """The next test begins with an empty queue: what this one left is taken and ended."""
    sweeper = FakeWorker(execution.port)

    def empty():
        for job in sweeper.claim(slots=100, wait_ms=0):
            sweeper.finish(job, report(verdict="judge_error"))
        stats = execution.get("/api/stats").json
        return stats["waiting"] + stats["active"] + stats["delayed"] == 0

    yield
    wait_for(empty)
    sweeper.leave()


@pytest.fixture
def make_service():
    """make_service("serve", LANES=1): not started yet; ended with the test."""
    made = []

    def make(command, **environment):
        made.append(Service(command, **environment))
        return made[-1]

    yield make
    for service in made:
        service.close()
