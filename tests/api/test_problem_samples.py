"""The packages of problems/: each verifies without a word, and together they use what a package can ask for."""
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from arena import BINARY, ROOT

PROBLEMS = sorted(path.name for path in (ROOT / "problems").iterdir() if path.is_dir())
NINE = {"c", "cpp", "csharp", "go", "java", "javascript", "python", "rust", "typescript"}
reports = {}


def report_on(problem):
    if problem not in reports:
        done = subprocess.run([BINARY, "problem", "verify", "--json", ROOT / "problems" / problem],
                              capture_output=True, text=True, timeout=300)
        assert done.stdout, done.stderr
        reports[problem] = (done.returncode, json.loads(done.stdout))
    return reports[problem]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_it_verifies(problem):
    status, report = report_on(problem)
    assert [check for check in report["inputs"] if not check["ok"]] == []
    assert [submission for submission in report["submissions"] if not submission["ok"]] == []
    assert report["notes"] == []
    assert (status, report["ok"]) == (0, True)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_it_shows_right_and_wrong(problem):
    """Right ones in two languages, and something that is not."""
    submissions = report_on(problem)[1]["submissions"]
    right = {one["language"] for one in submissions if one["verdict"] == "accepted"}
    assert len(right) >= 2
    assert any(one["verdict"] not in ("accepted", None) for one in submissions)


def test_all_languages_and_verdicts_are_among_them():
    submissions = [one for problem in PROBLEMS for one in report_on(problem)[1]["submissions"]]
    assert {one["language"] for one in submissions if one["verdict"] == "accepted"} >= NINE
    assert {one["verdict"] for one in submissions} >= {
        "accepted", "partial", "wrong_answer", "time_limit_exceeded", "memory_limit_exceeded", "output_limit_exceeded",
        "runtime_error", "compile_error"}


def test_only_one_leaves_its_time_limit_open():
    assert [problem for problem in PROBLEMS if report_on(problem)[1]["time_limit_inferred"]] == ["primes"]


@pytest.mark.parametrize("problem", [p for p in PROBLEMS if (ROOT / "problems" / p / "generators").exists()])
def test_its_data_can_be_made_again(problem, tmp_path):
    made, there = tmp_path / problem, ROOT / "problems" / problem
    shutil.copytree(there, made)
    files = [path for path in made.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (0, 0))
    subprocess.run([sys.executable, "generators/generate.py"], cwd=made, check=True, capture_output=True)
    drawn = [path for path in made.rglob("*") if path.is_file() and path.stat().st_mtime > 0]
    assert len(drawn) >= 3
    for path in drawn:
        assert filecmp.cmp(path, there / path.relative_to(made), shallow=False), path


def test_the_table_has_them_all():
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\) \|", (ROOT / "problems" / "README.md").read_text(), re.M)
    assert all(name == link for name, link in rows)
    assert sorted(name for name, _ in rows) == PROBLEMS


def test_they_are_small():
    sizes = [path.stat().st_size for path in (ROOT / "problems").rglob("*") if path.is_file()]
    assert sum(sizes) < 1.5e6
