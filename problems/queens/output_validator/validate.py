import sys
from pathlib import Path

n, feedback = int(Path(sys.argv[1]).read_text()), Path(sys.argv[3])


def reject(message):
    (feedback / "judgemessage.txt").write_text(message + "\n")
    sys.exit(43)


words = sys.stdin.read(1 << 20).split()
if len(words) != n:
    reject(f"{len(words)} numbers in place of {n}")
if any(word not in map(str, range(1, n + 1)) for word in words):
    reject(f"a word is no number from 1 to {n}")
columns = list(map(int, words))
for row, column in enumerate(columns):
    for other in range(row):
        if columns[other] == column or abs(columns[other] - column) == row - other:
            reject(f"the queens in the rows {other + 1} and {row + 1} attack each other")
sys.exit(42)
