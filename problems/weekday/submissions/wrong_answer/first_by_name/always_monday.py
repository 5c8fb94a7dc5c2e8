# The first by name: nobody says that the other one is the entry.
for _ in range(int(input())):
    print("Monday")
