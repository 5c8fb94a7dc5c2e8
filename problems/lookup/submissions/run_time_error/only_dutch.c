/* Takes it that there is only one dictionary. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char words[1000][2][24];

int main(int argc, char **argv)
{
	int from = argc > 2, count = 0;
	FILE *file = fopen("dutch.txt", "r");
	char word[24];

	if (!file || strcmp(argv[1], "dutch.txt") != 0)
		abort();
	while (count < 1000 && fscanf(file, "%23s %23s", words[count][0], words[count][1]) == 2)
		count++;
	while (scanf("%23s", word) == 1) {
		int i = 0;

		while (i < count && strcmp(words[i][from], word) != 0)
			i++;
		puts(i < count ? words[i][!from] : "?");
	}
}
