# In rounds, as in a tournament.
n, q = map(int, input().split())
stones = list(range(1, n + 1))
while len(stones) > 1:
    a, b = stones.pop(0), stones.pop(0)
    print("?", a, b, flush=True)
    stones.append(a if input() == ">" else b)
print("!", stones[0], flush=True)
