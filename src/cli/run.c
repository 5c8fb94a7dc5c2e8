/* run.c - `arena run`: one program, in a box, without a server.
 *
 * Compiling and running are the judge's, as for any submission; here are the words of the command line, and
 * the streams, which pass through unless --json collects them. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "commands.h"
#include "judge/judge.h"
#include "model/message.h"
#include "options.h"
#include "print.h"
#include "relay.h"
#include "role.h"
#include "run_result.h"
#include "startup.h"

enum {
	SOURCE_MAX_BYTES = 64 << 20,
	INPUT_MAX_BYTES = 1 << 30,
	AGAIN_NS = 10000000,
};

struct run {
	/* the words */
	const char *language_name, *input;
	int64_t time_ms, wall_ms, memory_mb, processes, output_bytes;
	struct words args, files;
	bool json, base64, verbose;

	struct config *config;
	struct catalogue *catalogue;
	struct pool *pool;
	struct sandbox *sandbox;
	struct judge *judge;
	int input_fd; /* what --stdin names, or our own; -1 when it was read into the task */
	struct task task;
	atomic_bool over;
};

/* ---- the words ---- */

/* `arena run --args A B FILE`: with no file elsewhere, the last word is it. */
static void settle_files(struct run *run)
{
	if (run->files.count > 0 || run->args.count == 0)
		return;
	run->files.at[run->files.count++] = run->args.at[--run->args.count];
	run->args.at[run->args.count] = NULL;
}

static int read_words(struct run *run, int argc, char **argv, int *status)
{
	const struct option_row rows[] = {
		OPTION_TEXT("language", &run->language_name, "L",
			    "identifier or alias; default: by the first file's name"),
		OPTION_TEXT("stdin", &run->input, "FILE",
			    "what the program reads; - is standard input, the default"),
		OPTION_NUMBER("time", &run->time_ms, 1, 86400000, "MS", "CPU time"),
		OPTION_NUMBER("wall", &run->wall_ms, 1, 86400000, "MS",
			      "wall time; default twice --time and 1 s"),
		OPTION_NUMBER("memory", &run->memory_mb, 1, 1048576, "MB", "memory"),
		OPTION_NUMBER("processes", &run->processes, 1, 65536, "N", "processes and threads"),
		OPTION_NUMBER("output", &run->output_bytes, 1, INT64_C(1) << 40, "BYTES",
			      "output on each stream"),
		OPTION_WORDS("args", &run->args, "A...",
			     "the program's arguments, up to the next option; or --args=A, repeated"),
		OPTION_FLAG("json", &run->json, "collect the output and print one JSON object"),
		OPTION_FLAG("base64", &run->base64,
			    "with --json: outputs in base64, so that every byte is kept"),
		OPTION_FLAG("verbose", &run->verbose, "a line about the run on standard error"),
		OPTION_END,
	};
	if (!options_parse(&run_command, rows, argc, argv, &run->files, status))
		return -1;
	settle_files(run);
	if (run->files.count > 0)
		return 0;
	fprintf(stderr, "arena run: which file?\n");
	*status = STATUS_USAGE;
	return -1;
}

/* ---- the task ---- */

/* Who says the language may call his file as he likes: it gets the language's own name then. */
static bool has_own_name(const struct run *run)
{
	const struct language *language = catalogue_by_extension(run->catalogue, run->files.at[0]);
	return language && strcmp(language->id, run->task.language) == 0;
}

/* Names in the box: beneath the first file's folder as they are there, others without their folder. */
static const char *name_in_box(const char *first, const char *path)
{
	const char *slash = strrchr(first, '/');
	size_t folder = slash ? (size_t)(slash - first) + 1 : 0;
	if (folder > 0 && strncmp(first, path, folder) == 0)
		return path + folder;
	slash = strrchr(path, '/');
	return slash && (folder > 0 || path[0] == '/' || path[0] == '.') ? slash + 1 : path;
}

static int read_files(struct run *run, struct error *err)
{
	struct task_file *files = pool_array(run->pool, run->files.count, sizeof *files);
	if (!files)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < run->files.count; i++) {
		cleanup_buffer struct buffer text = { 0 };
		if (file_read_all(run->files.at[i], SOURCE_MAX_BYTES, &text, err) < 0)
			return err->code;
		files[i] = (struct task_file){
			.name = name_in_box(run->files.at[0], run->files.at[i]),
			.data = pool_memdup(run->pool, text.data, text.size),
			.size = text.size,
		};
		if (!files[i].data)
			return error_set(err, -ENOMEM, "out of memory");
	}
	if (!has_own_name(run))
		files[0].name = NULL;
	run->task.files = files;
	run->task.file_count = run->files.count;
	return 0;
}

