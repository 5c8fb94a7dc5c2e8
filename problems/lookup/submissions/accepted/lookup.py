import sys

table = {}
with open(sys.argv[1]) as file:
    for line in file:
        pair = line.split()
        if sys.argv[2:] == ["back"]:
            pair.reverse()
        table[pair[0]] = pair[1]
for line in sys.stdin:
    print(table.get(line.strip(), "?"))
