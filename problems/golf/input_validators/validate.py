import re
import sys

sys.exit(42 if re.fullmatch(r"[a-z]{1,100}\n", sys.stdin.read()) else "one word of 1 to 100 letters")
