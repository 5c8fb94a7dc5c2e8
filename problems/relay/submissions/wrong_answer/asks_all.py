# Twenty questions are too many for one runner.
runner = input()
number = 0
for bit in range(19, -1, -1):
    print("?", number + (1 << bit), flush=True)
    if input() == "not less":
        number += 1 << bit
print("!", number, flush=True)
