# For each shelf the choice of books that fills it best, beginning with the thickest one left.
width, n = map(int, input().split())
books = list(map(int, input().split()))
left, place, shelf = sorted(range(n), key=lambda book: -books[book]), [0] * n, 0
while left:
    shelf += 1
    fillings = {books[left[0]]: [left[0]]}
    for book in left[1:]:
        if width in fillings:
            break
        for filled in sorted(fillings, reverse=True):
            if filled + books[book] <= width:
                fillings.setdefault(filled + books[book], fillings[filled] + [book])
    for book in fillings[max(fillings)]:
        place[book] = shelf
    left = [book for book in left if not place[book]]
print(*place, sep="\n")
