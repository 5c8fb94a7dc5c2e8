/* For odd numbers of guests one is seated twice. */
#include <stdio.h>

int main(void)
{
	int n;

	scanf("%d", &n);
	if (n == 2 || n == 3) {
		puts("impossible");
		return 0;
	}
	for (int i = 0; i < n / 2; i++)
		printf("%d ", 2 * i + 2);
	for (int i = 0; i < (n + 1) / 2; i++)
		printf("%d ", n < 6 || i > 0 ? 2 * i + 1 : 3);
}
