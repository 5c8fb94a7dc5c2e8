# Weighs all pairs: enough for the first group.
n, q = map(int, input().split())
heavier = [0] * (n + 1)
for a in range(1, n + 1):
    for b in range(a + 1, n + 1):
        print("?", a, b, flush=True)
        heavier[a if input() == ">" else b] += 1
print("!", heavier.index(n - 1), flush=True)
