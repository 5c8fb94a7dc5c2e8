/* Every fourth year is a leap year: right from March 1900 to February 2100. */
#include "days.h"

const char *day_of_week(int year, int month, int day)
{
	static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

	if (month < 3) {
		month += 12;
		year--;
	}
	return names[(365 * year + year / 4 + (153 * (month - 3) + 2) / 5 + day) % 7];
}
