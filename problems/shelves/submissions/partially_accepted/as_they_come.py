# A book that does not fit on the shelf begins the next one.
width, n = map(int, input().split())
shelf, left = 0, 0
for book in map(int, input().split()):
    if book > left:
        shelf, left = shelf + 1, width
    left -= book
    print(shelf)
