/* Ten digits are as many as an int holds. */
#include <stdio.h>

int main(void)
{
	long long a, b;
	int n;

	scanf("%d", &n);
	while (n-- > 0 && scanf("%lld %lld", &a, &b) == 2)
		printf("%d\n", (int)((unsigned)a + (unsigned)b));
}
