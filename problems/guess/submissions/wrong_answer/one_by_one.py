guess = 1
print(guess, flush=True)
while input() == "higher":
    guess += 1
    print(guess, flush=True)
