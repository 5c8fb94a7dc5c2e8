/* problem_verify.c - `arena problem verify`: packages, and whether they are what their authors say (src/verify). */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "options.h"
#include "package/package.h"
#include "print.h"
#include "problem.h"
#include "role.h"
#include "startup.h"
#include "verify/verify.h"

enum { AGAIN_NS = 10000000, BAR_CELLS = 30 };

struct verify_words {
	bool json;
	int64_t jobs, time_limit_ms;
	struct words packages;
};

struct verifying {
	const struct verify_words *words;
	struct catalogue *catalogue;
	struct sandbox *sandbox;
	struct verifier *verifier;
	bool shows_progress;
	atomic_bool over;
};

/* ---- the way there ---- */

static void show_progress(void *context, size_t done, size_t total)
{
	const struct verifying *v = context;
	char bar[BAR_CELLS + 1];
	size_t filled = total > 0 ? done * BAR_CELLS / total : 0;

	if (!v->shows_progress)
		return;
	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', filled < BAR_CELLS ? filled : BAR_CELLS);
	bar[BAR_CELLS] = '\0';
	fprintf(stderr, "\r[%s] %zu of %zu ", bar, done, total);
}

static void end_progress(const struct verifying *v)
{
	if (v->shows_progress)
		fputs("\r\033[K", stderr);
}

/* SIGINT and SIGTERM end it. One that comes between two boxes would be lost, so it is said again until it is over. */
static void *wait_for_signal(void *context)
{
	struct verifying *v = context;
	sigset_t stop;
	int number;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigwait(&stop, &number);
	while (!atomic_load(&v->over)) {
		verify_cancel(v->verifier);
		nanosleep(&(struct timespec){ .tv_nsec = AGAIN_NS }, NULL);
	}
	return NULL;
}

/* ---- as JSON ---- */

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}

static json_t *expected_json(const struct package_submission *submission, struct pool *pool)
{
	json_t *list = json_array();

	for (size_t i = 0; i < submission->expectation_count; i++) {
		const char *words = expectation_words(&submission->expectations[i], pool);

		json_array_append_new(list, text_or_null(words));
	}
	return list;
}

static json_t *submission_json(const struct verify_submission *its, struct pool *pool)
{
	const struct package_program *program = &its->submission->program;
	json_t *json = json_object();

	json_object_set_new(json, "path", text_or_null(program->path));
	json_object_set_new(json, "language", text_or_null(program->language));
	json_object_set_new(json, "expected", expected_json(its->submission, pool));
	json_object_set_new(json, "verdict", text_or_null(its->judged ? verdict_name(its->verdict) : NULL));
	json_object_set_new(json, "ok", json_boolean(its->ok));
	json_object_set_new(json, "score", its->has_score ? json_real(its->score) : json_null());
	json_object_set_new(json, "time_us", its->time_us < 0 ? json_null() : json_integer(its->time_us));
	json_object_set_new(json, "memory_bytes",
			    its->memory_bytes < 0 ? json_null() : json_integer(its->memory_bytes));
	json_object_set_new(json, "deciding_test", text_or_null(its->deciding_test));
	json_object_set_new(json, "message", text_or_null(its->message));
	return json;
}

static json_t *validators_json(const struct verification *all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->validator_count; i++) {
		const struct verify_validator *its = &all->validators[i];
		json_t *json = json_object();

		json_object_set_new(json, "path", text_or_null(its->program->path));
		json_object_set_new(json, "role", json_string(its->role));
		json_object_set_new(json, "language", text_or_null(its->program->language));
		json_object_set_new(json, "ok", json_boolean(its->ok));
		json_object_set_new(json, "message", text_or_null(its->message));
		json_array_append_new(list, json);
	}
	return list;
}

static void put_notes(json_t *list, const struct package_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct package_note *note = &notes->items[i];
		json_t *json = json_object();

		json_object_set_new(json, "path", text_or_null(note->path));
		json_object_set_new(json, "line", note->line > 0 ? json_integer(note->line) : json_null());
		json_object_set_new(json, "text", text_or_null(note->text));
		json_array_append_new(list, json);
	}
}