/* A regular file is copied: the program could open its descriptor again, for writing. */
static int read_input(struct run *run, struct task_test *test, struct error *err)
{
	struct stat status;
	cleanup_buffer struct buffer bytes = { 0 };
	bool own = !run->input || strcmp(run->input, "-") == 0;
	if (own && fstat(STDIN_FILENO, &status) == 0 && !S_ISREG(status.st_mode)) {
		run->input_fd = STDIN_FILENO;
		return 0;
	}
	int code = own ? fd_read_all(STDIN_FILENO, INPUT_MAX_BYTES, &bytes, err)
		       : file_read_all(run->input, INPUT_MAX_BYTES, &bytes, err);
	if (code == -EBADF) /* started without a standard input */
		return 0;
	if (code < 0)
		return error_wrap(err, "standard input");
	test->input_size = bytes.size;
	test->input = pool_memdup(run->pool, bytes.data, bytes.size);
	return test->input ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static void set_limits(struct run *run)
{
	struct limits *limits = &run->task.limits;
	config_limits(run->config, limits, &run->task.compile_limits);
	if (run->time_ms)
		limits->cpu_time_us = run->time_ms * 1000;
	if (run->wall_ms || run->time_ms)
		limits->wall_time_us = (run->wall_ms ? run->wall_ms : 2 * run->time_ms + 1000) * 1000;
	if (run->memory_mb)
		limits->memory_bytes = run->memory_mb << 20;
	if (run->processes)
		limits->processes = (int)run->processes;
	if (run->output_bytes)
		limits->output_bytes = run->output_bytes;
}

static int build_task(struct run *run)
{
	struct error err = { 0 };
	static struct task_test test = { .input = "", .answer = "" };
	if (read_files(run, &err) < 0 || read_input(run, &test, &err) < 0) {
		startup_failed(&err);
		return STATUS_USAGE;
	}
	run->task.args = run->args.at;
	run->task.tests = &test;
	run->task.test_count = 1;
	set_limits(run);
	return STATUS_OK;
}

static int refuse_language(const char *name, const struct catalogue *catalogue)
{
	const char *ids[65] = { NULL };
	size_t count = 0;
	for (size_t i = 0; i < catalogue_count(catalogue) && count < 64; i++)
		if (!catalogue_at(catalogue, i)->unlisted)
			ids[count++] = catalogue_at(catalogue, i)->id;
	const char *meant = nearest_name(name, ids);
	fprintf(stderr, "arena run: there is no language %s; ", name);
	if (meant)
		fprintf(stderr, "did you mean %s?\n", meant);
	else
		fprintf(stderr, "`arena languages` lists them\n");
	return STATUS_USAGE;
}

static int find_language(struct run *run)
{
	const struct language *language = run->language_name
						  ? catalogue_find(run->catalogue, run->language_name)
						  : catalogue_by_extension(run->catalogue, run->files.at[0]);
	if (language && language->unlisted)
		language = NULL;
	if (!language && run->language_name)
		return refuse_language(run->language_name, run->catalogue);
	if (!language) {
		fprintf(stderr, "arena run: %s: no language has this extension; say --language\n",
			run->files.at[0]);
		return STATUS_USAGE;
	}
	catalogue_probe(run->catalogue, language); /* the others' tools need not be asked */
	if (!language->available) {
		fprintf(stderr, "arena run: %s is not available here: %s\n", language->name,
			language->unavailable_reason);
		return RUN_NO_BOX;
	}
	run->task.language = language->id;
	return STATUS_OK;
}

/* ---- running it ---- */

static void cancel(void *run)
{
	judge_cancel(((struct run *)run)->judge);
}

/* SIGINT and SIGTERM end the run. One that comes while the judge is between two boxes would be lost, so it is
 * said again until the judge is done. */
static void *wait_for_signal(void *context)
{
	struct run *run = context;
	sigset_t stop;
	int number;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigwait(&stop, &number);
	while (!atomic_load(&run->over)) {
		judge_cancel(run->judge);
		nanosleep(&(struct timespec){ .tv_nsec = AGAIN_NS }, NULL);
	}
	return NULL;
}

static int judge_collecting(struct run *run, struct report *report, struct error *err)
{
	judge_set_streams(run->judge, &(struct judge_streams){ run->input_fd, -1, -1 });
	return judge_run(run->judge, &run->task, NULL, NULL, run->pool, report, err);
}

/* What only the relays know: that the run was ended because of its output, or because nobody reads it. */
static void amend(const struct limits *limits, struct report *report, const struct relay *out,
		  const struct relay *error)
{
	static char too_much[MESSAGE_BYTES];
	if (report->run_count == 0)
		return;
	struct run_report *run = &report->runs[0];
	if (out->flooded || error->flooded) {
		report->verdict = run->verdict = VERDICT_OUTPUT_LIMIT_EXCEEDED;
		run->outcome = box_outcome_name(BOX_OUTPUT_LIMIT);
		message_of_run(&(struct run_facts){ .hit_output_limit = true }, limits, too_much);
		run->message = too_much;
	} else if (out->broken || error->broken) {
		report->verdict = run->verdict = VERDICT_RUNTIME_ERROR;
		run->outcome = box_outcome_name(BOX_SIGNALED);
		run->signal = SIGPIPE;
		run->message = "Nobody reads its output";
	}
}

static int judge_passing_through(struct run *run, struct report *report, struct error *err)
{
	struct relay out, error;
	int64_t cap = run->task.limits.output_bytes;
	if (relay_start(&out, STDOUT_FILENO, cap, cancel, run, err) < 0)
		return err->code;
	int code = relay_start(&error, STDERR_FILENO, cap, cancel, run, err);
	if (code < 0) {
		relay_finish(&out);
		return code;
	}
	judge_set_streams(run->judge,
			  &(struct judge_streams){ run->input_fd, out.write_end, error.write_end });
	code = judge_run(run->judge, &run->task, NULL, NULL, run->pool, report, err);
	relay_finish(&out);
	relay_finish(&error);
	if (code == 0)
		amend(&run->task.limits, report, &out, &error);
	return code;
}

static int judge_it(struct run *run, struct report *report, struct error *err)
{
	pthread_t waiter;
	if (judge_new(run->sandbox, run->catalogue, &run->judge, err) < 0)
		return err->code;
	int code = pthread_create(&waiter, NULL, wait_for_signal, run);
	if (code != 0)
		return error_set(err, -code, "start a thread: %s", strerror(code));
	code = run->json ? judge_collecting(run, report, err) : judge_passing_through(run, report, err);
	atomic_store(&run->over, true);
	kill(getpid(), SIGTERM); /* blocked everywhere: the waiter gets it */
	pthread_join(waiter, NULL);
	return code;
}

/* ---- telling ---- */

static int tell(const struct run *run, const struct report *report)
{
	int status = run_exit_status(report);
	if (run->json) {
		int printed = print_json(run_json(run->task.language, report, run->base64));
		status = printed ? printed : status;
	} else if (status == RUN_NOT_COMPILED) {
		size_t size = report->compile_output_size;
		fwrite(report->compile_output, 1, size, stderr);
		if (size > 0 && report->compile_output[size - 1] != '\n')
			fputc('\n', stderr);
	}
	if (run->verbose || isatty(STDERR_FILENO) == 1 || report->verdict == VERDICT_JUDGE_ERROR)
		run_print_summary(report);
	return status;
}

/* ---- the command ---- */

static int run_it(struct run *run)
{
	struct error err = { 0 };
	struct report report = { .compile_output = "" };
	sigset_t stop;
	int status = startup_catalogue(run->config, NULL, false, &run->catalogue);
	if (status)
		return RUN_NO_BOX;
	if ((status = find_language(run)) || (status = build_task(run)))
		return status;
	role_block_signals(&stop);
	signal(SIGPIPE, SIG_IGN);
	struct sandbox_options options = startup_sandbox(run->config, run->catalogue);
	if (sandbox_open(&options, &run->sandbox, &err) < 0 || judge_it(run, &report, &err) < 0) {
		startup_failed(&err);
		return RUN_NO_BOX;
	}
	return tell(run, &report);
}

static int run(int argc, char **argv)
{
	struct run run = { .input_fd = -1 };
	int status;
	if (read_words(&run, argc, argv, &status) < 0)
		return status;
	if ((status = startup_config("run", &run.config)) == STATUS_OK && (run.pool = pool_new()))
		status = run_it(&run);
	judge_free(run.judge);
	sandbox_close(run.sandbox);
	catalogue_free(run.catalogue);
	pool_free(run.pool);
	config_free(run.config);
	return status;
}

const struct command run_command = {
	.name = "run",
	.synopsis = "[OPTION]... FILE...",
	.summary = "Runs a program in a box; several files make one program",
	.details = "Exit status: the program's own, or 128 and the signal that ended it, or 124 for a time "
		   "limit,\n"
		   "137 for the memory limit, 153 for the output and file limits, 125 when there was no box, "
		   "126 when\n"
		   "it does not compile. A program can choose these numbers too: --json tells for certain.\n"
		   "Limits that are not given are those of a submission (`arena config`). Needs root to make "
		   "a box,\n"
		   "or SANDBOX_SOCKET of a running `arena lanes`.\n",
	.run = run,
};
