# Divides each number by all that are smaller.
for _ in range(int(input())):
    n = int(input())
    print(sum(all(p % d for d in range(2, p)) for p in range(2, n + 1)))
