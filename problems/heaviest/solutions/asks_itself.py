# A stone against itself.
n, q = map(int, input().split())
print("?", 1, 1, flush=True)
input()
