"""Writes tests/, and prints what problem.xml says of them. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(20)
TESTS = []


def write(group, n, q, points, weights=None):
    weights = weights or random.sample(range(1, 10**6), n)
    path = Path("tests") / f"{len(TESTS) + 1:02}"
    path.write_text(f"{n} {q}\n{' '.join(map(str, weights))}\n")
    path.with_suffix(".a").write_text(f"{weights.index(max(weights)) + 1}\n")
    TESTS.append(f'<test group="{group}" method="manual" points="{points}.0"{" sample=" + chr(34) + "true" + chr(34) if group == 0 else ""}/>')


write(0, 3, 3, 0, [20, 50, 10])
write(1, 2, 1, 5, [1, 2])
write(1, 5, 10, 5)
write(1, 12, 66, 10, list(range(12, 0, -1)))
write(2, 100, 200, 30)
write(2, 500, 1000, 0, [*range(1, 251), *range(1000, 750, -1)])
write(3, 100, 99, 50)
write(3, 500, 499, 0)
print("\n".join(TESTS))
