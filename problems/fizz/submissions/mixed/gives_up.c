/* Gives up where both numbers are the same.
 * @EXPECTED_RESULTS@: RUN-ERROR
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	int a, b, n;

	scanf("%d %d %d", &a, &b, &n);
	if (a == b)
		abort();
	for (int i = 1; i <= n; i++)
		if (i % a == 0 || i % b == 0)
			printf("%s%s\n", i % a == 0 ? "Fizz" : "", i % b == 0 ? "Buzz" : "");
		else
			printf("%d\n", i);
}
