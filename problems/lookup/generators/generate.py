"""Writes data/secret/5-large. Run it in the package's folder."""
import random
from pathlib import Path

random.seed(15)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(count):
    """Different ones."""
    found = {}
    while len(found) < count:
        found["".join(random.choices(LETTERS, k=random.randint(1, 20)))] = None
    return list(found)


path = Path("data/secret/5-large")
table = dict(zip(words(400), words(400)))
asked = random.sample(list(table), 70) + words(30)
random.shuffle(asked)
(path.with_suffix(".files") / "most.txt").write_text("".join(f"{a} {b}\n" for a, b in table.items()))
path.with_suffix(".in").write_text("".join(word + "\n" for word in asked))
path.with_suffix(".ans").write_text("".join(table.get(word, "?") + "\n" for word in asked))
