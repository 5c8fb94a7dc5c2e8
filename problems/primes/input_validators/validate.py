import re
import sys

match = re.fullmatch(r"([1-9][0-9]{0,2})\n((?:[1-9][0-9]{0,5}\n)*)", sys.stdin.read())
if not match:
    sys.exit("a number of questions, and the questions")
numbers = list(map(int, match[2].split()))
if len(numbers) != int(match[1]) or len(numbers) > {{questions}} or max(numbers) > {{most}}:
    sys.exit("too many questions, or a number that is too large")
sys.exit(42)
