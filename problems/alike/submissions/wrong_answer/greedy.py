# The first place where a letter is found is not always the best one.
a, b = input(), input()
found, at = 0, 0
for letter in a:
    place = b.find(letter, at)
    if place >= 0:
        found, at = found + 1, place + 1
print(found)
