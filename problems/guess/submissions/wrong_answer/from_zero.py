# 0 is no guess, and -1 even less.
least, most, answer = -500, 1000, ""
while answer not in ("correct", "lost"):
    guess = (least + most) // 2
    print(guess, flush=True)
    answer = input()
    if answer == "lower":
        most = guess - 1
    else:
        least = guess + 1
