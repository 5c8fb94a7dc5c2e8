# As many passes as the program says; how many there were is in the feedback folder.
import sys
from pathlib import Path

feedback = Path(sys.argv[3])
wanted = int(sys.stdin.read())
log = feedback / "log"
before = len(log.read_text()) if log.exists() else 0
log.write_text("x" * (before + 1))
if (feedback / "nextpass.in").exists() or (before and Path(sys.argv[1]).read_text() != f"{before} 0\n"):
    sys.exit(1)
if before + 1 < wanted:
    (feedback / "nextpass.in").write_text(f"{before + 1} 0\n")
sys.exit(43 if wanted < 0 else 42)
