from datetime import date

NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def day_of_week(text):
    return NAMES[date.fromisoformat(text).weekday()]
