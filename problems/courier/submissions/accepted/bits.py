# A letter for each bit that is set, and one that says nothing.
word, what = input().split()
if word == "send":
    print("z" + "".join(chr(97 + bit) for bit in range(20) if int(what) >> bit & 1))
else:
    print(sum(1 << ord(letter) - 97 for letter in what if letter != "z"))
