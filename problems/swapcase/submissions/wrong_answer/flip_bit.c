/* Swaps more than letters. */
#include <stdio.h>

int main(void)
{
	int c;

	while ((c = getchar()) != EOF)
		putchar(c >= '@' ? c ^ 32 : c);
}
