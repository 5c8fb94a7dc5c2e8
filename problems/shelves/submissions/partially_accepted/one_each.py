width, n = map(int, input().split())
print(*range(1, n + 1), sep="\n")
