"""What is printed from tables in the code is current in the documents."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

from arena import BINARY, ROOT


@pytest.mark.parametrize("document, mark, command", [
    ("configuration.md", "", [BINARY, "config", "--markdown"]),
    ("api.md", "", [pathlib.Path(BINARY).parent / "tests" / "unit" / "execution" / "print_routes"]),
    ("api.md", " roles", [pathlib.Path(BINARY).parent / "tests" / "unit" / "backend" / "print_backend_routes"]),
    ("security.md", "", [pathlib.Path(BINARY).parent / "tests" / "unit" / "sandbox" / "print_filter"]),
])
def test_what_is_printed_is_current(document, mark, command):
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = (ROOT / "docs" / document).read_text()
    assert f"<!-- printed{mark} -->\n{printed}<!-- end -->" in text, "run `make docs`"


def test_links_lead_somewhere():
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_layer_check_finds_an_upward_include(tmp_path):
    base = tmp_path / "src" / "base"
    base.mkdir(parents=True)
    (base / "meson.build").write_text("base_dependencies = [threads]\n")
    (base / "a.c").write_text('#include <stdio.h>\n#include "base/a.h"\n')
    command = [sys.executable, ROOT / "tests" / "check_layers.py", tmp_path]
    assert subprocess.run(command).returncode == 0
    (base / "a.c").write_text('#include "base/a.h"\n\n#include "judge/judge.h"\n')
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and f"{base}/a.c:3: base may not include judge" in done.stdout
    (base / "a.c").write_text("")
    (base / "meson.build").write_text("base_dependencies = [threads, net]\n")
    assert subprocess.run(command, capture_output=True).returncode == 1


def test_setup_knows_its_languages():
    done = subprocess.run([ROOT / "scripts" / "setup"], env={**os.environ, "LANGUAGES": "python klingon"},
                          capture_output=True, text=True)
    assert done.returncode == 2 and "there is no klingon" in done.stderr
