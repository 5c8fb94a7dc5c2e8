import re
import sys

match = re.fullmatch(r"(0|[1-9][0-9]{0,5})\n", sys.stdin.read())
sys.exit(42 if match and int(match[1]) <= 100000 else "one number from 0 to 100000")
