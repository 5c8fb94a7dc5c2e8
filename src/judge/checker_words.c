/* What a program that judges left, and what that means. All of it is what hostile code chose: sizes are bounded by what
 * may be collected, texts are cut, and no sentence of ours repeats any of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "model/message.h"

enum { WORDS_BYTES_MAX = 16 << 10, FILES_MAX = 1000 };

/* ---- what it left ---- */

struct left {
	const struct task_program *program;
	const char *name;
	const struct limits *limits;
	struct pool *pool;
	struct check *check;
	int status; /* -1: unknown */
	bool bad_number;
	bool failed; /* memory is out */
};

static const char *words(struct left *left, const void *bytes, size_t *size)
{
	*size = *size > WORDS_BYTES_MAX ? WORDS_BYTES_MAX : *size;
	const char *copy = pool_memdup(left->pool, bytes, *size);
	left->failed = left->failed || !copy;
	return copy;
}

static int read_status(const struct bundle_file *file)
{
	char text[8] = "", *end;

	if (file->size >= sizeof text)
		return -1;
	memcpy(text, file->data, file->size);
	long status = strtol(text, &end, 10);
	return end > text && *end == '\n' && status >= 0 && status <= 255 ? (int)status : -1;
}

/* Whole: another run reads it. */
static const char *keep(struct left *left, const struct bundle_file *file, size_t *size)
{
	const char *copy = pool_memdup(left->pool, file->data, file->size);

	left->failed = left->failed || !copy;
	*size = copy ? file->size : 0;
	return copy;
}

static void keep_feedback(struct left *left, const struct bundle_file *file, const char *name)
{
	struct check *check = left->check;
	struct bundle_file *kept = &check->kept[check->kept_count++];

	kept->name = pool_printf(left->pool, ".judge/kept/%s", name);
	kept->data = keep(left, file, &kept->size);
	left->failed = left->failed || !kept->name;
}

static void take_feedback(struct left *left, const struct bundle_file *file, const char *name)
{
	struct check *check = left->check;

	if (strcmp(name, "nextpass.in") == 0) {
		check->next = keep(left, file, &check->next_size);
		return;
	}
	keep_feedback(left, file, name);
	if (strcmp(name, "judgemessage.txt") == 0) {
		check->judge_message_size = file->size;
		check->judge_message = words(left, file->data, &check->judge_message_size);
	} else if (strcmp(name, "teammessage.txt") == 0) {
		check->team_message_size = file->size;
		check->team_message = words(left, file->data, &check->team_message_size);
	} else if (strcmp(name, "score.txt") == 0) {
		check->has_score = true;
		left->bad_number |= !checker_number(file->data, file->size, &check->score);
	} else if (strcmp(name, "score_multiplier.txt") == 0) {
		check->has_multiplier = true;
		left->bad_number |= !checker_number(file->data, file->size, &check->multiplier);
	}
}

static int take_file(const struct bundle_file *file, void *context)
{
	static const char feedback[] = "feedback/";
	struct left *left = context;
	const char *name = file->name + sizeof ".judge/left/" - 1;

	if (strcmp(name, "status") == 0)
		left->status = read_status(file);
	else if (strcmp(name, "output") == 0)
		left->check->output = keep(left, file, &left->check->output_size);
	else if (strncmp(name, feedback, sizeof feedback - 1) == 0)
		take_feedback(left, file, name + sizeof feedback - 1);
	return 0;
}

static int count_file(const struct bundle_file *file, void *context)
{
	(void)file;
	++*(size_t *)context;
	return 0;
}

static int take_files(struct left *left, int bundle_fd, struct error *err)
{
	size_t count = 0;
	int code = bundle_visit(bundle_fd, count_file, &count, err);

	if (code == 0 && !(left->check->kept = pool_array(left->pool, count + 1, sizeof *left->check->kept)))
		code = error_set(err, -ENOMEM, "out of memory");
	return code < 0 ? code : bundle_visit(bundle_fd, take_file, left, err);
}

