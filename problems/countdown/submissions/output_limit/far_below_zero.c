/* Stops, but too late: some megabytes below zero. */
#include <stdio.h>

int main(void)
{
	int number;

	scanf("%d", &number);
	for (; number > -1000000; number--)
		printf("%d\n", number);
}
