stack, total = [], 0
for at, bracket in enumerate(input()):
    if bracket in "([{":
        stack.append(at)
    else:
        total += at - stack.pop()
print(total)
