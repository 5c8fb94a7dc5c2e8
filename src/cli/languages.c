/* languages.c - `arena languages` */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "commands.h"
#include "options.h"
#include "print.h"
#include "startup.h"

static json_t *list_json(const char *const *texts)
{
	json_t *list = json_array();
	for (; *texts; texts++)
		json_array_append_new(list, json_string(*texts));
	return list;
}

static json_t *language_json(const struct language *language)
{
	return json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:o, s:o}", "id", language->id, "name", language->name,
			 "available", language->available, "version", language->version, "reason",
			 language->unavailable_reason, "aliases", list_json(language->aliases), "extensions",
			 list_json(language->extensions));
}

static int print_json_list(const struct catalogue *catalogue)
{
	json_t *list = json_array();
	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		if (!catalogue_at(catalogue, i)->unlisted)
			json_array_append_new(list, language_json(catalogue_at(catalogue, i)));
	return print_json(json_pack("{s:o}", "languages", list));
}

static void print_row(const struct language *language)
{
	cleanup_buffer struct buffer names = { 0 };
	for (const char *const *alias = language->aliases; *alias; alias++)
		buffer_printf(&names, "%s%s", names.size ? ", " : "", *alias);
	for (const char *const *extension = language->extensions; *extension; extension++)
		buffer_printf(&names, "%s.%s", names.size ? ", " : "", *extension);
	printf("%-12s %-12s %-14s %s\n", language->id, language->name,
	       language->available ? language->version : "-", buffer_text(&names));
	if (!language->available)
		printf("%-12s %s\n", "", language->unavailable_reason);
}

static int run(int argc, char **argv)
{
	bool json = false;
	const struct option_row rows[] = {
		OPTION_FLAG("json", &json, "one JSON object on standard output"),
		OPTION_END,
	};
	int status;
	if (!options_parse(&languages_command, rows, argc, argv, NULL, &status))
		return status;
	cleanup_config struct config *config = NULL;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	if ((status = startup_config("languages", &config)) ||
	    (status = startup_catalogue(config, NULL, true, &catalogue)))
		return status;
	if (json)
		return print_json_list(catalogue);
	printf("%-12s %-12s %-14s %s\n", "identifier", "name", "version", "also known as");
	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		if (!catalogue_at(catalogue, i)->unlisted)
			print_row(catalogue_at(catalogue, i));
	return STATUS_OK;
}

const struct command languages_command = {
	.name = "languages",
	.synopsis = "[--json]",
	.summary = "Lists the languages with the versions found on this host",
	.run = run,
};
