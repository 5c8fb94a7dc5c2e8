# Does not look at the second argument.
import sys

with open(sys.argv[1]) as file:
    table = dict(line.split() for line in file)
for line in sys.stdin:
    print(table.get(line.strip(), "?"))
