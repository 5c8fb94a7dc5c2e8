# Lines end as in other systems' files.
lines = [input() for _ in range(int(input()))]
width = max(map(len, lines))
edge = "+" + "-" * width + "+"
print(edge, end="\r\n")
for line in lines:
    print("|" + line.ljust(width) + "|", end="\r\n")
print(edge, end="\r\n")
