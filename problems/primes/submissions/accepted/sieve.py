from itertools import accumulate

from bounds import MOST

is_prime = bytearray([1]) * (MOST + 1)
is_prime[:2] = b"\0\0"
for i in range(2, int(MOST**0.5) + 1):
    if is_prime[i]:
        is_prime[i * i :: i] = bytes(len(range(i * i, MOST + 1, i)))
counts = list(accumulate(is_prime))
for _ in range(int(input())):
    print(counts[int(input())])
