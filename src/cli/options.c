#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct parser {
	const struct command *command;
	const struct option_row *rows;
	char **next; /* the words not looked at yet, NULL-ended */
	struct words *rest;
	bool options_over;
};

const char *nearest_name(const char *word, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = strlen(word) < 4 ? 2 : 3; /* beyond two slips it is a guess */
	for (; *names; names++) {
		size_t distance = edit_distance(word, *names);
		if (distance < best_distance) {
			best_distance = distance;
			best = *names;
		}
	}
	return best;
}

/* ---- saying what is wrong ---- */

static bool refuse_unknown(const struct parser *parser, const char *name)
{
	const char *names[64] = { "help" };
	size_t count = 1;
	for (const struct option_row *row = parser->rows; row->name; row++)
		names[count++] = row->name;
	names[count] = NULL;
	const char *meant = nearest_name(name, names);
	fprintf(stderr, "arena %s: there is no option --%s", parser->command->name, name);
	if (meant)
		fprintf(stderr, "; did you mean --%s?\n", meant);
	else
		fprintf(stderr, "; `arena help %s` lists them\n", parser->command->name);
	return false;
}

static bool refuse_value(const struct parser *parser, const struct option_row *row, const char *value)
{
	fprintf(stderr, "arena %s: --%s %s: must be a whole number from %" PRId64 " to %" PRId64 "\n",
		parser->command->name, row->name, value, row->min, row->max);
	return false;
}

static bool add_word(const struct parser *parser, struct words *words, const char *word)
{
	if (words && words->count < WORDS_MAX) {
		words->at[words->count++] = word;
		return true;
	}
	fprintf(stderr, "arena %s: %s: %s\n", parser->command->name, word,
		words ? "too many words" : "takes no such word");
	return false;
}

static void print_help(const struct command *command, const struct option_row *rows)
{
	printf("usage: arena %s%s%s\n\n%s.\n", command->name, *command->synopsis ? " " : "",
	       command->synopsis, command->summary);
	if (command->details)
		printf("\n%s", command->details);
	if (rows->name)
		printf("\nOptions:\n");
	for (; rows->name; rows++) {
		char left[64];
		snprintf(left, sizeof left, "--%s %s", rows->name, rows->value);
		printf("  %-24s %s\n", left, rows->help);
	}
}

/* ---- one option ---- */

static bool set_number(const struct parser *parser, const struct option_row *row, const char *value)
{
	char *end;
	errno = 0;
	long long number = strtoll(value, &end, 10);
	if (errno || end == value || *end || number < row->min || number > row->max)
		return refuse_value(parser, row, value);
	*(int64_t *)row->target = number;
	return true;
}

static bool set_value(const struct parser *parser, const struct option_row *row, const char *value)
{
	switch (row->kind) {
	case OPTION_KIND_FLAG: *(bool *)row->target = true; return true;
	case OPTION_KIND_TEXT: *(const char **)row->target = value; return true;
	case OPTION_KIND_NUMBER: return set_number(parser, row, value);
	case OPTION_KIND_WORD:
	case OPTION_KIND_WORDS: return add_word(parser, row->target, value);
	}
	return false;
}

static bool take_words(struct parser *parser, const struct option_row *row)
{
	for (; *parser->next && strncmp(*parser->next, "--", 2) != 0; parser->next++)
		if (!add_word(parser, row->target, *parser->next))
			return false;
	return true;
}

static const struct option_row *find_row(const struct option_row *rows, const char *name, size_t length)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == length && strncmp(rows->name, name, length) == 0)
			return rows;
	return NULL;
}

static bool take_option(struct parser *parser, const char *word)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	const struct option_row *row = find_row(parser->rows, name, length);
	if (!row) {
		char unknown[64];
		snprintf(unknown, sizeof unknown, "%.*s", (int)(length < 60 ? length : 60), name);
		return refuse_unknown(parser, unknown);
	}
	if (row->kind == OPTION_KIND_FLAG && value) {
		fprintf(stderr, "arena %s: --%s takes no value\n", parser->command->name, row->name);
		return false;
	}
	if (row->kind == OPTION_KIND_WORDS && !value)
		return take_words(parser, row);
	if (row->kind != OPTION_KIND_FLAG && !value && !(value = *parser->next++)) {
		fprintf(stderr, "arena %s: --%s needs a value: %s\n", parser->command->name, row->name,
			row->value);
		return false;
	}
	return set_value(parser, row, value);
}

/* ---- all of them ---- */

static bool take_word(struct parser *parser)
{
	const char *word = *parser->next++;
	if (!parser->options_over && strcmp(word, "--") == 0)
		return parser->options_over = true;
	if (parser->options_over || word[0] != '-' || !word[1])
		return add_word(parser, parser->rest, word);
	if (word[1] != '-')
		return refuse_unknown(parser, word + 1);
	return take_option(parser, word);
}

static bool asks_for_help(char **words)
{
	for (; *words && strcmp(*words, "--") != 0; words++)
		if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
			return true;
	return false;
}

bool options_parse(const struct command *command, const struct option_row *rows, int argc, char **argv,
		   struct words *rest, int *status)
{
	struct parser parser = { .command = command, .rows = rows, .next = argv + (argc > 0), .rest = rest };
	if (rest)
		*rest = (struct words){ .count = 0 };
	if (asks_for_help(parser.next)) {
		print_help(command, rows);
		*status = STATUS_OK;
		return false;
	}
	while (*parser.next)
		if (!take_word(&parser)) {
			*status = STATUS_USAGE;
			return false;
		}
	return true;
}
