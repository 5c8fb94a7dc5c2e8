#!/usr/bin/env python3
"""A PostgreSQL of one's own: in a temporary folder, on a Unix socket there, with its disk writes real.

    tests/postgres.py COMMAND [ARGUMENT]...

runs the command with TEST_POSTGRES set to its URL, and ends it afterwards; where TEST_POSTGRES is set already
there is nothing to start. Tests make themselves a schema in it. The server refuses to be root: started by
root, it runs as the user `postgres`, whom Debian's package makes.
"""
import contextlib
import glob
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 64MB
logging_collector = off
"""


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        sys.exit("tests/postgres.py: there is no PostgreSQL server here: install Debian's postgresql")
    return pathlib.Path(found[-1])


def as_somebody():
    """What to put before a command so that it does not run as root, and ends when we do, however we end."""
    if os.geteuid() != 0:
        return ["setpriv", "--pdeathsig=INT"]
    user = pwd.getpwnam("postgres")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig=INT"]


class Postgres:
    """A server; `with Postgres() as server`, or start() and close()."""

    def __init__(self, settings=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="arena-postgres-"))
        self.data = self.folder / "data"
        self.process = None
        self.names = itertools.count(1)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o755)
        self.run("initdb", "--pgdata", self.data, "--username=arena", "--auth=trust", "--encoding=UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"{SETTINGS}unix_socket_directories = '{self.folder}'\n{settings}\n")

    def run(self, program, *words):
        done = subprocess.run([*as_somebody(), programs() / program, *words], cwd="/", text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def launch(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*as_somebody(), programs() / "postgres", "-D", self.data], cwd="/",
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def start(self):
        self.launch()
        end = time.monotonic() + 60
        while subprocess.run([programs() / "pg_isready", "-q", "-h", self.folder], check=False).returncode:
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.05)
        return self

    def stop(self, how=signal.SIGINT):
        """SIGINT: a fast stop. SIGQUIT: at once, as in a crash, and all its children."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"postgresql://arena:a-secret@/postgres?host={urllib.parse.quote(str(self.folder), safe='')}"

    def ask(self, sql, url=None):
        """psql's answer, a line a row, columns with | between them."""
        done = subprocess.run(["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", url or self.url, "-c", sql],
                              text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def new_schema(self):
        """The URL of an empty schema."""
        name = f"s{os.getpid()}_{next(self.names)}"
        self.ask(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"


def main(command):
    if not command:
        sys.exit(__doc__)
    if os.environ.get("TEST_POSTGRES"):
        os.execvp(command[0], command)
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(1))
        server = stack.enter_context(Postgres())
        done = subprocess.run(command, env={**os.environ, "TEST_POSTGRES": server.url}, check=False)
        # A program that died of a signal says so as a shell would.
        return done.returncode if done.returncode >= 0 else 128 - done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
