from week.days import day_of_week

for _ in range(int(input())):
    print(day_of_week(input()))
