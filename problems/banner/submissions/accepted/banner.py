lines = [input() for _ in range(int(input()))]
width = max(map(len, lines))
edge = "+" + "-" * width + "+"
print(edge)
for line in lines:
    print("|" + line.ljust(width) + "|")
print(edge)
