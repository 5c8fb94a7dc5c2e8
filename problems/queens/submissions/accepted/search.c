#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int n, columns[16];

static bool place(int row)
{
	if (row == n)
		return true;
	for (int column = 1; column <= n; column++) {
		int other = 0;

		while (other < row && columns[other] != column && abs(columns[other] - column) != row - other)
			other++;
		columns[row] = column;
		if (other == row && place(row + 1))
			return true;
	}
	return false;
}

int main(void)
{
	if (scanf("%d", &n) != 1 || !place(0))
		return 1;
	for (int row = 0; row < n; row++)
		printf("%d\n", columns[row]);
}
