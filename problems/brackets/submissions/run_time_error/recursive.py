# One call within the other for each depth.
def distances(text, at):
    """Of the pair that opens at `at`, with all in it; and where it closes."""
    total, inside = 0, at + 1
    while text[inside] in "([{":
        more, inside = distances(text, inside)
        total += more
        inside += 1
    return total + inside - at, inside


text, total, at = input(), 0, 0
while at < len(text):
    more, at = distances(text, at)
    total += more
    at += 1
print(total)
