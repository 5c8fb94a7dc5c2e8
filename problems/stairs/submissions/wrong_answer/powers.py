# Each stair or not.
print(pow(2, int(input()), 10**9 + 7) // 2)
