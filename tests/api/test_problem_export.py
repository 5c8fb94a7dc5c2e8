"""A package in another format is the same problem: its submissions are judged there as here."""
import json
import pathlib
import subprocess

import pytest

from arena import BINARY, ROOT

# Polygon's groups, checker and interactor; legacy groups; interaction in passes; files of tests.
EXPORTS = [("heaviest", "2025-09"), ("stairs", "2025-09"), ("relay", "legacy"), ("lookup", "legacy")]


def verify(package):
    done = subprocess.run([BINARY, "problem", "verify", "--json", package], capture_output=True, text=True, timeout=300)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    return report, {pathlib.Path(one["path"]).name: (one["verdict"], one["score"]) for one in report["submissions"]
                    if one["verdict"]}


@pytest.mark.parametrize("name, form", EXPORTS)
def test_the_same_results(name, form, tmp_path):
    exported = tmp_path / f"{name}.zip"
    subprocess.run([BINARY, "problem", "export", "--format", form, ROOT / "problems" / name, exported], check=True)
    report, verdicts = verify(exported)
    assert report["ok"] and report["format"] == form, report
    assert verdicts == verify(ROOT / "problems" / name)[1]
