# The folder is not for writing.
import sys

with open(sys.argv[1]) as file:
    table = dict((line.split()[::-1] if sys.argv[2:] else line.split()) for line in file)
with open("translated.txt", "w") as file:
    for line in sys.stdin:
        file.write(table.get(line.strip(), "?") + "\n")
print(open("translated.txt").read(), end="")
