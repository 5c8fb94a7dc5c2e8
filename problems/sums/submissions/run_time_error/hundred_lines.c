/* There is room for a hundred sums. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	long long sums[100], a, b;
	int n;

	scanf("%d", &n);
	if (n > 100)
		abort();
	for (int i = 0; i < n && scanf("%lld %lld", &a, &b) == 2; i++)
		sums[i] = a + b;
	for (int i = 0; i < n; i++)
		printf("%lld\n", sums[i]);
}
