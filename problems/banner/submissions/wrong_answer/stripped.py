# Spaces at the ends are lost.
lines = [input().strip() for _ in range(int(input()))]
width = max(map(len, lines))
edge = "+" + "-" * width + "+"
print(edge)
for line in lines:
    print("|" + line.ljust(width) + "|")
print(edge)
