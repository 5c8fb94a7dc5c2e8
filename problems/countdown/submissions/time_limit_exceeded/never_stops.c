/* More than anybody stores, and no end of it. */
#include <stdio.h>

int main(void)
{
	unsigned number;

	scanf("%u", &number);
	for (;;)
		printf("%u\n", number--);
}
