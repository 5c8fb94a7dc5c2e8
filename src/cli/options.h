/* options.h - the options of a subcommand, as a table.
 *
 *     const struct option_row rows[] = {
 *             OPTION_NUMBER("time", &time_ms, 1, 3600000, "MS", "processor time"),
 *             OPTION_FLAG("json", &json, "one JSON object on standard output"),
 *             OPTION_END,
 *     };
 *     struct words files;
 *     int status;
 *     if (!options_parse(&run_command, rows, argc, argv, &files, &status))
 *             return status;
 *
 * Long options only, `--name VALUE` or `--name=VALUE`, anywhere among the other words; what follows a lone
 * `--` is no option. `--help` is every command's. A wrong one is answered with the nearest right one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"

enum { WORDS_MAX = 256 };

struct words {
	const char *at[WORDS_MAX + 1]; /* NULL-ended; the strings are argv's */
	size_t count;
};

enum option_kind {
	OPTION_KIND_FLAG,   /* bool */
	OPTION_KIND_TEXT,   /* const char * */
	OPTION_KIND_NUMBER, /* int64_t, min to max */
	OPTION_KIND_WORD,   /* struct words; one more each time */
	OPTION_KIND_WORDS,  /* struct words; `--name A B` up to the next option, `--name=A` just one */
};

struct option_row {
	const char *name;
	enum option_kind kind;
	void *target;
	int64_t min, max;
	const char *value; /* what it is called in the help */
	const char *help;
};

#define OPTION_FLAG(name, target, help)                        \
	{                                                      \
		name, OPTION_KIND_FLAG, target, 0, 0, "", help \
	}
#define OPTION_TEXT(name, target, value, help)                    \
	{                                                         \
		name, OPTION_KIND_TEXT, target, 0, 0, value, help \
	}
#define OPTION_NUMBER(name, target, min, max, value, help)              \
	{                                                               \
		name, OPTION_KIND_NUMBER, target, min, max, value, help \
	}
#define OPTION_WORD(name, target, value, help)                    \
	{                                                         \
		name, OPTION_KIND_WORD, target, 0, 0, value, help \
	}
#define OPTION_WORDS(name, target, value, help)                    \
	{                                                          \
		name, OPTION_KIND_WORDS, target, 0, 0, value, help \
	}
#define OPTION_END                                             \
	{                                                      \
		NULL, OPTION_KIND_FLAG, NULL, 0, 0, NULL, NULL \
	}

/* True: go on; `rest` has the words that are no options. False: the command is over with *status, after a
 * message on standard error, or its help on standard output. `rest` NULL: there may be none. */
bool options_parse(const struct command *command, const struct option_row *rows, int argc, char **argv,
		   struct words *rest, int *status);

/* The one of `names` (NULL-ended) that `word` was probably meant to be, or NULL. */
const char *nearest_name(const char *word, const char *const *names);
