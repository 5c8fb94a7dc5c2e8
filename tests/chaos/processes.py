"""Processes that are killed, and started again whoever killed them."""
import contextlib
import os
import pathlib
import random
import signal
import struct
import subprocess
import time


def stat_of(pid):
    """(parent's pid, state), or None when it is gone."""
    with contextlib.suppress(OSError, IndexError):
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        words = text.rpartition(")")[2].split()
        return int(words[1]), words[0]
    return None


def descendants(pid, depth=99):
    """Of that process, zombies left out; depth 1: its children."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and (found := stat_of(entry.name)) and found[1] != "Z":
            parents[int(entry.name)] = found[0]
    found, wave = [], {int(pid)}
    while depth > 0 and (wave := {child for child, parent in parents.items() if parent in wave}):
        found += wave
        depth -= 1
    return found


class Clock:
    """The wall clock of one host: its processes get `environment`."""

    def __init__(self, path, library):
        self.path = pathlib.Path(path)
        self.path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(path)}

    def step(self, seconds):
        # In place and at once: it is mapped.
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("=q", int(seconds * 1000)))


class Kept:
    """A program that is kept running. look() is to be called again and again, by one thread."""

    def __init__(self, name, command, environment, folder):
        self.name, self.command, self.environment, self.folder = name, command, environment, folder
        self.process, self.due, self.killed, self.wanted = None, 0.0, False, True
        self.dice = random.Random(name)
        self.crashes, self.starts = [], 0
        self.log_path = pathlib.Path(folder) / f"{name}.log"

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.starts += 1
        self.killed, self.due = False, 0.0

    def look(self):
        if not self.wanted or (self.process and self.process.poll() is None):
            return
        now = time.monotonic()
        if self.process and self.due == 0.0:
            # Ended by a signal that nobody sent: a crash of its own.
            if self.process.returncode < 0 and not self.killed:
                self.crashes.append(f"{self.name}: signal {-self.process.returncode}\n{self.log()[-2000:]}")
            self.due = now + self.dice.uniform(0, 1)
        if now >= self.due:
            self.launch()

    def send(self, number):
        if self.process and self.process.poll() is None:
            self.killed = self.killed or number == signal.SIGKILL
            self.process.send_signal(number)

    def kill(self):
        self.send(signal.SIGKILL)

    def stop(self, timeout=40):
        """As an operator would; its exit status, None when it had to be killed."""
        self.wanted = False
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            return self.process.wait(timeout) if self.process else 0
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
            return None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class Database:
    """A PostgreSQL (tests/postgres.py), kept in the same way."""

    def __init__(self, server):
        self.server, self.name, self.crashes, self.starts, self.wanted = server, "postgresql", [], 1, True
        self.due, self.dice = 0.0, random.Random("postgresql")

    def look(self):
        if not self.wanted or self.server.process.poll() is None:
            return
        now = time.monotonic()
        if self.due == 0.0:
            self.due = now + self.dice.uniform(0, 2)
        if now >= self.due:
            self.due = 0.0
            self.starts += 1
            self.server.launch()  # refused while one of the dead one's processes lives: then once more

    def kill(self):
        """All of it, as when its host dies."""
        pid = self.server.process.pid
        for each in [pid, *descendants(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    def kill_backend(self, dice):
        """One of its processes: the server then ends all others, and recovers."""
        found = descendants(self.server.process.pid)
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(found), signal.SIGKILL)
