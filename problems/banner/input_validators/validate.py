import re
import sys

lines = sys.stdin.read().split("\n")
if lines.pop() != "":
    sys.exit("the last line does not end")
if not lines or not re.fullmatch(r"[1-9][0-9]?", lines[0]) or int(lines[0]) > 50:
    sys.exit("the number of lines is wrong")
if len(lines) != int(lines[0]) + 1:
    sys.exit("there are more or fewer lines than announced")
if not all(re.fullmatch(r"[ -~]{0,60}", line) for line in lines[1:]):
    sys.exit("a line is too long, or not printable")
sys.exit(42)
