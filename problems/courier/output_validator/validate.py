"""First pass: sorts the letters and has them received. Second pass: compares the number."""
import re
import sys
from pathlib import Path

task, feedback = Path(sys.argv[1]).read_text().split(), Path(sys.argv[3])
output = sys.stdin.read(1 << 20).split()


def end(code, message):
    with open(feedback / "judgemessage.txt", "a") as file:
        file.write(message + "\n")
    sys.exit(code)


if len(output) != 1:
    end(43, f"{len(output)} words in place of one")
if task[0] == "send":
    if not re.fullmatch("[a-z]{1,30}", output[0]):
        end(43, "this is not what a courier carries")
    (feedback / "nextpass.in").write_text("receive " + "".join(sorted(output[0])) + "\n")
    end(42, f"{task[1]} was sent as {output[0]}")
number = Path(sys.argv[2]).read_text().strip()
if output[0] != number:
    end(43, f"{output[0][:20]} was received")
end(42, "and received")
