"""All that runs: services, hosts with a lane maker and a worker each, the networks between them, a receiver of
webhooks, clients, and a ledger. Nothing here knows when what is killed (chaos.py)."""
import contextlib
import os
import pathlib
import queue
import random
import shutil
import subprocess
import tempfile
import threading
import time
import uuid

from arena import BINARY, FINAL, ROOT, TOKEN, free_ports, request, wait_for
from ledger import Ledger
from processes import Clock, Database, Kept, descendants
from programs import one
from proxy import WEBHOOK_POINT, Loop, Points, Proxy, http_point, postgres_point
from receiver import Receiver, answer

SECRET = "a secret of the tests"
WORKERS = 2
SUBMITTERS, WAITERS = 4, 12
DISK_MB = 24
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "WORKER_TOKEN": TOKEN,
    "QUEUE_LEASE": "3",
    # How often a job is tried is not the question here; that it ends, and how, is.
    "QUEUE_ATTEMPTS": "100",
    "DISK_MIN_FREE": "2",
    "BACKEND_WEBHOOK_SECRET": SECRET,
    "WEBHOOK_TIMEOUT": "3000",
    "WEBHOOK_RETRIES": ",".join(["1"] * 12),
}


class Disk:
    """A small one. It needs root's rights; without them it is a folder that never fills."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o755)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "none", folder], check=False,
                              capture_output=True)
        self.is_mounted = done.returncode == 0

    def fill(self):
        """To the last byte."""
        with contextlib.suppress(OSError), open(self.folder / "filler", "ab", buffering=0) as filler:
            while self.is_mounted:
                filler.write(bytes(65536))
        with contextlib.suppress(OSError), open(self.folder / "filler", "ab", buffering=0) as filler:
            while self.is_mounted:
                filler.write(bytes(512))

    def empty(self):
        (self.folder / "filler").unlink(missing_ok=True)

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=False)


class World:
    def __init__(self, postgres, services):
        self.folder = tempfile.mkdtemp(prefix="arena-chaos-")
        os.chmod(self.folder, 0o755)
        self.stopping, self.calm = threading.Event(), threading.Event()
        self.ledger = Ledger(f"{self.folder}/ledger.db")
        self.points = Points(self.note)
        self.loop = Loop()
        self.disk = Disk(f"{self.folder}/disk")
        self.receiver = Receiver(self.receive)
        self.threads, self.failures = [], []
        self.waited_for = queue.Queue(WAITERS)
        self.copy_languages()
        self.make_services(postgres, services)
        self.make_hosts()

    # ---- what it is made of ----

    def copy_languages(self):
        """Where every user can read them: the tree may lie in somebody's closed home."""
        shutil.copytree(ROOT / "languages", f"{self.folder}/languages", ignore=shutil.ignore_patterns("node_modules"))
        shutil.copymode("/usr", f"{self.folder}/languages")

    def clock(self, name):
        library = pathlib.Path(BINARY).parent / "tests" / "chaos" / "chaos-clock.so"
        copy = pathlib.Path(self.folder) / "chaos-clock.so"
        if not copy.exists():
            shutil.copy(library, copy)
        return Clock(f"{self.folder}/{name}.clock", copy)

    def make_services(self, postgres, count):
        self.database = Database(postgres) if postgres else None
        self.to_database, url = None, None
        if postgres:
            schema = postgres.new_schema().rpartition("options=")[2]
            self.to_database = Proxy(self.loop, self.points, postgres_point, [f"{postgres.folder}/.s.PGSQL.5432"])
            url = (f"postgresql://arena@127.0.0.1:{self.to_database.port}/postgres?sslmode=disable&gssencmode=disable"
                   f"&connect_timeout=5&options={schema}")
        self.services, self.clocks, self.ports = [], {}, free_ports(count)
        for i, port in enumerate(self.ports):
            name = f"service-{i}"
            self.clocks[name] = self.clock(name)
            environment = {**ENVIRONMENT, **self.clocks[name].environment,
                           "EXECUTION_LISTEN": f"127.0.0.1:{port}", "LANGUAGES_DIR": f"{self.folder}/languages",
                           "DATA_DIR": f"{self.disk.folder}/data-{i}", "BACKEND_SERVICE_URL": self.receiver.url}
            if url:
                environment["DATABASE_URL"] = url
            self.services.append(Kept(name, [BINARY, "execution"], environment, self.folder))
        self.from_clients = Proxy(self.loop, self.points, http_point, self.ports)

    def make_hosts(self):
        self.lane_makers, self.workers = [], []
        token = pathlib.Path(self.folder) / "token"
        token.write_text(TOKEN)
        # Like a balancer: each connection to another replica.
        self.from_workers = Proxy(self.loop, self.points, http_point, self.ports)
        for i, port in enumerate(free_ports(WORKERS)):
            socket, name = f"{self.folder}/host-{i}/lanes.socket", f"worker-{i}"
            self.clocks[name] = self.clock(name)
            environment = {**ENVIRONMENT, **self.clocks[name].environment, "SANDBOX_SOCKET": socket,
                           "LANGUAGES_DIR": f"{self.folder}/languages", "WORKER_LISTEN": f"127.0.0.1:{port}",
                           "DATA_DIR": f"{self.folder}/worker-{i}"}
            del environment["WORKER_TOKEN"]
            os.mkdir(environment["DATA_DIR"])
            os.chmod(environment["DATA_DIR"], 0o777)  # the worker becomes a user of its own
            self.lane_makers.append(Kept(f"lanes-{i}", [BINARY, "lanes", "--socket", socket],
                                         {"PATH": os.environ["PATH"]}, self.folder))
            self.workers.append(Kept(name, [BINARY, "worker", "--service", f"http://127.0.0.1:{self.from_workers.port}",
                                            "--token-file", str(token), "--slots", "2"], environment, self.folder))

    @property
    def kept(self):
        return [*filter(None, [self.database]), *self.services, *self.lane_makers, *self.workers]

    @property
    def proxies(self):
        return [*filter(None, [self.to_database]), self.from_clients, self.from_workers]

    def service_at(self, port):
        return self.services[self.ports.index(port)]

    def keepers(self):
        """And their inits: a lane without the program in it, whose death by a signal is its own affair."""
        return [pid for maker in self.lane_makers if maker.process for pid in descendants(maker.process.pid, 2)]

    def note(self, what):
        self.ledger.note("deed", time.time(), what)

    # ---- its life ----

    def thread(self, function, *words):
        def run():
            try:
                function(*words)
            except Exception as failure:  # noqa: BLE001 (told at the end, whatever it was)
                self.failures.append(repr(failure))
                raise
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def keep(self):
        while not self.stopping.is_set():
            for each in self.kept:
                each.look()
            time.sleep(0.02)

    def is_ready(self, port, path="/health/ready"):
        try:
            return request(port, "GET", path, timeout=5).status == 200
        except OSError:
            return False

    def start(self):
        for each in self.services + self.lane_makers:
            each.launch()
        for maker in self.lane_makers:
            wait_for(lambda path=maker.command[-1]: os.path.exists(path), 60)
        for each in self.workers:
            each.launch()
        self.thread(self.keep)
        wait_for(lambda: all(self.is_ready(port, "/health") for port in self.ports), 120, 0.2)
        wait_for(lambda: any(self.is_ready(port) for port in self.ports), 120, 0.2)
        return self

    def close(self):
        """Ends all of it, in the order in which an operator would; what went wrong with that."""
        self.stopping.set()
        faults = []
        self.disk.empty()
        for proxy in self.proxies:
            proxy.stall(False)
        for each in [*self.workers, *self.services, *self.lane_makers]:
            status = each.stop()
            if status != 0:
                faults.append(f"{each.name}: ended with {status} on SIGTERM\n{each.log()[-2000:]}")
        for thread in self.threads:
            thread.join(30)
        for proxy in self.proxies:
            proxy.close()
        self.receiver.close()
        self.loop.close()
        self.disk.close()
        return faults

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def crashes(self):
        return [text for each in self.kept for text in each.crashes]

    # ---- those who speak to it ----

    def receive(self, receiver, connection, number):
        """Takes a webhook, first of all."""
        delivery = receiver.deliveries[number]
        body = delivery.json
        assert delivery.is_signed_with(SECRET)
        self.ledger.note("told", body["submission_id"], time.time(), delivery.headers["webhook-id"], delivery.body,
                         body["verdict"])
        if not self.points.hit(WEBHOOK_POINT):
            connection.sendall(answer(200))
        else:
            connection.shutdown(2)

    def ask(self, what, method, path, body=None, headers=None, timeout=15):
        """An answer, or None when it was none: asked again by the caller."""
        try:
            got = request(self.from_clients.port, method, path, body, headers, timeout=timeout)
        except OSError:
            return None
        except Exception as failure:  # noqa: BLE001 (http.client has many for an answer that was cut)
            if type(failure).__module__ != "http.client":
                raise
            return None
        if got.status not in (200, 201):
            self.ledger.note("refused", time.time(), what, got.status, got.body[:300].decode(errors="replace"))
            return None
        return got

    def submit(self, dice):
        """Until it is acknowledged: (id, program), or None when the world ends before."""
        program, user, key = one(dice), dice.randrange(5), str(uuid.UUID(int=dice.getrandbits(128)))
        while not self.stopping.is_set():
            got = self.ask("submit", "POST", "/api/v1/submissions/", {**program.fields, "user_id": user},
                           {"Idempotency-Key": key})
            if got:
                self.ledger.note("promised", time.time(), key, got.json["id"], program.kind, program.status,
                                 program.verdict, program.output)
                return got.json["id"]
            time.sleep(dice.uniform(0.05, 0.4))
        return None

    def wait(self, number, note=True):
        """Until it has ended, wherever; its result and when it came."""
        while not self.stopping.is_set():
            got = self.ask("wait", "GET", f"/api/v1/submissions/{number}?wait=5")
            if got and got.json["status"] in FINAL:
                if note:
                    self.note_result(number, got.json)
                return got.json, time.time()
            if not got:
                time.sleep(0.2)
        return None, None

    def note_result(self, number, result):
        self.ledger.note("seen", number, time.time(), result["status"], result["verdict"], result["output"],
                         result["completed_at"], result["attempts"])

    def submitter(self, dice):
        """Until told that it is enough, or as many wait as may."""
        while not self.calm.is_set():
            number = self.submit(dice)
            if number is not None:
                self.waited_for.put(number)
            self.calm.wait(dice.uniform(0, 0.5))

    def waiter(self):
        """For what any submitter made, until there is None."""
        while (number := self.waited_for.get()) is not None:
            self.wait(number)

    def start_clients(self, seed):
        before = len(self.threads)
        for i in range(SUBMITTERS):
            self.thread(self.submitter, random.Random(seed + i))
        self.submitters = self.threads[before:]
        for _ in range(WAITERS):
            self.thread(self.waiter)
        self.waiters = self.threads[before + SUBMITTERS:]

    def stop_clients(self, timeout):
        """Those that are at something finish it."""
        self.calm.set()
        for thread in self.submitters:
            thread.join(timeout)
        for _ in self.waiters:
            self.waited_for.put(None)
        for thread in self.waiters:
            thread.join(timeout)

    def orphans(self):
        """What is left of all that was started: whose parent died is our child (PR_SET_CHILD_SUBREAPER)."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        found = set(descendants(os.getpid()))
        if self.database:
            pid = self.database.server.process.pid
            found -= {pid, *descendants(pid)}
        return found