static int tell_json(const struct package *package, const struct package_notes *read,
		     const struct verification *all, struct pool *pool)
{
	json_t *json = json_object(), *inputs = json_array(), *submissions = json_array(),
	       *notes = json_array();

	for (size_t i = 0; i < all->check_count; i++) {
		json_t *input = json_object();

		json_object_set_new(input, "path", text_or_null(all->checks[i].path));
		json_object_set_new(input, "ok", json_boolean(all->checks[i].ok));
		json_object_set_new(input, "message", text_or_null(all->checks[i].message));
		json_array_append_new(inputs, input);
	}
	for (size_t i = 0; i < all->submission_count; i++)
		json_array_append_new(submissions, submission_json(&all->submissions[i], pool));
	put_notes(notes, read);
	put_notes(notes, &package->notes);
	put_notes(notes, &all->notes);
	json_object_set_new(json, "problem", text_or_null(package->short_name));
	json_object_set_new(json, "format", json_string(package_format_name(package->format)));
	json_object_set_new(json, "ok", json_boolean(all->ok));
	json_object_set_new(json, "time_limit_s", json_real(all->time_limit_s));
	json_object_set_new(json, "time_limit_inferred", json_boolean(all->inferred));
	json_object_set_new(json, "notes", notes);
	json_object_set_new(json, "validators", validators_json(all));
	json_object_set_new(json, "inputs", inputs);
	json_object_set_new(json, "submissions", submissions);
	return print_json(json);
}

/* ---- for people ---- */

/* A line each, in which editors find the place. */
static void print_notes(const char *path, const struct package_notes *notes)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	for (size_t i = 0; i < notes->count; i++) {
		const struct package_note *note = &notes->items[i];

		fprintf(stderr, "%.*s%s%s", (int)size, path, note->path ? "/" : "",
			note->path ? note->path : "");
		if (note->line > 0)
			fprintf(stderr, ":%d", note->line);
		fprintf(stderr, ": warning: %s\n", note->text);
	}
}

static const char *words_of(const struct package_submission *submission, struct pool *pool)
{
	const char *words = submission->expectation_count > 0 ? NULL : "anything";

	for (size_t i = 0; i < submission->expectation_count; i++) {
		const char *more = expectation_words(&submission->expectations[i], pool);

		words = words ? pool_printf(pool, "%s; %s", words, more ? more : "") : more;
	}
	return words ? words : "";
}

static void print_submission(const struct verify_submission *its, int width, struct pool *pool)
{
	const char *path = its->submission->program.path;
	const char *verdict = its->judged ? verdict_name(its->verdict) : "-";
	static const char folder[] = "submissions/";

	if (strncmp(path, folder, sizeof folder - 1) == 0)
		path += sizeof folder - 1;
	printf("  %s %-*s  %-21s", its->ok ? "ok  " : "FAIL", width, path, verdict);
	if (its->time_us >= 0)
		printf(" %7.3f s %6.1f MB", (double)its->time_us / 1e6,
		       (double)its->memory_bytes / (1 << 20));
	if (its->has_score)
		printf("  score %g", its->score);
	if (its->deciding_test)
		printf("  at %s", its->deciding_test);
	printf("\n");
	if (!its->ok)
		printf("       expected: %s\n", words_of(its->submission, pool));
	if (its->message)
		printf("       %s\n", its->message);
}

static int path_width(const struct verification *all)
{
	size_t width = 0;

	for (size_t i = 0; i < all->submission_count; i++) {
		size_t size = strlen(all->submissions[i].submission->program.path);

		width = size > width ? size : width;
	}
	return (int)width - (int)strlen("submissions/");
}

static void print_validators(const struct verification *all)
{
	for (size_t i = 0; i < all->validator_count; i++)
		if (!all->validators[i].ok)
			printf("  FAIL %s: %s\n", all->validators[i].program->path,
			       all->validators[i].message ? all->validators[i].message : "");
}

static void print_checks(const struct verification *all)
{
	size_t wrong = 0;

	for (size_t i = 0; i < all->check_count; i++) {
		if (all->checks[i].ok)
			continue;
		printf("  FAIL data/%s: %s\n", all->checks[i].path,
		       all->checks[i].message ? all->checks[i].message : "");
		wrong++;
	}
	printf("  %zu of %zu inputs and claims are as they should be\n", all->check_count - wrong,
	       all->check_count);
}

static int tell(const struct package *package, const struct verification *all, struct pool *pool)
{
	printf("%s (%s), time limit %g s%s\n", package->short_name, package_format_name(package->format),
	       all->time_limit_s, all->inferred ? ", made of its submissions" : "");
	print_validators(all);
	print_checks(all);
	for (size_t i = 0; i < all->submission_count; i++)
		print_submission(&all->submissions[i], path_width(all), pool);
	printf("%s: %s\n", package->short_name, all->ok ? "all as expected" : "NOT as expected");
	return ferror(stdout) || fflush(stdout) != 0 ? STATUS_FAILED : STATUS_OK;
}

