/* admin_jobs.c - `arena admin jobs`: jobs that no worker could finish. */
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "print.h"
#include "startup.h"

struct job_words {
	struct admin_service asked;
	bool json, all;
};

static int ask(const struct job_words *words, const struct config *config, const char *method,
	       const char *rest, json_t **answer, struct error *err)
{
	char path[80];

	snprintf(path, sizeof path, "/api/v1/dead-letters%s", rest);
	return admin_ask(&words->asked, config, &(struct admin_question){ method, path, NULL }, answer, err);
}

static int run_list(const struct job_words *words, const struct config *config)
{
	cleanup_json json_t *letters = NULL;
	struct error err = { 0 };

	if (ask(words, config, "GET", "?limit=1000", &letters, &err) < 0)
		return startup_failed(&err);
	if (words->json)
		return print_json(json_incref(letters));
	printf("%-10s %-12s %-12s %-8s %-25s %s\n", "submission", "language", "class", "attempts", "at",
	       "reason");
	for (size_t i = 0; i < json_array_size(letters); i++) {
		const json_t *letter = json_array_get(letters, i);

		printf("%-10" JSON_INTEGER_FORMAT " %-12s %-12s %-8" JSON_INTEGER_FORMAT " %-25s %s\n",
		       admin_number(letter, "submission_id"), admin_text(letter, "language"),
		       admin_text(letter, "class"), admin_number(letter, "attempts"),
		       admin_text(letter, "at"), admin_text(letter, "reason"));
	}
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

static int run_show(const struct job_words *words, const struct config *config, const char *id)
{
	json_t *letter = NULL;
	struct error err = { 0 };
	char rest[32];

	snprintf(rest, sizeof rest, "/%s", id);
	if (ask(words, config, "GET", rest, &letter, &err) < 0)
		return startup_failed(&err);
	return print_json(letter);
}

static int requeue(const struct job_words *words, const struct config *config, const char *id)
{
	cleanup_json json_t *answer = NULL;
	struct error err = { 0 };
	char rest[48];

	snprintf(rest, sizeof rest, "/%s/requeue", id);
	if (ask(words, config, "POST", rest, &answer, &err) < 0)
		return startup_failed(&err);
	printf("submission %s waits again\n", id);
	return STATUS_OK;
}

static int requeue_all(const struct job_words *words, const struct config *config)
{
	cleanup_json json_t *letters = NULL;
	struct error err = { 0 };
	int status = STATUS_OK;

	if (ask(words, config, "GET", "?limit=1000", &letters, &err) < 0)
		return startup_failed(&err);
	for (size_t i = 0; i < json_array_size(letters) && status == STATUS_OK; i++) {
		char id[24];

		snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
			 admin_number(json_array_get(letters, i), "submission_id"));
		status = requeue(words, config, id);
	}
	return status;
}

static int run_words(const struct job_words *words, const struct config *config, const struct words *rest)
{
	const char *what = rest->count > 0 ? rest->at[0] : "";
	int status = STATUS_OK;

	if (strcmp(what, "list") == 0 && rest->count == 1)
		return run_list(words, config);
	if (strcmp(what, "show") == 0 && rest->count == 2 && admin_are_ids(rest, 1))
		return run_show(words, config, rest->at[1]);
	if (strcmp(what, "requeue") == 0 && rest->count == 1 && words->all)
		return requeue_all(words, config);
	if (strcmp(what, "requeue") == 0 && rest->count > 1 && !words->all && admin_are_ids(rest, 1)) {
		for (size_t i = 1; i < rest->count && status == STATUS_OK; i++)
			status = requeue(words, config, rest->at[i]);
		return status;
	}
	fprintf(stderr,
		"arena admin jobs: list, show ID, requeue ID... or requeue --all? IDs are submissions'\n");
	return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
	struct job_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_FLAG("all", &words.all, "requeue: the thousand oldest that there are"),
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

	if (!options_parse(&admin_jobs_command, rows, argc, argv, &rest, &status))
		return status;
	if ((status = startup_config("admin", &config)))
		return status;
	return run_words(&words, config, &rest);
}

const struct command admin_jobs_command = {
	.name = "admin jobs",
	.synopsis = "list|show|requeue [ID]... [OPTION]...",
	.summary = "Lists dead jobs, and puts them into the queue again",
	.details = "A job is dead when each of its attempts came to nothing, as when its worker died; its "
		   "submission\n"
		   "has ended with judge_error. Requeued, it has all its attempts again.\n",
	.run = run,
};
