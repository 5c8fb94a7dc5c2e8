/* problem_card_print.c - `arena problem card`: what an import would store, as JSON. With --archive it is also the process
 * in which the backend has strangers' archives read (backend/problem_import.c). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/json.h"
#include "lock_down.h"
#include "options.h"
#include "print.h"
#include "problem.h"
#include "problem_card.h"
#include "startup.h"

enum { TIME_MAX_MS = 3600000 };
static const long long memory_max = 6LL << 30;

struct card_words {
	const char *archive, *short_name;
	bool with_data;
	int64_t time_limit_ms;
};

static int read_tree(const struct card_words *words, const char *path, struct pool *pool,
		     struct package_notes *notes, struct package_tree *tree, struct error *err)
{
	cleanup_buffer struct buffer bytes = { 0 };

	if (!words->archive)
		return package_tree_read(path, pool, notes, tree, err);
	lock_down(memory_max);
	int code = fd_read_all(STDIN_FILENO, PACKAGE_BYTES_MAX, &bytes, err);
	return code < 0 ? code
			: package_tree_unpack(buffer_text(&bytes), bytes.size, words->archive, pool, notes,
					      tree, err);
}

static int write_data(const struct card_data *data, size_t count)
{
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++)
		code = fd_write_all(STDOUT_FILENO, data[i].bytes, data[i].size);
	return code;
}

/* The size on a line, the card, and the bytes that it names. */
static int print_whole(const json_t *card, const struct card_data *data, size_t count)
{
	cleanup_buffer struct buffer text = { 0 };

	if (json_write(card, &text) < 0 || dprintf(STDOUT_FILENO, "%zu\n", text.size) < 0 ||
	    fd_write_all(STDOUT_FILENO, text.data, text.size) < 0 || write_data(data, count) < 0)
		return STATUS_FAILED;
	return STATUS_OK;
}

static int make_card(const struct card_words *words, const char *path, struct pool *pool, json_t **card,
		     struct card_data **data, size_t *count, struct error *err)
{
	cleanup_config struct config *config = NULL;
	struct catalogue *catalogue = NULL; /* what is read of the package points into it */
	struct package package;
	struct package_tree tree;
	struct package_notes notes = { .pool = pool };

	if (words->archive && chdir("/") < 0) /* where no `.env` of ours is */
		return error_errno(err, "chdir");
	if (startup_config("problem", &config) || startup_catalogue(config, NULL, false, &catalogue))
		return error_set(err, -EINVAL, "the language packs cannot be read");
	int code = read_tree(words, path, pool, &notes, &tree, err);
	if (code == 0)
		code = package_read(&tree, catalogue, pool, &package, err);
	if (code == 0 && words->short_name)
		package.short_name = words->short_name;
	if (code == 0)
		code = problem_card(&package, (double)words->time_limit_ms / 1000, pool, card, data, count,
				    err);
	catalogue_free(catalogue);
	return code;
}

static int run(int argc, char **argv)
{
	struct card_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_NUMBER("time-limit", &words.time_limit_ms, 0, TIME_MAX_MS, "MS",
			      "of a package that gives none"),
		OPTION_TEXT("short-name", &words.short_name, "NAME", "in place of the package's own"),
		OPTION_TEXT("archive", &words.archive, "NAME",
			    "a zip archive on standard input, which has this name"),
		OPTION_FLAG("with-data", &words.with_data,
			    "the card's size on a line before it, and behind it the bytes that it names"),
		OPTION_END,
	};
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *card = NULL;
	struct card_data *data = NULL;
	struct error err = { 0 };
	struct words rest;
	size_t count = 0;
	int status;

	if (!options_parse(&problem_card_command, rows, argc, argv, &rest, &status))
		return status;
	if (rest.count != (words.archive ? 0 : 1)) {
		fprintf(stderr, "arena problem card: one package is needed\n");
		return STATUS_USAGE;
	}
	int code = pool ? make_card(&words, rest.at[0], pool, &card, &data, &count, &err) : -ENOMEM;
	if (code < 0 && words.with_data) {
		card = json_pack("{s:o}", "error", json_text(err.text, strlen(err.text)));
		return print_whole(card, NULL, 0);
	}
	if (code < 0)
		return startup_failed(&err);
	return words.with_data ? print_whole(card, data, count) : print_json(json_incref(card));
}

const struct command problem_card_command = {
	.name = "problem card",
	.synopsis = "[--time-limit MS] [--short-name NAME] PACKAGE",
	.summary = "Prints what an import of a package would store, as JSON",
	.run = run,
};
