"""Called in the submission's folder with its language, its entry, the folder for feedback, and the most bytes allowed."""
import sys
from pathlib import Path

ENDINGS = {"python3": ".py", "python": ".py", "c": ".c", "javascript": ".js"}
language, most = sys.argv[1], int(sys.argv[4])
feedback = Path(sys.argv[3])
sources = [path for path in Path(".").iterdir() if path.suffix == ENDINGS[language]]
size = sum(len(b"".join(path.read_bytes().split())) for path in sources)
message = f"{size} bytes, and {most} are allowed\n"
(feedback / "judgemessage.txt").write_text(message)
(feedback / "teammessage.txt").write_text(message)
sys.exit(42 if sources and size <= most else 43)
