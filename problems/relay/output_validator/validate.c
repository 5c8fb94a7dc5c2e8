/* Answers questions. The number is in the input, and the first runner's note goes into the next pass' input. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 1 << 20, NOTES = 1024, QUESTIONS = 11 };

static const char *feedback;

static FILE *open_feedback(const char *name, const char *mode)
{
	char path[4096];

	snprintf(path, sizeof path, "%s%s", feedback, name);
	FILE *file = fopen(path, mode);
	if (!file)
		exit(1);
	return file;
}

__attribute__((format(printf, 2, 3), noreturn)) static void end(int code, const char *format, ...)
{
	FILE *message = open_feedback("judgemessage.txt", "a");
	va_list args;

	va_start(args, format);
	vfprintf(message, format, args);
	va_end(args);
	fclose(message);
	exit(code);
}

static long read_number(long below)
{
	long number;

	if (scanf("%ld", &number) != 1)
		end(43, "a number is missing\n");
	if (number < 0 || number >= below)
		end(43, "%ld is not from 0 to %ld\n", number, below - 1);
	return number;
}

/* What the runner ends with. */
static long answer_questions(long number, long below)
{
	for (int asked = 0;;) {
		char mark[2];

		if (scanf("%1s", mark) != 1)
			end(43, "the runner has stopped\n");
		if (mark[0] == '!')
			return read_number(below);
		if (mark[0] != '?')
			end(43, "neither a question nor an end\n");
		long question = read_number(NUMBERS);
		if (++asked > QUESTIONS)
			end(43, "more than %d questions\n", QUESTIONS);
		puts(number < question ? "less" : "not less");
	}
}

int main(int argc, char **argv)
{
	FILE *input = argc > 3 ? fopen(argv[1], "r") : NULL;
	long number, note;
	char runner[8];

	if (!input || fscanf(input, "%7s %ld", runner, &number) != 2)
		return 1;
	feedback = argv[3];
	setvbuf(stdout, NULL, _IONBF, 0);
	if (strcmp(runner, "first") == 0) {
		puts("first");
		note = answer_questions(number, NOTES);
		FILE *next = open_feedback("nextpass.in", "w");
		fprintf(next, "second %ld %ld\n", number, note);
		fclose(next);
		end(42, "the note is %ld\n", note);
	}
	if (fscanf(input, "%ld", &note) != 1)
		return 1;
	printf("second %ld\n", note);
	long found = answer_questions(number, NUMBERS);
	if (found != number)
		end(43, "found %ld in place of %ld\n", found, number);
	end(42, "found\n");
}
