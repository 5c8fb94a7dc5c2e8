/* admin_deliveries.c - `arena admin deliveries`: webhooks that went out, that wait, and that are dead. */
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "print.h"
#include "startup.h"

enum { PAGE = 1000 };
#define PAGE_TEXT "1000"

struct delivery_words {
	struct admin_service asked;
	const char *state; /* NULL: any */
	bool json, all;
};

static int ask(const struct delivery_words *words, const struct config *config, const char *method,
	       const char *rest, json_t **answer, struct error *err)
{
	char path[96];

	snprintf(path, sizeof path, "/api/v1/webhooks%s", rest);
	return admin_ask(&words->asked, config, &(struct admin_question){ method, path, NULL }, answer, err);
}

static int ask_list(const struct delivery_words *words, const struct config *config, const char *state,
		    json_t **deliveries, struct error *err)
{
	char rest[64];

	snprintf(rest, sizeof rest, "?limit=" PAGE_TEXT "%s%s", state ? "&status=" : "", state ? state : "");
	return ask(words, config, "GET", rest, deliveries, err);
}

static int run_list(const struct delivery_words *words, const struct config *config)
{
	cleanup_json json_t *deliveries = NULL;
	struct error err = { 0 };

	if (ask_list(words, config, words->state, &deliveries, &err) < 0)
		return startup_failed(&err);
	if (words->json)
		return print_json(json_incref(deliveries));
	printf("%-10s %-10s %-10s %-8s %-25s %-25s %s\n", "delivery", "submission", "state", "attempts",
	       "created", "last answer", "url");
	for (size_t i = 0; i < json_array_size(deliveries); i++) {
		const json_t *row = json_array_get(deliveries, i);

		printf("%-10" JSON_INTEGER_FORMAT " %-10" JSON_INTEGER_FORMAT " %-10s %-8" JSON_INTEGER_FORMAT
		       " %-25s %-25s %s\n",
		       admin_number(row, "delivery_id"), admin_number(row, "submission_id"),
		       admin_text(row, "status"), admin_number(row, "attempts"),
		       admin_text(row, "created_at"), admin_text(row, "response"), admin_text(row, "url"));
	}
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

static int run_show(const struct delivery_words *words, const struct config *config, const char *id)
{
	json_t *delivery = NULL;
	struct error err = { 0 };
	char rest[32];

	snprintf(rest, sizeof rest, "/%s", id);
	if (ask(words, config, "GET", rest, &delivery, &err) < 0)
		return startup_failed(&err);
	return print_json(delivery);
}

static int replay(const struct delivery_words *words, const struct config *config, const char *id)
{
	cleanup_json json_t *answer = NULL;
	struct error err = { 0 };
	char rest[48];

	snprintf(rest, sizeof rest, "/%s/replay", id);
	if (ask(words, config, "POST", rest, &answer, &err) < 0)
		return startup_failed(&err);
	printf("delivery %s is sent again\n", id);
	return STATUS_OK;
}

static int replay_dead(const struct delivery_words *words, const struct config *config)
{
	cleanup_json json_t *dead = NULL;
	struct error err = { 0 };
	int status = STATUS_OK;

	if (ask_list(words, config, "dead", &dead, &err) < 0)
		return startup_failed(&err);
	for (size_t i = 0; i < json_array_size(dead) && status == STATUS_OK; i++) {
		char id[24];

		snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
			 admin_number(json_array_get(dead, i), "delivery_id"));
		status = replay(words, config, id);
	}
	if (status == STATUS_OK && json_array_size(dead) == PAGE)
		fprintf(stderr, "these were " PAGE_TEXT "; there may be more\n");
	return status;
}

static bool is_state(const char *state)
{
	return !state || strcmp(state, "pending") == 0 || strcmp(state, "delivered") == 0 ||
	       strcmp(state, "dead") == 0;
}

static int run_words(const struct delivery_words *words, const struct config *config,
		     const struct words *rest)
{
	const char *what = rest->count > 0 ? rest->at[0] : "list";
	int status = STATUS_OK;

	if (strcmp(what, "list") == 0 && rest->count <= 1 && is_state(words->state))
		return run_list(words, config);
	if (strcmp(what, "show") == 0 && rest->count == 2 && admin_are_ids(rest, 1))
		return run_show(words, config, rest->at[1]);
	if (strcmp(what, "replay") == 0 && rest->count == 1 && words->all)
		return replay_dead(words, config);
	if (strcmp(what, "replay") == 0 && rest->count > 1 && !words->all && admin_are_ids(rest, 1)) {
		for (size_t i = 1; i < rest->count && status == STATUS_OK; i++)
			status = replay(words, config, rest->at[i]);
		return status;
	}
	fprintf(stderr,
		"arena admin deliveries: list [--state pending|delivered|dead], show ID, replay ID... "
		"or replay --all?\n");
	return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
	struct delivery_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_TEXT("state", &words.state, "STATE", "list: pending, delivered or dead ones alone"),
		OPTION_FLAG("all", &words.all, "replay: the thousand latest dead ones"),
		OPTION_TEXT("service", &words.asked.url, "URL",
			    "the service; default the first of EXECUTION_LISTEN"),
		OPTION_TEXT("key-file", &words.asked.key_file, "FILE",
			    "holds an admin key; default the admin-key in DATA_DIR, if there is one"),
		OPTION_FLAG("json", &words.json, "list: one JSON array on standard output"),
		OPTION_END,
	};
	cleanup_config struct config *config = NULL;
	struct words rest;
	int status;

	if (!options_parse(&admin_deliveries_command, rows, argc, argv, &rest, &status))
		return status;
	if ((status = startup_config("admin", &config)))
		return status;
	return run_words(&words, config, &rest);
}

const struct command admin_deliveries_command = {
	.name = "admin deliveries",
	.synopsis = "[list|show|replay] [ID]... [OPTION]...",
	.summary = "Lists webhooks, and sends them again",
	.details = "`list` has the thousand latest; `show` has each attempt of one. One that is replayed has "
		   "all\n"
		   "its attempts again, under the same webhook-id and with the same body.\n",
	.run = run,
};
