# A letter for each digit: their order is lost.
word, what = input().split()
if word == "send":
    print("".join(chr(97 + int(digit)) for digit in what))
else:
    print(int("".join(str(ord(letter) - 97) for letter in what)))
