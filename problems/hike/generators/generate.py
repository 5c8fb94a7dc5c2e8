"""Writes data/sample and data/secret. Run it in the package's folder."""
import math
import random
from pathlib import Path

random.seed(3)


def length(points):
    return math.fsum(math.dist(a, b) for a, b in zip(points, points[1:] + points[:1]))


def write(name, points):
    path = Path("data") / name
    lines = [f"{x:.3f}".rstrip("0").rstrip(".") + " " + f"{y:.3f}".rstrip("0").rstrip(".") for x, y in points]
    path.with_suffix(".in").write_text("\n".join([str(len(points)), *lines]) + "\n")
    path.with_suffix(".ans").write_text(f"{length(points):.9f}\n")


def drawn(count, most):
    return [(round(random.uniform(-most, most), 3), round(random.uniform(-most, most), 3)) for _ in range(count)]


write("sample/1", [(0, 0), (3, 4)])
write("sample/2", [(0, 0), (1, 0), (0.5, 0.866)])
write("secret/1-same-place", [(5, 5), (5, 5)])
write("secret/2-tiny", [(0, 0), (0.001, 0), (0.001, 0.001)])
write("secret/3-far", [(-1000000, -1000000), (1000000, 1000000), (1000000, -1000000), (-1000000, 1000000)])
write("secret/4-drawn", drawn(50, 100))
write("secret/5-many", drawn(1000, 1000000))
