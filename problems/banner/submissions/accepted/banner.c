#include <stdio.h>
#include <string.h>

static char lines[50][64];

static void edge(int width)
{
	putchar('+');
	while (width-- > 0)
		putchar('-');
	puts("+");
}

int main(void)
{
	int n, width = 0;

	scanf("%d", &n);
	getchar();
	for (int i = 0; i < n; i++) {
		fgets(lines[i], sizeof lines[i], stdin);
		int length = (int)strcspn(lines[i], "\n");

		lines[i][length] = '\0';
		if (length > width)
			width = length;
	}
	edge(width);
	for (int i = 0; i < n; i++)
		printf("|%-*s|\n", width, lines[i]);
	edge(width);
}
