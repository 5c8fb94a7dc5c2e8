import re
import sys

match = re.fullmatch(r"([1-9][0-9]{0,3}) ([1-9][0-9]{0,2})\n((?:[1-9][0-9]{0,3} )*[1-9][0-9]{0,3})\n", sys.stdin.read())
if not match:
    sys.exit("a width, a number of books, and the books")
width, count, books = int(match[1]), int(match[2]), list(map(int, match[3].split()))
if width > 1000 or count > 300 or len(books) != count or max(books) > width:
    sys.exit("too many books, or a book that is too thick")
sys.exit(42)
