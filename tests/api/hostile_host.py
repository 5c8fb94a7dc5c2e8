"""A host of its own for hostile code, and the ways in.

    unshare --mount --net --ipc --uts --propagation private python3 hostile_host.py run|serve ATTACKS.json [WAY...]

Inside, nobody else changes files, IPC or the network, so that "nothing happened" can be said exactly: what is there
before and after is compared whole, and every packet is seen. Process numbers stay the host's: lane makers tell by
them which control groups are whose. Prints one JSON object: what each program
got by each way, and what became of the host. test_hostile_ways.py starts it, and says what should have been."""
import concurrent.futures
import contextlib
import ctypes
import functools
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

import hostile_sources
from arena import BINARY, ROOT, Service

CANARY = "canary-5d1f0c77a2"  # in files and in the environment; no answer may hold it
HOSTILE = ROOT / "tests" / "sandbox" / "hostile"
# But not the one that the tests themselves may lie in: it would be gone.
TREES = [tree for tree in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/root") if not ROOT.is_relative_to(tree)]
CANARY_FILES = [f"{tree}/canary" for tree in TREES]
SECRETS = {"WORKER_TOKEN": f"{CANARY}-token", "CODE_EXECUTION_WEBHOOK_SECRET": f"{CANARY}-hook-of-32-characters"}
SOCKET_NAME = "arena-canary"
AT_ONCE = 3
FILE_MB = 1024  # more than a box has disk


# ---- the host ----

def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def make_host():
    """Its own trees instead of those that everybody writes to; loopback, and an interface to the outside."""
    copy = subprocess.run(("tar", "-C", "/etc", "-cf", "-", "."), check=True, capture_output=True).stdout
    for point in [line.split()[4] for line in lines_of("/proc/self/mountinfo")]:
        if point.startswith(tuple(f"{tree}/" for tree in TREES)):
            run("umount", "--lazy", point)  # somebody else's, who may take it away meanwhile
    for tree in TREES:
        run("mount", "-t", "tmpfs", "-o", "mode=1777" if "tmp" in tree or "shm" in tree else "mode=0755", "tmpfs", tree)
    subprocess.run(("tar", "-C", "/etc", "-xf", "-"), input=copy, check=True)
    os.mkdir("/run/mqueue")
    run("mount", "-t", "mqueue", "mqueue", "/run/mqueue")
    run("ip", "link", "set", "lo", "up")
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # whatever is left behind becomes ours, and is found


def lay_canaries():
    for path in CANARY_FILES:
        pathlib.Path(path).write_text(f"{CANARY}\n")
        os.chmod(path, 0o666)  # so that only the box keeps anybody from it
    pathlib.Path("/etc/shadow").write_text(f"root:{CANARY}:19000:0:99999:7:::\n")
    pathlib.Path("/etc/ssh").mkdir(exist_ok=True)
    pathlib.Path("/etc/ssh/ssh_host_ed25519_key").write_text(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0" + SOCKET_NAME)
    listener.listen()
    listener.setblocking(False)
    return listener


def digest(path, status):
    if os.path.islink(path):
        return os.readlink(path)
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest() if 0o100000 & status.st_mode else ""


def look_at_files():
    found = {}
    for tree in TREES:
        for folder, folders, files in os.walk(tree):
            for name in [".", *folders, *files]:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                found[path] = [status.st_mode, status.st_uid, status.st_gid, status.st_nlink, digest(path, status)]
    return found


def lines_of(path, keep=lambda line: True):
    return sorted(line for line in pathlib.Path(path).read_text().splitlines() if keep(line))


def own_groups():
    """Folders of control groups of lane makers that are no more: their tree is not ours alone."""
    return sorted(str(path) for path in pathlib.Path("/sys/fs/cgroup").glob("**/arena-*")
                  if path.name[6:].isdigit() and not os.path.exists(f"/proc/{path.name[6:]}"))


def descendants():
    parents = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found, ours = set(), {os.getpid()}
    while children := {pid for pid, parent in parents.items() if parent in ours} - found:
        found |= children
        ours = children
    return sorted(found)


def is_on_our_disks(line):
    """/proc/locks is the whole kernel's."""
    numbers = [os.stat(tree).st_dev for tree in TREES]
    return any(f" {os.major(number):02x}:{os.minor(number):02x}:" in line for number in numbers)


def look_at_host():
    return {
        "files": look_at_files(),
        "mounts": lines_of("/proc/self/mountinfo"),
        "processes": descendants(),
        "groups": own_groups(),
        "shared memory": lines_of("/proc/sysvipc/shm"),
        "semaphores": lines_of("/proc/sysvipc/sem"),
        "messages": lines_of("/proc/sysvipc/msg"),
        "locks": lines_of("/proc/locks", is_on_our_disks),
        "local sockets": sorted(line.split()[7] for line in lines_of("/proc/net/unix") if len(line.split()) > 7),
        "name": socket.gethostname(),
        "interfaces": sorted(os.listdir("/proc/sys/net/ipv4/conf")),
    }


def differences(before, after):
    """Words for what changed; the order of keys is that of look_at_host()."""
    found = []
    for kind, old in before.items():
        new = after[kind]
        if kind == "files":
            found += [f"{path}: {old.get(path)} became {new.get(path)}"
                      for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
        elif old != new:
            found.append(f"{kind}: gone {[each for each in old if each not in new]}, "
                         f"new {[each for each in new if each not in old]}")
    return found


class Packets:
    """Sees every packet of this network. Those of the service's own connections are known by their ports."""

    def __init__(self):
        self.ours, self.others, self.seen = set(), [], 0
        self.over = False
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.settimeout(0.2)
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over:
            with contextlib.suppress(TimeoutError):
                packet = self.socket.recv(65536)
                self.seen += 1
                if not self.is_ours(packet[14:]):
                    self.others.append(packet[:64].hex())

    def is_ours(self, ip):
        if len(ip) < 24 or ip[0] >> 4 != 4 or ip[9] != socket.IPPROTO_TCP:
            return False
        tcp = ip[(ip[0] & 15) * 4:]
        ports = {int.from_bytes(tcp[0:2], "big"), int.from_bytes(tcp[2:4], "big")}
        loopback = bytes((127, 0, 0, 1))
        return ip[12:16] == ip[16:20] == loopback and bool(ports & self.ours)

    def prove(self):
        """One packet of our own, so that "none was seen" means something."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"proof", ("127.0.0.1", 9))
        end = time.monotonic() + 5
        while not self.others and time.monotonic() < end:
            time.sleep(0.01)
        proven = bool(self.others)
        time.sleep(0.3)  # the answer that nobody listens
        self.others.clear()
        return proven

    def stop(self):
        self.over = True
        self.thread.join()
        self.socket.close()


# ---- the programs ----

def source_of(name):
    """Code and files of a program of the corpus, or of what stands beside it."""
    if name.endswith(".py"):
        return (HOSTILE / name).read_text(), {}
    folder = HOSTILE if (HOSTILE / f"{name}.c").exists() else HOSTILE.parent
    return "#define _GNU_SOURCE 1\n#pragma GCC optimize 0\n" + (folder / f"{name}.c").read_text(), {
        "attempt.h": (HOSTILE / "attempt.h").read_text()}


def language_of(name):
    return "python" if name.endswith(".py") else "c"


def arguments_of(attack):
    return {None: [], "(canaries)": list(CANARY_FILES), "(socket)": [SOCKET_NAME],
            "(name)": [socket.gethostname()]}.get(attack.get("argument"), [attack.get("argument")])


def limits_of(attack):
    return {
        "cpu_time_ms": (attack["cpu_time_us"] or 4_000_000) // 1000,
        "wall_time_ms": (attack["wall_time_us"] or 20_000_000) // 1000,
        "memory_mb": (attack["memory_bytes"] or 256 << 20) >> 20,
        "processes": 32, "output_kb": 64, "file_mb": FILE_MB,
    }


# ---- arena run ----

def by_run(attack):
    name, limits = attack["name"], limits_of(attack)
    code, files = source_of(name)
    folder = pathlib.Path("/run/programs") / name
    main = folder / (name if name.endswith(".py") else f"{name}.c")
    command = [BINARY, "run", "--json", "--time", limits["cpu_time_ms"], "--wall", limits["wall_time_ms"], "--memory",
               limits["memory_mb"], "--processes", limits["processes"], "--output", limits["output_kb"] << 10]
    command += ["--stdin", "/run/question"]
    for argument in arguments_of(attack):
        command.append(f"--args={argument}")
    folder.mkdir(parents=True, exist_ok=True)
    main.write_text(code)
    for file, text in files.items():
        (folder / file).write_text(text)
    done = subprocess.run([*map(str, command), str(main), *(str(folder / file) for file in files)], env=environment(),
                          capture_output=True, text=True, cwd="/run", timeout=120)
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    if not done.stdout:
        return {"problem": done.stderr, "text": done.stderr}
    report = json.loads(done.stdout)
    ran = report["run"] or {"outcome": f"compile {report['compile']}", "stdout": ""}
    return {"runs": [{"outcome": ran["outcome"], "code": ran.get("exit_code"), "signal": ran.get("signal"),
                      "output": ran["stdout"]}], "text": done.stdout + done.stderr}


def environment():
    return {"PATH": os.environ["PATH"], "HOME": "/root", "LANES": "1", "LIMIT_FILE": str(FILE_MB), "LIMIT_FILE_MAX": str(FILE_MB), **SECRETS, "PRIVATE": CANARY}


# ---- the service ----

OUTCOMES = {"time_limit_exceeded": "time_limit", "memory_limit_exceeded": "memory_limit",
            "output_limit_exceeded": "output_limit", "ok": "exited", "accepted": "exited", "wrong_answer": "exited"}


def outcome_of(verdict, signal):
    return OUTCOMES.get(verdict) or ("signaled" if signal else "exited" if verdict == "runtime_error" else verdict)


def body_of(attack):
    code, files = source_of(attack["name"])
    return {"code": code, "language": language_of(attack["name"]), "args": arguments_of(attack),
            "files": [{"name": name, "content": text} for name, text in files.items()], "limits": limits_of(attack)}


def by_rest(service, attack):
    got = service.result(service.submit(user_id="attacker", input_data="question", **body_of(attack))["id"], 120)
    return {"runs": [{"outcome": outcome_of(got["verdict"], got["signal"]), "code": got["exit_code"],
                      "signal": got["signal"], "output": got["output"] or got["compile_output"] or ""}],
            "text": json.dumps(got).replace(json.dumps(got["code"]), "")}


def by_queue(service, attack):
    """Two tests: the second is the next run in the same box."""
    cases = [{"input": "question", "expectedOutput": f"never {number}"} for number in range(2)]
    answer = service.post("/api/execute", {**body_of(attack), "testCases": cases}).json
    if "jobId" not in answer:
        return {"problem": str(answer), "text": ""}
    end = time.monotonic() + 120
    while True:
        job = service.get(f"/api/jobs/{answer['jobId']}?wait=20").json
        if job["state"] in ("completed", "failed"):
            break
        assert time.monotonic() < end, job["state"]
    result = job["result"] or {}
    return {"problem": job["failedReason"] or "", "verdict": result.get("verdict"),
            "runs": [{"outcome": outcome_of(each["verdict"], each.get("signal")), "output": each["actualOutput"],
                      "code": 0 if each["verdict"] == "wrong_answer" else None, "signal": each.get("signal")}
                     for each in result.get("testResults", [])],
            "text": json.dumps(result)}


def by_compile(service, source):
    limits = {"compile_time_ms": source.time_ms, "compile_memory_mb": source.memory_mb, "cpu_time_ms": 3000,
              "memory_mb": 128}
    body = {"code": source.code, "language": source.language, "user_id": "attacker", "limits": limits,
            "files": [{"name": name, "content": text} for name, text in source.files.items()]}
    answer = service.post("/api/v1/submissions/", body)
    if answer.status != 201:
        return {"status": answer.status, "text": answer.body.decode()}
    got = service.result(answer.json["id"], 120)
    shown = {name: got[name] for name in ("output", "error_output", "compile_output", "stderr") if name in got}
    return {"status": 201, "verdict": got["verdict"], "text": json.dumps(shown)}


class Others(threading.Thread):
    """Innocent submissions, one after the other, while the attacks go on: they must not notice."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.service, self.over, self.rounds, self.wrong = service, False, 0, []

    def run(self):
        probe, _ = source_of("probe")
        bystander, _ = source_of("bystander")
        limits = {"processes": 32, "memory_mb": 64}
        while not self.over:
            for code, arguments in ((bystander, ["0"]), (probe, ["32", str(40 << 20), "main"])):
                got = self.service.run(code, "c", user_id="innocent", args=arguments, limits=limits)
                if got["verdict"] != "ok" or (got["output"] or "").count("\n") != 1:
                    self.wrong.append(f"{got['verdict']}: {got['output']} {got['error_output']}")
                self.rounds += 1
            time.sleep(0.2)

    def stop(self):
        self.over = True
        self.join()


def say_hello(service):
    """Every language still does what it should."""
    greetings = {}
    for language in service.get("/api/languages").json["languages"]:
        got = service.run(hostile_sources.HELLO[language], language)
        greetings[language] = got["output"] or got["error_output"]
    return greetings


# ---- all of it ----

def all_of(way, items):
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = dict(zip([item.name if hasattr(item, "name") else item["name"] for item in items],
                           pool.map(way, items)))
    return results, round(time.monotonic() - began, 1)


def start_once():
    """What the service leaves by itself when it starts is there before the host is looked at."""
    service = Service("serve", LANES=1, **SECRETS)
    try:
        service.start()
    finally:
        service.close()


def through_the_service(attacks, packets, ways):
    service = Service("serve", LANES=AT_ONCE + 1, LIMIT_FILE_MAX=FILE_MB, PRIVATE=CANARY, **SECRETS)
    packets.ours |= {service.port, service.second_port, service.worker_port, service.backend_port,
                     service.backend_second_port}
    report, seconds = {}, {}
    try:
        service.start()
        others = Others(service)
        others.start()
        for way in ways:
            bring_in, items = {"rest": (by_rest, attacks), "queue": (by_queue, attacks),
                               "compile": (by_compile, hostile_sources.SOURCES)}[way]
            report[way], seconds[way] = all_of(functools.partial(bring_in, service), items)
        others.stop()
        report["hello"] = say_hello(service)
        report["others"] = {"rounds": others.rounds, "wrong": others.wrong}
        report["log"] = service.log()[-20000:]
    finally:
        service.close()
    return report, seconds


def main(mode, table, *ways):
    attacks = json.loads(pathlib.Path(table).read_text())
    make_host()
    listener = lay_canaries()
    if mode == "serve":
        start_once()
    packets = Packets()
    proven = packets.prove()
    before = look_at_host()
    if mode == "run":
        pathlib.Path("/run/question").write_text("question")
        results, took = all_of(by_run, attacks)
        report, seconds = {"run": results}, {"run": took}
        os.rmdir("/run/programs")
        os.unlink("/run/question")
    else:
        report, seconds = through_the_service(attacks, packets, ways or ("rest", "queue", "compile"))
    end = time.monotonic() + 10  # what was told to end ends in its own time
    while (changed := differences(before, look_at_host())) and time.monotonic() < end:
        time.sleep(0.1)
    packets.stop()
    with contextlib.suppress(BlockingIOError):
        listener.accept()
        changed.append("somebody connected to the host's socket")
    report["host"] = {"changed": changed, "packets": packets.others, "proven": proven, "seen": packets.seen}
    report["seconds"] = seconds
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
