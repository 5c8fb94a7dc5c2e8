#!/usr/bin/env python3
"""Runs test programs in a user-mode Linux guest that has cgroup v2, whatever the host has.

    tests/guest/run.py PROGRAM[,FILTER]...

The guest is Debian's `linux.uml`: a process of this user, its root file system the host's, read-only. It is slow
and has one processor, so nothing is learnt about speed; SLOWNESS tells the programs. FILTER chooses some of a
program's tests by name. The exit status is 0 when every program ended with 0, and 77, which Meson counts as
skipped, where there is no such guest.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

INIT = pathlib.Path(__file__).resolve().parent / "init.sh"
MEMORY_MB = 1024
SLOWNESS = 10
LONGEST_S = 240  # several times what it takes
SKIPPED = 77


def memory_folder():
    """Where the file that is the guest's memory fits, and may be mapped executable. It has no name there."""
    for folder in ("/dev/shm", tempfile.gettempdir(), os.getcwd()):
        found = os.statvfs(folder)
        if found.f_bavail * found.f_frsize > MEMORY_MB << 20 and not found.f_flag & os.ST_NOEXEC:
            return folder
    return None


def stay_on_one_processor():
    """The guest's kernel and its processes take turns; on two processors each turn would have to wake one."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def boot(programs, folder, scratch):
    """Starts the guest, as the leader of a process group of its own."""
    programs_folder = os.path.commonpath([os.path.dirname(program) for program in programs])
    command = ("linux.uml", f"mem={MEMORY_MB}M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
               f"init={INIT}", "con=null", "con0=null,fd:1", "cgroup_no_v1=all", "loglevel=1",
               f"uml_dir={scratch}/", f"SLOWNESS={SLOWNESS}", f"GUEST_FOLDER={programs_folder}",
               "GUEST_PROGRAMS=" + ":".join(programs))
    return subprocess.Popen(command, env={**os.environ, "TMPDIR": folder}, start_new_session=True,
                            preexec_fn=stay_on_one_processor, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def end(guest):
    try:
        os.killpg(guest.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def follow(guest):
    """Prints what the guest says until it is off; program -> exit status, of those that ended and had tests."""
    ended, idle, started = {}, False, time.monotonic()
    for line in guest.stdout:
        line = line.rstrip()
        words = line.split()
        idle = line.endswith(" 0 test(s) run.") or (idle and words[-1:] != ["begins"])
        if line.startswith("guest: "):
            line += f", after {time.monotonic() - started:.1f} s"
            if words[2:4] == ["ended", "with"] and not idle:
                ended[words[1]] = int(words[4])
        print(line, flush=True)
    return ended


def run(programs, folder):
    with tempfile.TemporaryDirectory() as scratch:
        guest = boot(programs, folder, scratch)
        timer = threading.Timer(LONGEST_S, end, (guest,))
        timer.start()
        try:
            ended = follow(guest)
        finally:
            timer.cancel()
            end(guest)
            guest.wait()
    for program in programs:
        if program not in ended:
            print(f"{program} had no test, or did not end; the guest had {LONGEST_S} s")
    return all(ended.get(program) == 0 for program in programs)


def main(programs):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the guest goes too
    if not shutil.which("linux.uml"):
        print("left out: there is no linux.uml here (Debian's package user-mode-linux, for amd64 alone)")
        return SKIPPED
    folder = memory_folder()
    if not folder:
        print(f"left out: no folder has room for the guest's memory, {MEMORY_MB} MB")
        return SKIPPED
    return 0 if run(programs, folder) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
