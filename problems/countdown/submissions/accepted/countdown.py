for number in range(int(input()), -1, -1):
    print(number)
