# @EXPECTED_SCORE@: 20
# The number itself, and not what remains.
n = int(input())
a, b = 1, 1
for _ in range(min(n, 2000) - 1):
    a, b = b, a + b
print(b)
