"""Writes data/sample and data/secret. Run it in the package's folder."""
from pathlib import Path

for name, first in ("sample/1", 3), ("secret/1-now", 0), ("secret/2-ten", 10), ("secret/3-round", 1000), ("secret/4-long", 12345):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{first}\n")
    path.with_suffix(".ans").write_text("".join(f"{number}\n" for number in range(first, -1, -1)))
