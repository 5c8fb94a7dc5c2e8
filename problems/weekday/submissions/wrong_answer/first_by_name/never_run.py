from datetime import date

for _ in range(int(input())):
    print(date.fromisoformat(input()).strftime("%A"))
