"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(12)
PARTNER = dict(zip("([{", ")]}"))


def distances(text):
    total, open_at = 0, []
    for at, bracket in enumerate(text):
        if bracket in PARTNER:
            open_at.append(at)
        else:
            total += at - open_at.pop()
    return total


def write(name, text):
    path = Path("data") / name
    path.with_suffix(".in").write_text(text + "\n")
    path.with_suffix(".ans").write_text(f"{distances(text)}\n")


def drawn(pairs, depth):
    """`depth` is how often brackets are opened rather than closed, while there is a choice."""
    text, stack, left = [], [], pairs
    while left or stack:
        if left and (not stack or random.random() < depth):
            stack.append(random.choice("([{"))
            text.append(stack[-1])
            left -= 1
        else:
            text.append(PARTNER[stack.pop()])
    return "".join(text)


write("sample/1", "([]{})")
write("sample/2", "()(())")
write("secret/1-pair", "{}")
write("secret/2-flat", "[]" * 500)
write("secret/3-drawn", drawn(2000, 0.5))
write("secret/4-deep", "(" * 100000 + ")" * 100000)
write("secret/5-wide", drawn(100000, 0.55))