/* ---- what it means ---- */

static const char *failure_of_box(const struct left *left, const struct box_result *result)
{
	const struct limits *limits = left->limits;
	long long output_kb = (long long)(limits->output_bytes >> 10);

	switch (result->outcome) {
	case BOX_CPU_LIMIT:
		return pool_printf(left->pool, "The %s took longer than %.2f s", left->name,
				   (double)limits->cpu_time_us / 1e6);
	case BOX_WALL_LIMIT:
		return pool_printf(left->pool, "The %s took longer than %.2f s of wall time", left->name,
				   (double)limits->wall_time_us / 1e6);
	case BOX_MEMORY_LIMIT:
		return pool_printf(left->pool, "The %s used more than %lld MB of memory", left->name,
				   (long long)(limits->memory_bytes >> 20));
	case BOX_OUTPUT_LIMIT:
		return pool_printf(left->pool, "The %s wrote more than %lld KB", left->name, output_kb);
	case BOX_EXITED:
		if (result->exit_code == 0)
			return pool_printf(left->pool, "The %s left more than %lld KB, or nothing",
					   left->name, output_kb);
		break;
	default: break;
	}
	return pool_printf(left->pool, "The %s was ended", left->name);
}

/* A shell tells a signal as 128 and its number. */
static const char *failure_of_status(const struct left *left)
{
	char name[SIGNAL_NAME_BYTES];

	if (left->status < 0)
		return pool_printf(left->pool, "The %s was ended", left->name);
	if (left->status > 128)
		return pool_printf(left->pool, "The %s was killed by %s", left->name,
				   signal_name(left->status - 128, name));
	return pool_printf(left->pool, "The %s exited with code %d", left->name, left->status);
}

static void judge_end(const struct box_result *result, struct left *left)
{
	enum convention convention = left->program->convention;
	struct check *check = left->check;

	if (checker_points(convention, left->status, result->stderr_data, result->stderr_size, &check->score))
		check->has_score = true;
	check->comparison = checker_comparison(convention, left->status, check->has_score, check->score);
	if (check->comparison == COMPARISON_FAILED)
		check->failure = failure_of_status(left);
	if (check->comparison == COMPARISON_EQUAL && left->bad_number) {
		check->comparison = COMPARISON_FAILED;
		check->failure = pool_printf(left->pool, "The %s gave a score that is no number", left->name);
	}
	if (check->kept_count > FILES_MAX) { /* they are placed again, beside others */
		check->comparison = COMPARISON_FAILED;
		check->failure =
			pool_printf(left->pool, "The %s left more than %d files", left->name, FILES_MAX);
	}
}

/* testlib's programs speak on their standard error, and so does one that fails. */
static void take_last_words(const struct box_result *result, struct left *left)
{
	struct check *check = left->check;

	if (check->judge_message || result->stderr_size == 0 ||
	    (left->program->convention == CONVENTION_ICPC && check->comparison != COMPARISON_FAILED))
		return;
	check->judge_message_size = result->stderr_size;
	check->judge_message = words(left, result->stderr_data, &check->judge_message_size);
}

int checker_read(const struct task_program *program, const char *name, const struct limits *limits,
		 const struct box_result *result, struct pool *pool, struct check *check, struct error *err)
{
	struct left left = {
		.program = program, .name = name, .limits = limits, .pool = pool, .check = check, .status = -1
	};
	int code = 0;

	*check = (struct check){ .comparison = COMPARISON_FAILED };
	if (result->collected_fd >= 0 && (code = take_files(&left, result->collected_fd, err)) == 0)
		judge_end(result, &left);
	else if (result->outcome == BOX_CANCELLED)
		check->cancelled = true;
	else
		check->failure = failure_of_box(&left, result);
	if (code < 0)
		return code;
	take_last_words(result, &left);
	if (left.failed || (check->comparison == COMPARISON_FAILED && !check->cancelled && !check->failure))
		return error_set(err, -ENOMEM, "keep what the %s said: out of memory", name);
	return 0;
}
