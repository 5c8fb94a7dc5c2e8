# As many letters as the number is large.
word, what = input().split()
if word == "send":
    print("a" * (int(what) + 1))
else:
    print(len(what) - 1)
