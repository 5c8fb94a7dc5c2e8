# Lists are larger still.
a, b = input(), input()
table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
for i, x in enumerate(a):
    for j, y in enumerate(b):
        table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
print(table[-1][-1])
