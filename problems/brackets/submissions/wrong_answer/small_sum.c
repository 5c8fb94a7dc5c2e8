/* The sum is larger than an int. */
#include <stdio.h>

int main(void)
{
	unsigned total = 0, depth = 0;
	int c;

	while ((c = getchar()) != EOF && c != '\n')
		total += depth += c == '(' || c == '[' || c == '{' ? 1u : -1u;
	printf("%u\n", total);
}
