import re
import sys

sys.exit(42 if re.fullmatch(r"[a-z]{1,5000}\n[a-z]{1,5000}\n", sys.stdin.read()) else "two lines of 1 to 5000 letters")
