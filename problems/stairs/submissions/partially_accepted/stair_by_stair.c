// @EXPECTED_SCORE@: 50
#include <stdio.h>

int main(void)
{
	unsigned a = 1, b = 1;
	long long n;

	scanf("%lld", &n);
	while (--n > 0) {
		unsigned next = (a + b) % 1000000007;

		a = b;
		b = next;
	}
	printf("%u\n", b);
}
