import re
import sys

most = int(sys.argv[1]) if len(sys.argv) > 1 else 10**18
match = re.fullmatch(r"([1-9][0-9]{0,18})\n", sys.stdin.read())
sys.exit(42 if match and int(match[1]) <= most else f"one number from 1 to {most}")
