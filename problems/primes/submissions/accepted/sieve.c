#include <stdio.h>

#include "bounds.h"

static char divisible[MOST + 1];
static int counts[MOST + 1];

int main(void)
{
	int q, n;

	for (int i = 2; i <= MOST; i++) {
		counts[i] = counts[i - 1] + !divisible[i];
		for (int multiple = i; !divisible[i] && multiple <= MOST - i;)
			divisible[multiple += i] = 1;
	}
	for (scanf("%d", &q); q-- > 0 && scanf("%d", &n) == 1;)
		printf("%d\n", counts[n]);
}
