/* Answers up to ten guesses. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { GUESSES = 10, MOST = 1000 };

static const char *feedback;

__attribute__((format(printf, 1, 2), noreturn)) static void reject(const char *format, ...)
{
	char path[4096];
	va_list args;

	snprintf(path, sizeof path, "%sjudgemessage.txt", feedback);
	FILE *message = fopen(path, "w");
	va_start(args, format);
	if (message)
		vfprintf(message, format, args);
	va_end(args);
	puts("lost");
	exit(43);
}

int main(int argc, char **argv)
{
	FILE *input = argc > 3 ? fopen(argv[1], "r") : NULL;
	int number;

	if (!input || fscanf(input, "%d", &number) != 1)
		return 1;
	feedback = argv[3];
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 0; i < GUESSES; i++) {
		int guess;

		if (scanf("%d", &guess) != 1)
			reject("guess %d is no number\n", i + 1);
		if (guess < 1 || guess > MOST)
			reject("guess %d is %d, which is not from 1 to %d\n", i + 1, guess, MOST);
		if (guess == number) {
			puts("correct");
			return 42;
		}
		if (i + 1 < GUESSES)
			puts(guess < number ? "higher" : "lower");
	}
	reject("%d is not found with %d guesses\n", number, GUESSES);
}
