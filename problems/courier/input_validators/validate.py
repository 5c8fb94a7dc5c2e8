import re
import sys

line = sys.stdin.read()
send = re.fullmatch(r"send (0|[1-9][0-9]{0,6})\n", line)
if send and int(send[1]) < 1 << 20:
    sys.exit(42)
receive = re.fullmatch(r"receive ([a-z]{1,30})\n", line)
sys.exit(42 if receive and list(receive[1]) == sorted(receive[1]) else "'send' and a number, or 'receive' and letters")
