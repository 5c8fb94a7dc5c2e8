#!/usr/bin/env python3
"""Runs test programs in a guest that has cgroup v2, whatever the host has.

    tests/guest/run.py uml FOLDER:FOLDER... ENTRY...     user-mode Linux: a process like any other (uml.py)
    tests/guest/run.py vm FOLDER:FOLDER... ENTRY...      a stock kernel in an emulated machine (vm.py)
    tests/guest/run.py vm-arm64 FOLDER:FOLDER... ENTRY...     the same for arm64

An ENTRY is one word of the shell, "WAY PROGRAM ARGUMENT...". WAY is as whom it runs: `root`; `delegated`, a user
with a cgroup subtree and subordinate ids of his own; `user`, one with neither (as_user.sh). The guest's root file
system is the host's, or arm64's own, read-only; the FOLDERs are in their places even where something of the guest's own covers
them (/tmp). A guest is slow, so nothing is learnt about speed; SLOWNESS tells the programs. The exit status is 0
when every entry ended with 0, and 77, which Meson counts as skipped, where there is no such guest.
"""
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

import uml
import vm

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {"uml": uml, "vm": vm.AMD64, "vm-arm64": vm.ARM64}
SKIPPED = 77


def end(guest):
    try:
        os.killpg(guest.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def follow(guest):
    """Prints what the guest says until it is off; entry -> exit status, of those that ended and had tests."""
    ended, idle, started = {}, False, time.monotonic()
    for line in guest.stdout:
        line = line.rstrip()
        said, what = line.startswith("guest: "), line[len("guest: "):]
        idle = line.endswith(" 0 test(s) run.") or (idle and not (said and what.endswith(" begins")))
        entry, ends, status = what.rpartition(" ended with ")
        if said and ends and not idle:
            ended[entry] = int(status)
        print(f"{line}, after {time.monotonic() - started:.1f} s" if said else line, flush=True)
    return ended


def run(kind, folders, entries):
    with tempfile.TemporaryDirectory(prefix="arena-guest-") as scratch:
        os.chmod(scratch, 0o755)
        pathlib.Path(scratch, "folders").write_text("".join(f"{folder}\n" for folder in folders))
        pathlib.Path(scratch, "entries").write_text("".join(f"{line}\n" for line in entries))
        settings = {"GUEST": scratch, "SLOWNESS": str(kind.SLOWNESS)}
        with kind.boot(HERE / "init.sh", settings, scratch, folders) as guest:
            timer = threading.Timer(kind.LONGEST_S, end, (guest,))
            timer.start()
            try:
                ended = follow(guest)
            finally:
                timer.cancel()
                end(guest)
                guest.wait()
    for entry in entries:
        if entry not in ended:
            print(f"{entry}: had no test, or did not end; the guest had {kind.LONGEST_S} s")
    return all(ended.get(entry) == 0 for entry in entries)


def main(words):
    if len(words) < 3 or words[0] not in KINDS:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the guest goes too
    kind = KINDS[words[0]]
    missing = kind.missing()
    if missing:
        print(f"left out: {missing}")
        return SKIPPED
    return 0 if run(kind, words[1].split(":"), words[2:]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
