#include "judging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sandbox *sandbox;
static struct catalogue *catalogue;
static struct judge *judge, *helper;

static int open_all(struct error *err)
{
	struct sandbox_options options = { .socket_path = getenv("SANDBOX_SOCKET"), .program = LANE_MAKER };

	if (catalogue_load(LANGUAGES_DIR, &catalogue, err) < 0)
		return err->code;
	catalogue_probe(catalogue, NULL);
	catalogue_read_ahead(catalogue); /* or the first run of each is charged for its toolchain */
	options.visible = catalogue_visible(catalogue);
	if (sandbox_open(&options, &sandbox, err) < 0)
		return err->code;
	return judge_new(sandbox, catalogue, &judge, err);
}

int judging_open(void **state)
{
	struct error err = { 0 };

	(void)state;
	if (!getenv("SANDBOX_SOCKET") && geteuid() != 0) {
		fprintf(stderr, "Judging needs lanes: run as root, or set SANDBOX_SOCKET.\n");
		return -1;
	}
	if (open_all(&err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return -1;
}

int judging_close(void **state)
{
	(void)state;
	judge_free(helper);
	judge_free(judge);
	sandbox_close(sandbox);
	catalogue_free(catalogue);
	return 0;
}

struct judge *judging_judge(void)
{
	return judge;
}

struct judge *judging_helper(void)
{
	struct error err = { 0 };

	if (!helper && judge_new(sandbox, catalogue, &helper, &err) < 0)
		fail_msg("%s", err.text);
	return helper;
}

const struct catalogue *judging_catalogue(void)
{
	return catalogue;
}

static const char *const no_args[] = { NULL };

static const struct limits run_limits = {
	.cpu_time_us = 2000000,
	.wall_time_us = 10000000,
	.memory_bytes = 128 << 20,
	.output_bytes = 64 << 10,
	.file_bytes = 16 << 20,
	.disk_bytes = 64 << 20,
	.inodes = 4096,
	.processes = 64,
	.open_files = 256,
	.cpus = 1,
};

static const struct limits compile_limits = {
	.cpu_time_us = 30000000,
	.wall_time_us = 61000000,
	.memory_bytes = 1024 << 20,
	.output_bytes = 64 << 10,
	.file_bytes = 256 << 20,
	.disk_bytes = 512 << 20,
	.inodes = 16384,
	.processes = 256,
	.open_files = 1024,
	.cpus = 0,
};

void judging_plain(struct judging_task *task, const char *language, const char *code, const char *input)
{
	*task = (struct judging_task){
		.task = { .language = language,
			  .args = no_args,
			  .limits = run_limits,
			  .compile_limits = compile_limits },
		.tests = { { .input = input, .input_size = strlen(input), .answer = "" } },
	};
	task->task.files = task->files;
	task->task.tests = task->tests;
	task->task.test_count = 1;
	judging_add_file(task, NULL, code);
}

void judging_add_file(struct judging_task *task, const char *name, const char *data)
{
	assert_true(task->task.file_count < sizeof task->files / sizeof task->files[0]);
	task->files[task->task.file_count++] =
		(struct task_file){ .name = name, .data = data, .size = strlen(data) };
}

void judging_add_test(struct judging_task *task, const char *input, const char *answer)
{
	if (!task->task.judged)
		task->task.test_count = 0;
	task->task.judged = true;
	assert_true(task->task.test_count < sizeof task->tests / sizeof task->tests[0]);
	task->tests[task->task.test_count++] = (struct task_test){
		.input = input,
		.input_size = strlen(input),
		.answer = answer,
		.answer_size = strlen(answer),
		.compare = true,
	};
}

struct report judging_run(const struct judging_task *task, struct pool *pool)
{
	struct report report;
	struct error err = { 0 };

	if (judge_run(judge, &task->task, NULL, NULL, pool, &report, &err) < 0)
		fail_msg("%s", err.text);
	return report;
}

void judging_expect(const char *what, const struct report *report, enum verdict verdict)
{
	const struct run_report *run = report->run_count ? &report->runs[report->run_count - 1] : NULL;

	if (report->verdict == verdict)
		return;
	print_error("compile: %s, %.1000s\n", compile_status_name(report->compile), report->compile_output);
	if (run)
		print_error("last run: %s, exit %d, signal %d, cpu %ld us, wall %ld us, %ld bytes, %ld "
			    "processes\n"
			    "stdout: %.500s\nstderr: %.1000s\n",
			    run->outcome, run->exit_code, run->signal, (long)run->cpu_us, (long)run->wall_us,
			    (long)run->memory_bytes, (long)run->processes_peak, run->output,
			    run->error_output);
	fail_msg("%s: %s, expected %s", what, verdict_name(report->verdict), verdict_name(verdict));
}