/* ---- one package ---- */

static int refuse(const char *path, const struct error *err)
{
	fprintf(stderr, "arena problem verify: %s: %s\n", path, err->text);
	return STATUS_FAILED;
}

/* *stopped: no more of them. */
static int verify_one(struct verifying *v, const char *path, bool *stopped)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes read = { .pool = pool };
	struct package_tree tree;
	struct package package;
	struct verification all;
	struct error err = { .text = "out of memory" };

	if (!pool || package_tree_read(path, pool, &read, &tree, &err) < 0 ||
	    package_read(&tree, v->catalogue, pool, &package, &err) < 0)
		return refuse(path, &err);
	int code = verify_package(v->verifier, &package, pool, &all, &err);
	end_progress(v);
	*stopped = code == -ECANCELED;
	if (code < 0)
		return refuse(path, &err);
	if (!v->words->json) {
		print_notes(path, &read);
		print_notes(path, &package.notes);
		print_notes(path, &all.notes);
	}
	int status = v->words->json ? tell_json(&package, &read, &all, pool) : tell(&package, &all, pool);
	return status != STATUS_OK ? status : all.ok ? STATUS_OK : STATUS_FAILED;
}

/* ---- the command ---- */

static int verify_all(struct verifying *v)
{
	pthread_t waiter;
	int status = STATUS_OK;
	bool stopped = false;
	int code = pthread_create(&waiter, NULL, wait_for_signal, v);

	if (code != 0) {
		fprintf(stderr, "arena problem verify: start a thread: %s\n", strerror(code));
		return STATUS_FAILED;
	}
	for (size_t i = 0; i < v->words->packages.count && !stopped; i++) {
		int its = verify_one(v, v->words->packages.at[i], &stopped);

		status = its != STATUS_OK ? its : status;
	}
	atomic_store(&v->over, true);
	kill(getpid(), SIGTERM); /* blocked everywhere: the waiter gets it */
	pthread_join(waiter, NULL);
	return status;
}

static int open_all(struct verifying *v, struct config *config)
{
	struct error err = { 0 };
	sigset_t stop;
	int status = startup_catalogue(config, NULL, true, &v->catalogue);

	if (status != STATUS_OK)
		return status;
	role_block_signals(&stop);
	signal(SIGPIPE, SIG_IGN);
	struct sandbox_options boxes = startup_sandbox(config, v->catalogue);
	if (sandbox_open(&boxes, &v->sandbox, &err) < 0)
		return startup_failed(&err);
	const struct verify_options options = {
		.sandbox = v->sandbox,
		.catalogue = v->catalogue,
		.jobs = v->words->jobs > 0 ? (size_t)v->words->jobs : startup_slots(config),
		.time_limit_s = (double)v->words->time_limit_ms / 1000,
		.progress = show_progress,
		.context = v,
	};
	return verify_open(&options, &v->verifier, &err) < 0 ? startup_failed(&err) : STATUS_OK;
}

static int run(int argc, char **argv)
{
	struct verify_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_FLAG("json", &words.json, "one JSON object a package on standard output"),
		OPTION_NUMBER("jobs", &words.jobs, 1, 64, "N",
			      "so many submissions at once; by default one a processor"),
		OPTION_NUMBER("time-limit", &words.time_limit_ms, 1, 3600000, "MS",
			      "the time limit, in place of the package's"),
		OPTION_END,
	};
	struct verifying v = { .words = &words };
	cleanup_config struct config *config = NULL;
	int status;

	if (!options_parse(&problem_verify_command, rows, argc, argv, &words.packages, &status))
		return status;
	if (words.packages.count == 0) {
		fprintf(stderr, "arena problem verify: which package?\n");
		return STATUS_USAGE;
	}
	v.shows_progress = !words.json && isatty(STDERR_FILENO) == 1;
	status = startup_config("problem", &config);
	if (status == STATUS_OK)
		status = open_all(&v, config);
	if (status == STATUS_OK)
		status = verify_all(&v);
	verify_close(v.verifier);
	sandbox_close(v.sandbox);
	catalogue_free(v.catalogue);
	return status;
}

const struct command problem_verify_command = {
	.name = "problem verify",
	.synopsis = "[--json] [--jobs N] PACKAGE...",
	.summary = "Judges a package's own submissions, and checks its data",
	.details = "Exit status 0 when all is as the author expects, else 1. What is odd about a package is "
		   "told on\n"
		   "standard error, and is no failure. Needs root, or what `arena doctor` says, to make "
		   "boxes.\n",
	.run = run,
};
