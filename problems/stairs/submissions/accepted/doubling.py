MODULUS = 10**9 + 7
a, b = 0, 1
for bit in bin(int(input()) + 1)[2:]:
    a, b = a * (2 * b - a) % MODULUS, (a * a + b * b) % MODULUS
    if bit == "1":
        a, b = b, (a + b) % MODULUS
print(a)
