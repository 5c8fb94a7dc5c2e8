#include <stdio.h>

#include "days.h"

int main(void)
{
	int n, year, month, day;

	for (scanf("%d", &n); n-- > 0 && scanf("%d-%d-%d", &year, &month, &day) == 3;)
		puts(day_of_week(year, month, day));
}
