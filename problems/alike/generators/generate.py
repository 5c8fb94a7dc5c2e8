"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(13)


def common(a, b):
    before = [0] * (len(b) + 1)
    for x in a:
        now = [0]
        for j, y in enumerate(b):
            now.append(before[j] + 1 if x == y else max(before[j + 1], now[j]))
        before = now
    return before[-1]


def write(name, a, b):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{a}\n{b}\n")
    path.with_suffix(".ans").write_text(f"{common(a, b)}\n")


def drawn(length, letters):
    return "".join(random.choices(letters, k=length))


def copied(text):
    return "".join(random.choice([letter, letter, letter, "", letter + random.choice("abc")]) for letter in text)[:5000]


write("sample/1", "scribes", "describe")
write("sample/2", "abc", "xyz")
write("secret/1-same", "a", "a")
write("secret/2-repeated", "ab" * 100, "ba" * 150)
write("secret/3-unequal", drawn(5000, "ab"), drawn(7, "ab"))
text = drawn(4000, "abcdefghij")
write("secret/4-copied", copied(text), copied(text))
write("secret/5-most", drawn(5000, "abcd"), drawn(5000, "abcd"))
