# The second runner does not read the note.
runner, *note = input().split()
bits = range(19, 9, -1) if runner == "first" else range(9, -1, -1)
number = 0
for bit in bits:
    print("?", number + (1 << bit), flush=True)
    if input() == "not less":
        number += 1 << bit
print("!", number >> 10 if runner == "first" else number, flush=True)
