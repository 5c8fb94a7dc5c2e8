a = input()
print("yneos"[a != a[::-1] :: 2])
