import re
import sys

NUMBER = r"(?:0|-?[1-9][0-9]{0,18})"
text = sys.stdin.read()
match = re.fullmatch(rf"([1-9][0-9]{{0,3}})\n((?:{NUMBER} {NUMBER}\n)*)", text)
if not match:
    sys.exit("a number of pairs, and the pairs")
count, rest = int(match[1]), match[2].splitlines()
if count > 1000 or len(rest) != count:
    sys.exit(f"{count} pairs are announced, {len(rest)} follow")
if any(abs(int(number)) > 10**18 for line in rest for number in line.split()):
    sys.exit("a number is too large")
sys.exit(42)
