width, n = map(int, input().split())
print(*[1] * n, sep="\n")
