# The first runner finds the upper ten bits, the second one the lower ten.
runner, *note = input().split()
bits = range(19, 9, -1) if runner == "first" else range(9, -1, -1)
number = int(note[0]) << 10 if note else 0
for bit in bits:
    print("?", number + (1 << bit), flush=True)
    if input() == "not less":
        number += 1 << bit
print("!", number >> 10 if runner == "first" else number, flush=True)
