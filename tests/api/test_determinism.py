"""The same submissions, judged again and again, on an idle machine and on one whose processors are all at work: the same
verdicts and scores. `make determinism` does it with 200 (DETERMINISM_SUBMISSIONS)."""
import collections
import os
import random
import subprocess
import sys
import time

import pytest

from arena import Service
from determinism import submissions

COUNT = int(os.environ.get("DETERMINISM_SUBMISSIONS", "12"))
ROUNDS = ["idle", "busy", "idle", "busy", "busy"]


@pytest.fixture
def burners():
    """burners(n): n processes that do nothing but use a processor, instead of those before."""
    running = []

    def keep(count):
        while len(running) > count:
            ended = running.pop()
            ended.kill()
            ended.wait()
        while len(running) < count:
            running.append(subprocess.Popen([sys.executable, "-c", "while True: pass"]))

    yield keep
    keep(0)


def essence(got):
    """What may not depend on who else is at work."""
    tests = tuple(each["verdict"] for each in got.get("test_results") or ())
    groups = tuple((each["name"], each["verdict"], each["score"]) for each in got.get("groups") or ())
    return got["status"], got["verdict"], got.get("score"), tests, groups


def judge_all(service, bodies, order):
    ids = {}
    for name in order:
        ids[name] = service.submit(**bodies[name])["id"]
    return {name: service.result(number, timeout=1200) for name, number in ids.items()}


def test_verdicts_do_not_depend_on_the_load(burners):
    service = Service("serve", LANES=2).start()
    try:
        wanted = list(submissions(COUNT))
        bodies = {name: body for name, body, _ in wanted}
        seen = collections.defaultdict(collections.Counter)
        marked = 0
        for number, load in enumerate(ROUNDS):
            burners(os.cpu_count() if load == "busy" else 0)
            order = random.Random(number).sample(sorted(bodies), len(bodies))
            started = time.monotonic()
            results = judge_all(service, bodies, order)
            for name, _, verdict in wanted:
                got = results[name]
                seen[name][essence(got)] += 1
                marked += sum(each.get("borderline", False) for each in got.get("test_results") or ())
                assert got["verdict"] == verdict, (load, bodies[name], got)
            print(f"round {number + 1} ({load}): {len(bodies)} judged in {time.monotonic() - started:.1f} s")
        differing = {name: dict(seen[name]) for name in bodies if len(seen[name]) > 1}
        assert not differing, "\n".join(f"{bodies[name]['code']}: {them}" for name, them in differing.items())
        print(f"{len(bodies)} submissions, {len(ROUNDS)} rounds, the same verdicts; {marked} times were borderline")
    finally:
        service.close()
