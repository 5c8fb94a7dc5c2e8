"""arena problem verify, new and export, as a setter of problems uses them."""
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from arena import BINARY, ROOT


def arena(*words, timeout=600):
    return subprocess.run([BINARY, "problem", *words], capture_output=True, text=True, timeout=timeout)


def report_of(*words):
    done = arena("verify", "--json", *words)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_what_people_read(tmp_path):
    package = shutil.copytree(ROOT / "problems" / "hike", tmp_path / "hike")
    (package / "submissions" / "accepted" / "lies.py").write_text("print('nonsense')\n")
    done = arena("verify", package)
    assert done.returncode == 1 and "hike: NOT as expected" in done.stdout
    [line] = [line for line in done.stdout.splitlines() if "lies.py" in line]
    assert line.split()[:3] == ["FAIL", "accepted/lies.py", "wrong_answer"], line
    assert "expected: accepted" in done.stdout
    assert "ok   wrong_answer/one_way.py" in done.stdout


def test_several_at_once():
    done = arena("verify", ROOT / "problems" / "swapcase", "/no/such/package", ROOT / "problems" / "banner")
    assert done.returncode == 1
    assert "swapcase: all as expected" in done.stdout and "banner: all as expected" in done.stdout
    assert "/no/such/package" in done.stderr


def test_a_limit_that_is_made_of_the_submissions():
    status, report = report_of(ROOT / "problems" / "primes")
    slowest = max(one["time_us"] for one in report["submissions"] if one["path"].startswith("submissions/accepted"))
    assert status == 0 and report["time_limit_inferred"] and report["time_limit_s"] * 1e6 >= slowest
    status, report = report_of("--time-limit", "3000", ROOT / "problems" / "primes")
    assert report["time_limit_s"] == 3 and not report["time_limit_inferred"]


def test_one_to_start_from(tmp_path):
    made = arena("new", tmp_path / "my-first")
    assert made.returncode == 0, made.stderr
    status, report = report_of(tmp_path / "my-first")
    assert (status, report["problem"], report["notes"]) == (0, "my-first", [])
    assert len(report["submissions"]) >= 3
    again = arena("new", tmp_path / "my-first")
    assert again.returncode == 1 and "my-first" in again.stderr


@pytest.mark.parametrize("name, version, ending", [("stairs", "2025-09", ""), ("seating", "legacy", ".zip"),
                                                   ("fizz", "2025-09", ".zip")])
def test_exported_and_verified(tmp_path, name, version, ending):
    target = tmp_path / f"exported{ending}"
    done = arena("export", "--format", version, ROOT / "problems" / name, target)
    assert done.returncode == 0, done.stderr
    status, report = report_of(target)
    assert status == 0 and report["ok"], [one for one in report["inputs"] + report["submissions"] if not one["ok"]]
    assert report["format"] == version
    before = report_of(ROOT / "problems" / name)[1]["submissions"]
    assert sorted(one["verdict"] for one in report["submissions"]) == sorted(one["verdict"] for one in before)


@pytest.mark.parametrize("words, said", [
    ([], "usage: arena problem"),
    (["verfy"], "did you mean verify?"),
    (["verify"], "which package?"),
    (["verify", "--jsn", "x"], "--json"),
    (["export", "x"], "a package, and where to"),
    (["export", "--format", "icpc", "x", "y"], "2025-09 or legacy"),
    (["new"], "where to?"),
])
def test_wrong_words(words, said):
    done = arena(*words)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def children_of(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(word) for word in listed.split()]


def test_interrupted(tmp_path):
    """Ctrl-C in the middle: it ends soon, says so, and leaves no process behind."""
    package = shutil.copytree(ROOT / "problems" / "hike", tmp_path / "hike")
    (package / "submissions" / "accepted" / "sleeps.py").write_text("import time\ntime.sleep(600)\n")
    process = subprocess.Popen([BINARY, "problem", "verify", "--time-limit", "600000", package],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not children_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    made = children_of(process.pid)
    assert made, "it has started nothing"
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "cancelled" in err, (out, err)
    deadline = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{pid}/exe") for pid in made) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(os.path.exists(f"/proc/{pid}/exe") for pid in made)
