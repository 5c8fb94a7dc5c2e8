"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
import string
from pathlib import Path

random.seed(4)


def write(name, lines):
    path = Path("data") / name
    path.with_suffix(".in").write_text("\n".join(lines) + "\n")
    path.with_suffix(".ans").write_text("\n".join(lines).swapcase() + "\n")


def drawn(words, alphabet):
    return " ".join("".join(random.choices(alphabet, k=random.randint(1, 8))) for _ in range(words))


write("sample/1", ["dEAR aUNT mARY,", "tHE WEATHER IS FINE. 25 DEGREES!"])
write("secret/1-letter", ["x"])
write("secret/2-alphabet", [string.ascii_lowercase, string.ascii_uppercase])
write("secret/3-signs", [string.punctuation, string.digits, "@`[{ ]}^~"])
write("secret/4-drawn", [drawn(10, string.ascii_letters + string.digits + string.punctuation) for _ in range(100)])
write("secret/5-most", [drawn(1, string.ascii_letters) for _ in range(1000)])
