# Thinks for ever about its first guess.
while True:
    pass
