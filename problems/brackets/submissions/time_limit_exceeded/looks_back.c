/* Looks back from each closing bracket, past all that have found their partners. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char text[200002];
static volatile bool paired[200002];

int main(void)
{
	long long total = 0;

	if (!fgets(text, sizeof text, stdin))
		return 1;
	for (int at = 0; text[at] && text[at] != '\n'; at++) {
		int partner = at - 1;

		if (strchr("([{", text[at]))
			continue;
		while (paired[partner])
			partner--;
		paired[partner] = paired[at] = true;
		total += at - partner;
	}
	printf("%lld\n", total);
}
