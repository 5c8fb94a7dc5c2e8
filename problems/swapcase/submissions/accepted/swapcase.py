import sys

print(sys.stdin.read().swapcase(), end="")
