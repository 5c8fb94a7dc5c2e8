"""arena problem verify on small packages that are made here: how it goes about it, and what it says then."""
import json
import os
import pty
import subprocess
import zipfile

import pytest

from arena import BINARY
from packages import archive_of

ADD = "print(sum(map(int, input().split())))\n"
BURN = "import time\nwhile time.process_time() < {}:\n    pass\n"
LEGACY = "name: Add\nvalidation: default\nlimits:\n  memory: 256\n"
NEWER = "problem_format_version: 2025-09\nname: Add\nuuid: 0d1a6c4e-5f0e-4c52-9f4b-5a4ff6d7a3ad\nlicense: unknown\n"


def write(folder, files):
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def add(folder, files=(), yaml=LEGACY):
    """A package in which two numbers are added."""
    return write(folder, {
        "problem.yaml": yaml,
        "problem_statement/problem.en.tex": "Add.\n",
        "input_validators/v.py": "import re, sys\nsys.exit(42 if re.fullmatch('[0-9]+ [0-9]+\\n', sys.stdin.read()) else 43)\n",
        "data/sample/1.in": "1 2\n", "data/sample/1.ans": "3\n",
        "data/secret/1.in": "4 50\n", "data/secret/1.ans": "54\n",
        "submissions/accepted/add.py": ADD,
        **dict(files)})


def verify(*words):
    return subprocess.run([BINARY, "problem", "verify", *words], capture_output=True, text=True, timeout=300)


def report_of(*words):
    done = verify("--json", *words)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def by_name(report):
    return {one["path"].removeprefix("submissions/"): one for one in report["submissions"]}


# ---- time ----


