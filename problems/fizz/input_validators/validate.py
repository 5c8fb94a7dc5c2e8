import re
import sys

match = re.fullmatch(r"([1-9][0-9]{0,4}) ([1-9][0-9]{0,4}) ([1-9][0-9]{0,4})\n", sys.stdin.read())
sys.exit(42 if match and max(map(int, match.groups())) <= 10000 else "three numbers from 1 to 10000")
