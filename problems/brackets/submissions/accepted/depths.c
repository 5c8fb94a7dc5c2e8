/* Every place counts once for each pair that is open there. */
#include <stdio.h>

int main(void)
{
	long long total = 0, depth = 0;
	int c;

	while ((c = getchar()) != EOF && c != '\n') {
		depth += c == '(' || c == '[' || c == '{' ? 1 : -1;
		total += depth;
	}
	printf("%lld\n", total);
}
