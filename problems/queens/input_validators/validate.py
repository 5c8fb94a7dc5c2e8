import sys

sys.exit(42 if sys.stdin.read() in ("4\n", "6\n", "8\n", "11\n") else "4, 6, 8 or 11")
