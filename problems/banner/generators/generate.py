"""Writes data/secret and data/sample. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(2)
PRINTABLE = "".join(chr(code) for code in range(33, 127))


def frame(lines):
    width = max(map(len, lines))
    edge = "+" + "-" * width + "+"
    return [edge] + ["|" + line.ljust(width) + "|" for line in lines] + [edge]


def write(name, lines):
    path = Path("data") / name
    path.with_suffix(".in").write_text("\n".join([str(len(lines)), *lines]) + "\n")
    path.with_suffix(".ans").write_text("\n".join(frame(lines)) + "\n")


def drawn(most, alphabet):
    return "".join(random.choice(alphabet) for _ in range(random.randint(0, most)))


write("sample/1", ["Village fair", "  on Sunday"])
write("sample/2", ["Lost:", "", "one cat "])
write("secret/1-word", ["word"])
write("secret/2-empty", [""])
write("secret/3-spaces", ["   ", " x", "x ", ""])
write("secret/4-inner-spaces", ["a  b   c", "a b"])
write("secret/5-drawn", [drawn(60, PRINTABLE + " " * 20) for _ in range(50)])
write("secret/6-longest", ["#" * 60] + [drawn(30, " x") for _ in range(49)])
