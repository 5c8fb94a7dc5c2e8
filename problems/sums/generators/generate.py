"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(1)
MOST = 10**18


def write(name, pairs):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{len(pairs)}\n" + "".join(f"{a} {b}\n" for a, b in pairs))
    path.with_suffix(".ans").write_text("".join(f"{a + b}\n" for a, b in pairs))


def drawn(count, most):
    return [(random.randint(-most, most), random.randint(-most, most)) for _ in range(count)]


write("sample/1", [(1, 2), (-5, 5), (MOST, MOST)])
write("secret/1-one", [(7, 8)])
write("secret/2-small", drawn(20, 1000))
write("secret/3-limits", [(a, b) for a in (-MOST, -1, 0, 1, MOST) for b in (-MOST, -1, 0, 1, MOST)])
write("secret/4-many", drawn(500, MOST))
write("secret/5-most", drawn(1000, 10**9))
