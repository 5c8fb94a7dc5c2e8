#include <stdio.h>

int main(void)
{
	long long a, b;
	int n;

	scanf("%d", &n);
	while (n-- > 0 && scanf("%lld %lld", &a, &b) == 2)
		printf("%lld\n", a + b);
}