def test_the_slowest_right_one_makes_the_limit(tmp_path):
    """Legacy: five times, rounded up. Wrong ones, however slow, have no say; a slow one that is no slower than that is noted."""
    status, report = report_of(add(tmp_path / "add", {
        "submissions/accepted/slow.py": BURN.format(0.15) + ADD,
        "submissions/wrong_answer/slower.py": BURN.format(0.5) + "print(0)\n",
        "submissions/time_limit_exceeded/for_ever.py": BURN.format(10000),
        "submissions/time_limit_exceeded/hardly.py": BURN.format(0.9) + ADD}, LEGACY + "  time_resolution: 0.1\n"))
    names = by_name(report)
    slow = names["accepted/slow.py"]["time_us"]
    assert report["time_limit_inferred"] and slow >= 150000
    assert abs(report["time_limit_s"] - -(-slow * 5 // 100000) / 10) < 1e-6, report
    margin = [note["path"] for note in report["notes"] if "by the margin" in note["text"]]
    assert margin == ["submissions/time_limit_exceeded/hardly.py"]
    assert names["time_limit_exceeded/for_ever.py"]["verdict"] == "time_limit_exceeded"
    assert names["wrong_answer/slower.py"]["verdict"] == "wrong_answer"
    assert all(one["ok"] for name, one in names.items() if "hardly" not in name) and status in (0, 1)


def test_a_limit_of_ones_own(tmp_path):
    package = add(tmp_path / "add", {"submissions/time_limit_exceeded/a.py": BURN.format(0.5) + ADD})
    (package / ".timelimit").write_text("1\n")
    status, report = report_of(package)
    assert (status, by_name(report)["time_limit_exceeded/a.py"]["verdict"]) == (1, "accepted")
    status, report = report_of("--time-limit", "300", package)
    assert status == 0 and report["time_limit_s"] == 0.3
    assert by_name(report)["time_limit_exceeded/a.py"]["verdict"] == "time_limit_exceeded"


def test_one_at_a_time_or_many(tmp_path):
    """The same comes of it, with what needs the wall's time among it."""
    package = add(tmp_path / "add", {
        ".timelimit": "0.5\n",
        "submissions/time_limit_exceeded/sleeps.py": "import time\ntime.sleep(100)\n",
        "submissions/time_limit_exceeded/later.py":
            "a = input()\nif a != '1 2':\n    while True: pass\nprint(3)\n",
        "submissions/run_time_error/exits.py": "exit(1)\n",
        "submissions/wrong_answer/zero.py": "print(0)\n",
        **{f"data/secret/2-{i:02}.in": f"{i} {i}\n" for i in range(10)},
        **{f"data/secret/2-{i:02}.ans": f"{2 * i}\n" for i in range(10)}})
    found = []
    for jobs in ("1", "5"):
        status, report = report_of("--jobs", jobs, package)
        assert status == 0, report
        found.append({name: (one["verdict"], one["deciding_test"]) for name, one in by_name(report).items()})
        assert len(report["inputs"]) == 12 and all(one["ok"] for one in report["inputs"])
    assert found[0] == found[1] == {
        "accepted/add.py": ("accepted", None),
        "run_time_error/exits.py": ("runtime_error", "sample/1"),
        "time_limit_exceeded/later.py": ("time_limit_exceeded", "secret/1"),
        "time_limit_exceeded/sleeps.py": ("time_limit_exceeded", "sample/1"),
        "wrong_answer/zero.py": ("wrong_answer", "sample/1")}


# ---- validators ----


def test_validators_that_do_not_compile(tmp_path):
    """They are told of whoever needs them, or nobody: here there is no input and no submission at all."""
    package = write(tmp_path / "none", {
        "problem.yaml": "name: None\nvalidation: custom\n",
        "input_validators/broken.c": "int main(void) { return 42 }\n",
        "input_validators/right.py": "exit(42)\n",
        "output_validators/check/check.cpp": "int main() { return no_such_name; }\n"})
    status, report = report_of(package)
    found = {(one["path"], one["role"], one["language"], one["ok"]) for one in report["validators"]}
    assert found == {("input_validators/broken.c", "input validator", "c", False),
                     ("input_validators/right.py", "input validator", "python", True),
                     ("output_validators/check", "output validator", "cpp", False)}
    assert status == 1 and not report["ok"] and report["inputs"] == report["submissions"] == []
    said = verify(package).stdout
    assert "FAIL input_validators/broken.c: it does not compile" in said
    assert "FAIL output_validators/check: it does not compile" in said


def test_every_input_by_every_input_validator(tmp_path):
    """One that refuses is enough; of a claim that an input is wrong, too."""
    package = add(tmp_path / "add", {
        "input_validators/small.py": "import sys\nsys.exit(42 if max(map(int, input().split())) < 50 else 'too large')\n",
        "data/invalid_input/large.in": "1 99\n", "data/invalid_input/word.in": "1 x\n",
        "data/invalid_input/fine.in": "1 1\n"}, NEWER + "limits: {time_limit: 1}\n")
    status, report = report_of(package)
    inputs = {one["path"]: one["message"] for one in report["inputs"]}
    assert status == 1
    assert {path for path, message in inputs.items() if message} == {"secret/1", "invalid_input/fine"}
    assert "input_validators/small.py" in inputs["secret/1"] and "too large" in inputs["secret/1"]
    said = verify(package).stdout
    assert "FAIL data/secret/1: input_validators/small.py refused it" in said
    assert "3 of 5 inputs and claims are as they should be" in said


# ---- what is said ----


def test_an_expectation_that_is_wrong(tmp_path):
    """Exit status 1, and which it is."""
    package = add(tmp_path / "add", {".timelimit": "1\n", "submissions/wrong_answer/right.py": ADD,
                                     "submissions/run_time_error/fails.py": "1 / 0\n"})
    status, report = report_of(package)
    names = by_name(report)
    assert status == 1 and not report["ok"]
    assert [name for name, one in names.items() if not one["ok"]] == ["wrong_answer/right.py"]
    wrong = names["wrong_answer/right.py"]
    assert wrong["verdict"] == "accepted" and wrong["expected"] == ["wrong_answer"]
    assert "accepted" in wrong["message"] and "wrong_answer" in wrong["message"]
    assert names["run_time_error/fails.py"]["deciding_test"] == "sample/1"
    assert names["accepted/add.py"]["time_us"] > 0 and names["accepted/add.py"]["memory_bytes"] > 0


def test_notes_are_warnings_with_their_place(tmp_path):
    package = add(tmp_path / "add", yaml=LEGACY + "nmae: x\n")
    (package / ".timelimit").write_text("1\n")
    done = verify(f"{package}//")
    assert done.returncode == 0
    assert f"{package}/problem.yaml:5: warning: the key nmae is not known here; is it name?" in done.stderr.splitlines()


def test_a_package_that_cannot_be_read(tmp_path):
    package = write(tmp_path / "bad", {"problem.yaml": "name: [\n"})
    done = verify("--json", package)
    assert (done.returncode, done.stdout) == (1, "") and "problem.yaml:2:1:" in done.stderr


def test_several_are_a_line_each(tmp_path):
    good = add(tmp_path / "good", {".timelimit": "1\n"})
    archive = tmp_path / "zipped.zip"
    archive.write_bytes(archive_of(good))
    assert zipfile.is_zipfile(archive)
    bad = add(tmp_path / "bad", {".timelimit": "1\n", "submissions/accepted/add.py": "print(7)\n"})
    done = verify("--json", good, bad, archive)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and [one["ok"] for one in lines] == [True, False, True]
    assert [one["problem"] for one in lines[:2]] == ["good", "bad"]


def read_terminal(words):
    """What it says to a terminal that is its standard error."""
    parent, child = pty.openpty()
    process = subprocess.Popen([BINARY, "problem", "verify", *words], stdout=subprocess.PIPE, stderr=child, text=True)
    os.close(child)
    said = b""
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
    process.communicate(timeout=60)
    os.close(parent)
    return process.returncode, said.decode()


@pytest.mark.parametrize("words, shows", [([], True), (["--json"], False)])
def test_progress_is_for_terminals(tmp_path, words, shows):
    package = add(tmp_path / "add", {".timelimit": "1\n"})
    status, said = read_terminal([*words, package])
    assert status == 0 and ("[###" in said) == shows, said
    assert "[#" not in verify(package).stderr


def test_a_language_that_is_not_here(tmp_path):
    package = add(tmp_path / "add", {".timelimit": "1\n", "submissions/accepted/add.hs": "main = interact id\n"})
    status, report = report_of(package)
    one = by_name(report)["accepted/add.hs"]
    assert (status, one["verdict"], one["language"], one["ok"]) == (1, None, None, False) and "Haskell" in one["message"]
    assert one["time_us"] is None and one["memory_bytes"] is None
