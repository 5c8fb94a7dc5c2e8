import sys

PARTNER = dict(zip(")]}", "([{"))
text, stack = sys.stdin.read(), []
if not text.endswith("\n") or not 2 <= len(text) - 1 <= 200000:
    sys.exit("one line of 2 to 200000 brackets")
for bracket in text[:-1]:
    if bracket in "([{":
        stack.append(bracket)
    elif bracket not in PARTNER or not stack or stack.pop() != PARTNER[bracket]:
        sys.exit("a bracket has no partner")
sys.exit("a bracket is never closed" if stack else 42)
