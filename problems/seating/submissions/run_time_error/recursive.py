# One call within the other for each guest: too deep for a thousand.
def row(n, guest):
    if guest > n:
        return row(n, 1) if guest % 2 == 0 else []
    return [guest] + row(n, guest + 2)


def count(guests):
    return 0 if guests == 0 else 1 + count(guests - 1)


n = count(int(input()))
print(*(["impossible"] if n in (2, 3) else row(n, 2)))
