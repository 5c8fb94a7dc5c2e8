# @EXPECTED_SCORE@: 50
# Wrong where few stairs are left.
MODULUS = 10**9 + 7
n = int(input())
a, b = 0, 1
for bit in bin(n + 1)[2:]:
    a, b = a * (2 * b - a) % MODULUS, (a * a + b * b) % MODULUS
    if bit == "1":
        a, b = b, (a + b) % MODULUS
print(a if n > 10**6 else a + (n % 2 == 0))
