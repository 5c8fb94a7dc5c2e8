import re
import sys

match = re.fullmatch(r"([1-9][0-9]{0,9}) ([1-9][0-9]{0,9})\n", sys.stdin.read())
sys.exit(42 if match and int(match[1]) <= int(match[2]) <= 10**9 else "two years in their order")
