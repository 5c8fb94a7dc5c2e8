/* A number of dates, and the dates; each line exactly as it would be printed. */
#include <stdio.h>
#include <string.h>

#include "dates.h"

int main(void)
{
	char line[64], same[64];
	int count, year, month, day;

	if (!fgets(line, sizeof line, stdin) || sscanf(line, "%d", &count) != 1 || count < 1 || count > 500)
		return 43;
	snprintf(same, sizeof same, "%d\n", count);
	if (strcmp(line, same) != 0)
		return 43;
	while (count-- > 0) {
		if (!fgets(line, sizeof line, stdin) || sscanf(line, "%d-%d-%d", &year, &month, &day) != 3)
			return 43;
		snprintf(same, sizeof same, "%04d-%02d-%02d\n", year, month, day);
		if (strcmp(line, same) != 0 || !is_date(year, month, day))
			return 43;
	}
	return getchar() == EOF ? 42 : 43;
}
