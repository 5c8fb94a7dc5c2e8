import re
import sys

NUMBER = r"(?:0|-?(?:0\.[0-9]{0,2}[1-9]|[1-9][0-9]{0,6}(?:\.[0-9]{0,2}[1-9])?))"
match = re.fullmatch(rf"([1-9][0-9]{{0,3}})\n((?:{NUMBER} {NUMBER}\n)*)", sys.stdin.read())
if not match:
    sys.exit("a number of summits, and the summits")
count, rest = int(match[1]), match[2].splitlines()
if not 2 <= count <= 1000 or len(rest) != count:
    sys.exit(f"{count} summits are announced, {len(rest)} follow")
if any(abs(float(number)) > 10**6 for line in rest for number in line.split()):
    sys.exit("a summit is too far away")
sys.exit(42)
