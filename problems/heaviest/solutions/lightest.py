# Reads the replies the wrong way round.
n, q = map(int, input().split())
lightest = 1
for stone in range(2, n + 1):
    print("?", stone, lightest, flush=True)
    if input() == "<":
        lightest = stone
print("!", lightest, flush=True)
