"""Writes data/sample and data/secret. Run it in the package's folder."""
from pathlib import Path


def write(name, a, b, n):
    path = Path("data") / name
    said = ["Fizz" * (i % a == 0) + "Buzz" * (i % b == 0) or str(i) for i in range(1, n + 1)]
    path.with_suffix(".in").write_text(f"{a} {b} {n}\n")
    path.with_suffix(".ans").write_text("\n".join(said) + "\n")


write("sample/1", 2, 3, 7)
write("secret/1", 1, 1, 1)
write("secret/10", 10000, 7, 10000)
write("secret/2", 3, 5, 100)
write("secret/3", 5, 3, 100)
write("secret/4", 4, 6, 36)
write("secret/5", 9, 9, 30)
