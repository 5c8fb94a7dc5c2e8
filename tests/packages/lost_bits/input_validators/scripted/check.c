#include <stdio.h>

int main(void)
{
	int a, b;

	return scanf("%d %d", &a, &b) == 2 ? 42 : 43;
}
