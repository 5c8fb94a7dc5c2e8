/* 42 when every line is as the statement says. */
#include <stdio.h>
#include <stdlib.h>

static void reject(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(43);
}

int main(void)
{
	int c, before = '\n', length = 0, lines = 0;

	for (; (c = getchar()) != EOF; before = c) {
		if (c != '\n' && (c < ' ' || c > '~'))
			reject("a character is not printable");
		if ((c == '\n' || c == ' ') && (before == '\n' || before == ' '))
			reject("an empty line, or a space where none may be");
		length = c == '\n' ? 0 : length + 1;
		lines += c == '\n';
		if (length > 100)
			reject("a line is too long");
	}
	if (before != '\n' || lines < 1 || lines > 1000)
		reject("no line, too many lines, or one that does not end");
	return 42;
}
