"""What docs/api.md tells a client of the backend to type does what it says there, in that order."""
import re
import subprocess

from arena import ROOT

BLOCK = re.compile(r"<!-- run: (.*?) -->\n```sh\n(.*?)```", re.DOTALL)


def blocks():
    return BLOCK.findall((ROOT / "docs" / "api.md").read_text())


def test_the_examples_of_the_backend(make_service, tmp_path):
    service = make_service("serve", CODE_EXECUTION_WEBHOOK_SECRET="a secret of the tests").start()
    environment = {"PATH": service.environment["PATH"], "TOKEN": service.user()["token"], "ADMIN": service.admin(),
                   "INSTRUCTOR": service.user(role="instructor")["token"],
                   "WEBHOOK_SECRET": "a secret of the tests"}
    assert blocks()
    for expected, script in blocks():
        script = script.replace("localhost:8000", f"127.0.0.1:{service.backend_port}")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and expected in done.stdout, (script, done)
