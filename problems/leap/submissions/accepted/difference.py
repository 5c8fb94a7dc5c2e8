def up_to(year):
    return year // 4 - year // 100 + year // 400


first, last = map(int, input().split())
print(up_to(last) - up_to(first - 1))
