/* Any words on the command line, one a line of the input: numbers are within their range, lists end in NULL. */
#include "fuzz.h"

#include "options.h"

/* Messages and help are written to nowhere: only that they can be. */
static void be_quiet(void)
{
	static FILE *nowhere;

	if (!nowhere) {
		nowhere = fopen("/dev/null", "w");
		must(nowhere);
		stdout = stderr = nowhere;
	}
}

static void check(int argc, char **argv)
{
	static const struct command command = { .name = "fuzz",
						.synopsis = "[FILE...]",
						.summary = "Fuzzes" };
	int64_t number = 5;
	const char *text = "";
	bool flag = false;
	struct words rest, some = { 0 }, more = { 0 };
	const struct option_row rows[] = {
		OPTION_NUMBER("number", &number, -5, 3600, "N", "a number"),
		OPTION_FLAG("flag", &flag, "a flag"),
		OPTION_TEXT("text", &text, "TEXT", "a text"),
		OPTION_WORD("word", &some, "WORD", "one more word"),
		OPTION_WORDS("words", &more, "WORD...", "more words"),
		OPTION_END,
	};
	int status = -1;
	bool go_on = options_parse(&command, rows, argc, argv, &rest, &status);

	must(go_on ? status == -1 : status == STATUS_OK || status == STATUS_USAGE);
	must(number >= -5 && number <= 3600 && text);
	must(rest.count + some.count + more.count <= (size_t)argc);
	must(!rest.at[rest.count] && !some.at[some.count] && !more.at[more.count]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *next = text, name[] = "fuzz", *argv[402] = { name };
	int argc = 1;

	must(text);
	memcpy(text, data, size);
	text[size] = '\0';
	be_quiet();
	while (next && argc < 401)
		argv[argc++] = strsep(&next, "\n");
	check(argc, argv);
	free(text);
	return 0;
}
