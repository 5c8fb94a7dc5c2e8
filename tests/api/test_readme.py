"""What the README tells a newcomer to type does what it says there."""
import re
import subprocess

import pytest

from arena import BINARY, ROOT

BLOCK = re.compile(r"<!-- run: (.*?) -->\n```sh\n(.*?)```", re.DOTALL)


def blocks():
    return BLOCK.findall((ROOT / "README.md").read_text())


def test_there_are_examples():
    assert len(blocks()) == 5


@pytest.mark.parametrize("expected, script", blocks())
def test_example(expected, script, serve, tmp_path):
    script = script.replace("localhost:8001", f"127.0.0.1:{serve.port}").replace("build/arena", BINARY)
    script = script.replace("localhost:8000", f"127.0.0.1:{serve.backend_port}")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
