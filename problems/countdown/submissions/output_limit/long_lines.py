# The right numbers, but with very many spaces.
for number in range(int(input()), -1, -1):
    print(" " * (2 << 20 if number == 0 else 0), number)
