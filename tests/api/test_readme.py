"""What the README tells a newcomer to type does what it says there."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run: (.*?) -->\n```sh\n(.*?)```", re.DOTALL)


def blocks():
    return BLOCK.findall((ROOT / "README.md").read_text())


def test_there_are_examples():
    assert len(blocks()) == 3


@pytest.mark.parametrize("expected, script", blocks())
def test_example(expected, script, service, tmp_path):
    script = script.replace("http://localhost:8001", service.url).replace("build/arena", str(service.program))
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=service.environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
