/* config.c - `arena config` */
#include <stdio.h>

#include "commands.h"
#include "options.h"
#include "startup.h"

static int run(int argc, char **argv)
{
	bool markdown = false;
	const struct option_row rows[] = {
		OPTION_FLAG("markdown", &markdown,
			    "the table of variables for docs/configuration.md instead"),
		OPTION_END,
	};
	int status;
	if (!options_parse(&config_command, rows, argc, argv, NULL, &status))
		return status;
	if (markdown) {
		config_print_markdown(stdout);
		return STATUS_OK;
	}
	cleanup_config struct config *config = NULL;
	if ((status = startup_config("config", &config)) == STATUS_OK)
		config_print(config, stdout);
	return status;
}

const struct command config_command = {
	.name = "config",
	.synopsis = "[--markdown]",
	.summary = "Prints every variable with its value, secrets masked",
	.details = "Values come from the defaults, from `.env` in the working directory, and from the "
		   "environment;\n"
		   "the later wins. A value that is not accepted is named here as at every start.\n",
	.run = run,
};
