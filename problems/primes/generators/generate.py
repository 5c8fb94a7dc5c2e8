"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
from itertools import accumulate
from pathlib import Path

random.seed(21)
MOST = 200000
is_prime = [0, 0] + [1] * (MOST - 1)
for i in range(2, MOST + 1):
    if is_prime[i]:
        for multiple in range(i * i, MOST + 1, i):
            is_prime[multiple] = 0
COUNTS = list(accumulate(is_prime))


def write(name, numbers):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{len(numbers)}\n" + "".join(f"{n}\n" for n in numbers))
    path.with_suffix(".ans").write_text("".join(f"{COUNTS[n]}\n" for n in numbers))


write("sample/1", [10, 2])
write("secret/1-small", list(range(1, 31)))
write("secret/2-most", [MOST])
write("secret/3-squares", [k * k + d for k in (5, 7, 11, 101) for d in (-1, 0, 1)])
write("secret/4-drawn", [random.randint(1, MOST) for _ in range(100)])
