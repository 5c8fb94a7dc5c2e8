"""What is printed from tables in the code is current in the documents."""
import re
import subprocess

from arena import BINARY, ROOT


def test_configuration_is_current():
    printed = subprocess.run([BINARY, "config", "--markdown"], capture_output=True, text=True, check=True).stdout
    text = (ROOT / "docs" / "configuration.md").read_text()
    assert printed in text, "run `make docs`"


def test_links_lead_somewhere():
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"
