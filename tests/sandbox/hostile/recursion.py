"""Through the interpreter's own limit of recursion, down to the end of the stack: a crash, or memory that is out."""
import sys

sys.setrecursionlimit(1 << 30)


class Deep:
    def __repr__(self):
        return repr(self)


print("down", flush=True)
repr(Deep())
