#include "calendar.hpp"

/* Days since the first of March of the year 0, so that the leap day comes last. */
static int days(int year, int month, int day)
{
	if (month < 3) {
		month += 12;
		year--;
	}
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day;
}

std::string day_of_week(const std::string &date)
{
	static const char *const names[] = { "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Monday" };

	return names[days(std::stoi(date), std::stoi(date.substr(5)), std::stoi(date.substr(8))) % 7];
}
