"""One operation of the interpreter that never ends: no signal handler of its own gets its turn, so that only a limit
from outside ends it."""
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
print("begins", flush=True)
print(len(str(7 ** (7 ** 9))))
