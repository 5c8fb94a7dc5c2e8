a = input()
print("yneos"[a[0] != a[-1] :: 2])
