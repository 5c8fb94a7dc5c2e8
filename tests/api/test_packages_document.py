"""What docs/packages.md tells a setter of problems to type does what it says there."""
import os
import re
import subprocess

import pytest

from arena import BINARY, ROOT

BLOCK = re.compile(r"<!-- run: (.*?) -->\n```sh\n(.*?)```", re.DOTALL)
TEXT = (ROOT / "docs" / "packages.md").read_text()


def test_there_are_examples():
    assert len(BLOCK.findall(TEXT)) == TEXT.count("<!-- run:") == 1


@pytest.mark.parametrize("expected, script", BLOCK.findall(TEXT))
def test_example(expected, script, serve, tmp_path):
    os.chmod(tmp_path, 0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "arena").symlink_to(BINARY)
    environment = {**serve.environment, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
    listed = serve.backend("GET", "/api/problems?q=Adding", token=serve.user()["token"]).json
    assert [each["title"] for each in listed] == ["Adding Two Numbers"]
