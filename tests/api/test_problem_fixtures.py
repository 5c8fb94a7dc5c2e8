"""Odd packages: what reading and verifying them gives. tests/packages/manifest.json says which, made how, and what comes.

A package is a folder of that name, laid over another one ("on", less what is "without"), and packed where it is to be an
"archive" (that says what stands before each path in it). Of notes the path, the line and a part of the text are given, of
inputs whether they are as they should be, of submissions the verdict, perhaps whether that is what was expected (it is,
otherwise), and the deciding test.
"""
import json
import shutil
import subprocess
import zipfile

import pytest

from arena import BINARY, ROOT

PACKAGES = ROOT / "tests" / "packages"
MANIFEST = json.loads((PACKAGES / "manifest.json").read_text())


def make(name, folder):
    """The package's folder, or its archive."""
    said = MANIFEST[name]
    made = folder / name
    if "on" in said:
        shutil.copytree(PACKAGES / said["on"], made, symlinks=True)
    for unwanted in said.get("without", []):
        shutil.rmtree(made / unwanted)
    if (PACKAGES / name).exists():
        shutil.copytree(PACKAGES / name, made, symlinks=True, dirs_exist_ok=True)
    if "archive" not in said:
        return made
    packed = folder / f"{name}.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(made.rglob("*")):
            if path.is_file():
                archive.write(path, said["archive"] + str(path.relative_to(made)))
    return packed


def verify(path):
    done = subprocess.run([BINARY, "problem", "verify", "--json", path], capture_output=True, text=True, timeout=300)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def expect_notes(notes, expected):
    """Each note is expected by one, in whatever order."""
    left = [(note["path"] or "", note["line"] or 0, note["text"]) for note in notes]
    for path, line, text in expected:
        found = [note for note in left if note[:2] == (path, line) and text in note[2]]
        assert len(found) == 1, f"{path}:{line}: {text!r} is not among {left}"
        left.remove(found[0])
    assert left == []


def expect_submissions(submissions, expected):
    assert {submission["path"].removeprefix("submissions/") for submission in submissions} == set(expected)
    for submission in submissions:
        wanted = expected[submission["path"].removeprefix("submissions/")]
        verdict, ok, *deciding = wanted if isinstance(wanted, list) else [wanted, True]
        assert (submission["verdict"], submission["ok"]) == (verdict, ok), submission
        for test in deciding:
            assert submission["deciding_test"] == test, submission


@pytest.mark.parametrize("name", MANIFEST)
def test_odd_packages(name, tmp_path):
    said = MANIFEST[name]
    status, report, errors = verify(make(name, tmp_path))
    if "error" in said:
        assert status == 1 and said["error"] in errors
        return
    expect_notes(report["notes"], said["notes"])
    if "inputs" in said:
        assert {test["path"]: test["ok"] for test in report["inputs"]} == said["inputs"]
    if "submissions" in said:
        expect_submissions(report["submissions"], said["submissions"])
    all_well = all(test["ok"] for test in report["inputs"]) and all(one["ok"] for one in report["submissions"])
    assert report["ok"] == all_well and status == (0 if all_well else 1)


def test_every_package_is_in_the_manifest():
    assert {path.name for path in PACKAGES.iterdir() if path.is_dir()} <= set(MANIFEST)
