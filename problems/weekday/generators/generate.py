"""Writes data/sample and data/secret. Run it in the package's folder."""
import random
from datetime import date, timedelta
from pathlib import Path

random.seed(11)
FIRST, LAST = date(1600, 1, 1), date(2999, 12, 31)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def write(name, dates):
    path = Path("data") / name
    path.with_suffix(".in").write_text(f"{len(dates)}\n" + "".join(f"{day.isoformat()}\n" for day in dates))
    path.with_suffix(".ans").write_text("".join(DAYS[day.weekday()] + "\n" for day in dates))


def drawn():
    return FIRST + timedelta(days=random.randrange((LAST - FIRST).days + 1))


write("sample/1", [date(2000, 1, 1), date(2000, 2, 29), date(1900, 3, 1)])
write("secret/1-limits", [FIRST, LAST])
write("secret/2-week", [date(2024, 2, 26) + timedelta(days=i) for i in range(7)])
write("secret/3-centuries", [date(year, month, day) for year in range(1600, 3000, 100) for month, day in ((2, 28), (3, 1))])
write("secret/4-drawn", [drawn() for _ in range(500)])
