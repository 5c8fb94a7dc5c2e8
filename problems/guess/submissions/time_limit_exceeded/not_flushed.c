/* The guess never leaves the program: it waits, and so does the judge. */
#include <stdio.h>
#include <string.h>

int main(void)
{
	char answer[16] = "";
	int least = 1, most = 1000;

	while (strcmp(answer, "correct") != 0) {
		int guess = (least + most) / 2;

		printf("%d\n", guess);
		if (scanf("%15s", answer) != 1)
			return 1;
		if (strcmp(answer, "lower") == 0)
			most = guess - 1;
		else
			least = guess + 1;
	}
}
