/* Sends well, and receives always the same. */
#include <stdio.h>

int main(void)
{
	char word[16];
	int number;

	if (scanf("%15s %d", word, &number) != 2) {
		puts("5");
		return 0;
	}
	for (int bit = 0; bit < 20; bit++)
		if (number >> bit & 1)
			putchar('a' + bit);
	puts("z");
}
