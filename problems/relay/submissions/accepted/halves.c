#include <stdio.h>
#include <string.h>

int main(void)
{
	char runner[16], reply[16];
	int number = 0, highest = 19;

	setvbuf(stdout, NULL, _IONBF, 0);
	fgets(runner, sizeof runner, stdin);
	if (sscanf(runner, "second %d", &number) == 1) {
		number <<= 10;
		highest = 9;
	}
	for (int bit = highest; bit > highest - 10; bit--) {
		printf("? %d\n", number + (1 << bit));
		fgets(reply, sizeof reply, stdin);
		if (strncmp(reply, "not", 3) == 0)
			number += 1 << bit;
	}
	printf("! %d\n", highest == 19 ? number >> 10 : number);
}
