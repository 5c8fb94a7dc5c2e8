/* bench.c - `arena bench` */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "startup.h"

static int refuse_name(const char *word)
{
	const char *meant = nearest_name(word, bench_names);
	fprintf(stderr, "arena: there is no figure %s; ", word);
	if (meant)
		fprintf(stderr, "did you mean %s?\n", meant);
	else
		fprintf(stderr, "`arena bench --help` lists them\n");
	return STATUS_USAGE;
}

static bool known(const char *word)
{
	for (const char *const *name = bench_names; *name; name++)
		if (strcmp(*name, word) == 0)
			return true;
	return false;
}

static int run(int argc, char **argv)
{
	bool json = false;
	int64_t runs = 0;
	const struct option_row rows[] = {
		OPTION_FLAG("json", &json, "one JSON object a line"),
		OPTION_NUMBER("runs", &runs, 1, 1000000, "N",
			      "of accuracy: so many each, instead of 1000, 200 or 100"),
		OPTION_END,
	};
	struct words names;
	int status;
	if (!options_parse(&bench_command, rows, argc, argv, &names, &status))
		return status;
	for (size_t i = 0; i < names.count; i++)
		if (!known(names.at[i]))
			return refuse_name(names.at[i]);
	cleanup_config struct config *config = NULL;
	if ((status = startup_config("bench", &config)))
		return status;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	if ((status = startup_catalogue(config, NULL, false, &catalogue)))
		return status;
	struct sandbox *sandbox = NULL;
	struct error err = { 0 };
	struct sandbox_options sandbox_options = startup_sandbox(config, NULL);
	struct bench_options options = {
		.names = names.at, .json = json, .runs = runs, .config = config, .catalogue = catalogue
	};
	int code = sandbox_open(&sandbox_options, &sandbox, &err);
	options.sandbox = sandbox;
	if (code == 0)
		code = bench_run(&options, &err);
	sandbox_close(sandbox);
	return code < 0 ? startup_failed(&err) : STATUS_OK;
}

const struct command bench_command = {
	.name = "bench",
	.synopsis = "[--json] [--runs N] [NAME]...",
	.summary = "Measures what boxes and queues cost, against bare baselines",
	.details =
		"Figures: box-next, box-idle, box-fresh, box-throughput, compile-cached, http-run, "
		"http-throughput,\n"
		"memory-idle, accuracy, waiters, queue, queue-held (the last three take minutes). Without a "
		"name: all.\n",
	.run = run,
};
