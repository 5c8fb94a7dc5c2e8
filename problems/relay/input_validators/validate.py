import re
import sys

match = re.fullmatch(r"(?:first|second) (0|[1-9][0-9]{0,6})(?: (0|[1-9][0-9]{0,3}))?\n", sys.stdin.read())
sys.exit(42 if match and int(match[1]) < 1 << 20 else "'first' and a number; 'second', a number and a note")
