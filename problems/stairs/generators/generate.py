"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(9)
MODULUS = 10**9 + 7


def ways(n):
    """The (n + 1)st Fibonacci number, by doubling."""
    a, b = 0, 1
    for bit in bin(n + 1)[2:]:
        a, b = a * (2 * b - a) % MODULUS, (a * a + b * b) % MODULUS
        if bit == "1":
            a, b = b, (a + b) % MODULUS
    return a


def write(name, n):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{n}\n")
    path.with_suffix(".ans").write_text(f"{ways(n)}\n")


write("sample/1", 4)
write("sample/2", 50)
for i, n in enumerate([1, 2, 3, 11, 20]):
    write(f"secret/1/{i}", n)
for i, n in enumerate([43, 44, 45, 46, 1000, random.randint(10**5, 10**6), 10**6]):
    write(f"secret/2/{i}", n)
for i, n in enumerate([2**31 - 1, 2**31, random.randint(10**17, 10**18), 10**18 - 1, 10**18]):
    write(f"secret/3/{i}", n)
