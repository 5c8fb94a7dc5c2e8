"""Everything dies at the worst moment, and nothing that was acknowledged is lost, wrong, or done twice visibly.

    make chaos              CHAOS_SECONDS (600) on each database
    scripts/test chaos      30 s on each

CHAOS_SEED repeats the same deeds; what the processes make of them is different each time.
"""
import ctypes
import os
import random
import sys
import time

import pytest

from arena import ROOT, wait_for
from chaos import Chaos
from proxy import POINTS, POSTGRES_POINT
from world import World

sys.path.insert(0, str(ROOT / "tests"))
from postgres import Postgres  # noqa: E402 (its folder is not a package)

SECONDS = float(os.environ.get("CHAOS_SECONDS", "30"))
SEED = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(10**6)))
SETTLE_S = 240
PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request):
    if os.geteuid() != 0:
        pytest.skip("lanes need root")
    # What our processes leave behind comes to us, who can then tell that they did.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    postgres = Postgres().start() if request.param == "postgresql" else None
    made = World(postgres, 3 if postgres else 1)
    yield made
    if not made.stopping.is_set():
        made.close()
    if postgres:
        postgres.close()
    if os.environ.get("CHAOS_KEEP"):
        print(f"kept: {made.folder}")
    else:
        made.remove()


def tell(capsys, *words):
    with capsys.disabled():
        print(*words, flush=True)


def wakes(world, count=10):
    """From a result's time to the answer in the hands of who waits, mostly at another replica, while all is calm."""
    dice, took = random.Random(SEED - 1), []  # nobody else's: keys are drawn, too
    for _ in range(count):
        result, at = world.wait(world.submit(dice))
        completed = result["completed_at"].rstrip("Z")
        took.append(1000 * (at - time.mktime(time.strptime(completed[:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone)
                    - int(completed[20:]))
    return sorted(round(each) for each in took)


def settle(world):
    """All that was acknowledged has ended, and all webhooks have come."""
    number_of = "SELECT DISTINCT id FROM promised"

    def is_settled():
        assert not world.failures, world.failures
        return world.ledger.count(f"{number_of} EXCEPT SELECT id FROM told") == 0

    world.stop_clients(SETTLE_S)
    for (number,) in world.ledger.ask(number_of):
        world.wait(number)
    wait_for(is_settled, SETTLE_S, 0.2)
    # And once more, when nothing can change any more.
    for (number,) in world.ledger.ask(number_of):
        world.wait(number)


def not_hit(summary):
    """Named points that no deed was done at."""
    here = [name for name in POINTS if name != POSTGRES_POINT or "kill PostgreSQL" in summary["deeds"]]
    return [name for name in here if not any(deed.startswith(name) for deed in summary["deeds"])]


def test_chaos(world, capsys):
    tell(capsys, f"\nCHAOS_SEED={SEED} CHAOS_SECONDS={SECONDS:g}, {'postgresql' if world.database else 'sqlite'}:")
    world.start()
    took = wakes(world)
    tell(capsys, f"ms from result to who waits, all calm: median {took[len(took) // 2]}, most {took[-1]}")
    world.start_clients(SEED)
    Chaos(world, random.Random(SEED)).run(SECONDS)
    calm = time.time()
    settle(world)
    settled = [world.ledger.latest(table) - calm for table in ("promised", "told")]
    faults = world.close()
    wait_for(lambda: not world.orphans(), 30, 0.2)
    summary = world.ledger.summary()
    tell(capsys, *(f"{count} {what}," for what, count in summary["deeds"].items()))
    tell(capsys, *(f"{count} {what}," for what, count in summary.items() if what != "deeds"))
    tell(capsys, f"s until the last was acknowledged, and all were told of: {settled[0]:.1f}, {settled[1]:.1f}")
    assert summary["acknowledged"] > 0 and summary["kills"] > 0
    if SECONDS >= 300:  # long enough for each of them
        assert not_hit(summary) == []
    assert world.ledger.faults() == {}
    assert world.failures == [] and world.crashes() == [] and faults == []
