/* Accepts shelves that hold what stands on them; with the argument "rate" says how good the number of shelves is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOOKS_MAX = 300 };

static const char *feedback;

static FILE *leave(const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s%s", feedback, name);
	FILE *file = fopen(path, "w");
	if (!file)
		exit(1);
	return file;
}

_Noreturn static void reject(const char *what, int number)
{
	FILE *message = leave("judgemessage.txt");

	fprintf(message, "%s %d\n", what, number);
	fclose(message);
	exit(43);
}

int main(int argc, char **argv)
{
	FILE *input = argc > 3 ? fopen(argv[1], "r") : NULL, *answer = argc > 3 ? fopen(argv[2], "r") : NULL;
	int width, count, shelves, used = 0, filled[BOOKS_MAX + 1] = { 0 };
	char rest[2];

	if (!input || !answer || fscanf(input, "%d %d", &width, &count) != 2 ||
	    fscanf(answer, "%d", &shelves) != 1 || count > BOOKS_MAX)
		return 1;
	feedback = argv[3];
	for (int i = 0; i < count; i++) {
		int thickness, shelf;

		if (fscanf(input, "%d", &thickness) != 1)
			return 1;
		if (scanf("%d", &shelf) != 1)
			reject("no number for book", i + 1);
		if (shelf < 1 || shelf > count)
			reject("there is no shelf", shelf);
		used += filled[shelf] == 0;
		filled[shelf] += thickness;
		if (filled[shelf] > width)
			reject("too much stands on shelf", shelf);
	}
	if (scanf("%1s", rest) == 1)
		reject("there are more numbers than books:", count);
	if (argc > 4 && strcmp(argv[4], "rate") == 0) {
		FILE *multiplier = leave("score_multiplier.txt");

		fprintf(multiplier, "%.9f\n", used <= shelves ? 1.0 : (double)shelves / used);
		fclose(multiplier);
	}
	return 42;
}
