# Fails in the second pass.
word, what = input().split()
number = int(what)
print("z" + "".join(chr(97 + bit) for bit in range(20) if number >> bit & 1))
