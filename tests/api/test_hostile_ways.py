"""The corpus of hostile programs, from source, by every way in; and hostile sources for the compile step.

Each way has a host of its own (hostile_host.py), on which innocent submissions go on at the same time; afterwards
that host is compared whole with what it was before, and no packet may have been seen but the service's own. What
each program must get is the table of tests/sandbox/attacks.c."""
import json
import pathlib
import signal
import subprocess
import sys

import pytest

import hostile_host
import hostile_sources
from arena import BINARY

TABLE = pathlib.Path(BINARY).parent / "tests" / "sandbox" / "test_hostile"
ISOLATION = ("unshare", "--mount", "--net", "--ipc", "--uts", "--propagation", "private")
SECRETS = (hostile_host.CANARY, "BEGIN OPENSSH", "root:x:0:0:root:/root", "root:*:")

# What knows more of the sandbox's own test than another way in can give it.
NOT_FROM_SOURCE = {
    "replace_placed": "knows the names that its program and the probe are placed by",
    "disk_bytes": "knows the size of the disk that the sandbox's test gives it",
    "descriptors": "knows the number of files that the sandbox's test lets it open",
    "rlimits": "knows the number of files that the sandbox's test lets it open",
    "disk_inodes": "waits for the end of 2,000 inodes; other ways in give 16,384",
    "leaks": "knows the environment that the sandbox's test gives it",
}


def corpus():
    printed = subprocess.run((TABLE, "--list"), check=True, capture_output=True, text=True).stdout
    return {attack["name"]: attack for attack in json.loads(printed) if attack["name"] not in NOT_FROM_SOURCE}


ATTACKS = corpus()


def on_its_own_host(mode, folder):
    table = folder / "attacks.json"
    table.write_text(json.dumps(list(ATTACKS.values())))
    # The table lies where the host's own trees are not mounted over it.
    command = (*ISOLATION, sys.executable, hostile_host.__file__, mode, table)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def reports(request):
    """reports(mode): made once, when the first test asks for it."""
    known = {}
    build = pathlib.Path(BINARY).parent

    def report(mode):
        if mode not in known:
            known[mode] = on_its_own_host(mode, build)
            print(mode, known[mode]["seconds"], known[mode].get("others", {}).get("rounds"))
        return known[mode]

    yield report
    (build / "attacks.json").unlink(missing_ok=True)


MODES = {"run": "run", "rest": "serve", "queue": "serve", "compile": "serve"}


def holds_no_secret(text):
    for secret in SECRETS:
        assert secret not in text, text[:2000]


def outcome_is_one_of(outcome, allowed, judged):
    # A judged program's excess is discarded and does not end it, so that a flood ends by its time.
    if judged and "output_limit" in allowed:
        allowed = (*allowed, "wall_limit")
    return outcome in allowed or (outcome == "time_limit" and {"cpu_limit", "wall_limit"} & set(allowed))


def check_run(attack, run, judged):
    assert outcome_is_one_of(run["outcome"], attack["outcomes"], judged), run
    if run["outcome"] == "exited" and run["code"] is None:  # the queue API does not say which
        assert attack["code"] != 0, run
    elif run["outcome"] == "exited":
        assert run["code"] == attack["code"], run
    if run["outcome"] == "signaled" and run["signal"]:
        assert run["signal"] == signal.Signals(attack["code"]).name, run
    if attack.get("says") and run["outcome"] == attack["outcomes"][0]:
        assert attack["says"] in run["output"], run


@pytest.mark.parametrize("way", ["run", "rest", "queue"])
@pytest.mark.parametrize("name", ATTACKS)
def test_program(reports, way, name):
    got = reports(MODES[way])[way][name]
    holds_no_secret(got["text"])
    assert not got.get("problem"), got["problem"]
    assert len(got["runs"]) == (2 if way == "queue" else 1), got
    for run in got["runs"]:
        check_run(ATTACKS[name], run, judged=way == "queue")


@pytest.mark.parametrize("source", hostile_sources.SOURCES, ids=lambda source: source.name)
def test_source(reports, source):
    got = reports("serve")["compile"][source.name]
    holds_no_secret(got["text"])
    if got["status"] != 201:
        assert got["status"] in source.expected, got
    else:
        assert got["verdict"] in source.expected, got


def test_innocent_submissions_noticed_nothing(reports):
    others = reports("serve")["others"]
    assert others["wrong"] == []
    assert others["rounds"] > 20


def test_every_language_still_works(reports):
    for language, greeting in reports("serve")["hello"].items():
        assert greeting == "fine\n", language


@pytest.mark.parametrize("mode", ["run", "serve"])
def test_the_host_is_as_it_was(reports, mode):
    assert reports(mode)["host"]["changed"] == []


@pytest.mark.parametrize("mode", ["run", "serve"])
def test_no_packet_was_sent(reports, mode):
    host = reports(mode)["host"]
    assert host["proven"], "the watch saw not even its own packet"
    assert host["packets"] == []


def test_the_log_holds_no_secret(reports):
    holds_no_secret(reports("serve")["log"])
