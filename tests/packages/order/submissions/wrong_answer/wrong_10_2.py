a, b = map(int, input().split())
print(0 if a in (10,2,) else a + b)
