# Does not notice the end of the input.
while True:
    print(input().swapcase())
