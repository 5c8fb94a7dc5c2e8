# The thickest book that still fits, as long as one does; then the next shelf.
width, n = map(int, input().split())
books = list(map(int, input().split()))
place, shelf = [0] * n, 0
while 0 in place:
    shelf += 1
    left = width
    for book in sorted(range(n), key=lambda book: -books[book]):
        if not place[book] and books[book] <= left:
            place[book] = shelf
            left -= books[book]
print(*place, sep="\n")
