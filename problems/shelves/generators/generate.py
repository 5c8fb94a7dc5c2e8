"""Writes data/sample and data/secret. Run it in the package's folder.

The answer is a number of shelves that suffices: books are made by cutting full shelves into pieces.
"""
import random
from pathlib import Path

random.seed(10)


def write(name, width, books, shelves):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{width} {len(books)}\n{' '.join(map(str, books))}\n")
    path.with_suffix(".ans").write_text(f"{shelves}\n")


def cut(width, shelves, pieces):
    books = []
    for _ in range(shelves):
        cuts = sorted(random.sample(range(1, width), pieces - 1))
        books += [b - a for a, b in zip([0, *cuts], [*cuts, width])]
    random.shuffle(books)
    return books


write("sample/1", 10, [5, 8, 2, 5], 2)
write("secret/1-fits/1", 1, [1], 1)
write("secret/1-fits/2", 7, [7, 7, 7], 3)
write("secret/1-fits/3", 10, cut(10, 6, 2), 6)
write("secret/2-few/1", 100, cut(100, 5, 4), 5)
write("secret/2-few/2", 100, [51, 49] * 10, 10)
write("secret/2-few/3", 12, [4, 4, 4, 6, 6, 4, 4, 4, 6, 6], 4)
write("secret/3-many/1", 1000, cut(1000, 100, 2), 100)
write("secret/3-many/2", 1000, [random.randint(501, 1000) for _ in range(300)], 300)
write("secret/3-many/3", 1000, random.sample([600] * 60 + [400] * 30 + [200] * 60, 150), 60)
