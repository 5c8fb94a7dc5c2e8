# Takes out one pair after the other, and begins at the front each time.
text = [(bracket, at) for at, bracket in enumerate(input())]
total = 0
while text:
    i = 0
    while text[i][0] in "([{":
        i += 1
    total += text[i][1] - text[i - 1][1]
    del text[i - 1 : i + 1]
print(total)
