# A row of the table as the bits of one number: set where it does not grow.
a, b = input(), input()
places = {letter: sum(1 << j for j, other in enumerate(b) if other == letter) for letter in set(a)}
everywhere = (1 << len(b)) - 1
row = everywhere
for letter in a:
    matches = row & places[letter]
    row = (row + matches | row - matches) & everywhere
print(len(b) - bin(row).count("1"))
