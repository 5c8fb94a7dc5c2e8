/* Inputs by the input validators, and outputs that the package claims to be right or wrong by the output validator. An
 * input validator is run as any program is: its input is the test's, and its exit code says what it thinks. */
#include <errno.h>
#include <string.h>

#include "inside.h"

static const char *const no_args[] = { NULL };

static bool is_of_input(enum package_claim claim)
{
	return claim == CLAIM_INVALID_INPUT || claim == CLAIM_VALID_INPUT;
}

static size_t count_claims(const struct package *package, bool of_input)
{
	size_t count = 0;

	for (size_t i = 0; i < package->claim_count; i++)
		count += is_of_input(package->claims[i].claim) == of_input;
	return count;
}

static bool is_asked(const struct package_program *validator)
{
	return validator->language != NULL;
}

size_t count_checks(const struct package *package)
{
	size_t count = count_claims(package, false) > 0;

	for (size_t i = 0; i < package->input_validator_count; i++)
		count += is_asked(&package->input_validators[i]);
	return count;
}

/* The start of what a program said, up to the end of its first line. */
const char *first_line(const char *bytes, size_t size, struct pool *pool)
{
	enum { SAID_MAX = 200 };
	const char *end = memchr(bytes, '\n', size);
	size_t length = end ? (size_t)(end - bytes) : size;

	return pool_memdup(pool, bytes, length < SAID_MAX ? length : SAID_MAX);
}

/* Its last line that is not empty: where most runtimes say what was wrong. */
static const char *last_line(const char *bytes, size_t size, struct pool *pool)
{
	while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r'))
		size--;
	const char *before = memrchr(bytes, '\n', size);
	size_t skipped = before ? (size_t)(before + 1 - bytes) : 0;

	return first_line(bytes + skipped, size - skipped, pool);
}

/* ---- inputs ---- */

struct input {
	const char *bytes;
	size_t size;
	bool is_invalid; /* somebody has to refuse it */
	const char *const *args;
	const struct package_named_args *named_args;
	struct task_file *files; /* the test's own, which its arguments may name */
	size_t file_count;
};

static struct input *list_inputs(const struct package *package, struct pool *pool,
				 struct verification *verification)
{
	size_t count = package->test_count + count_claims(package, true), at = 0;
	struct input *inputs = pool_array(pool, count + 1, sizeof *inputs);

	for (size_t i = 0; inputs && i < package->test_count; i++, at++) {
		const struct package_test *test = &package->tests[i];

		verification->checks[at] = (struct verify_check){ .path = test->name, .ok = true };
		inputs[at] = (struct input){ .bytes = test->input,
					     .size = test->input_size,
					     .args = test->input_args,
					     .named_args = test->named_input_args,
					     .files = test->files,
					     .file_count = test->file_count };
	}
	for (size_t i = 0; inputs && i < package->claim_count; i++) {
		const struct package_claimed *claim = &package->claims[i];

		if (!is_of_input(claim->claim))
			continue;
		verification->checks[at] = (struct verify_check){ .path = claim->name, .ok = true };
		inputs[at++] = (struct input){ .bytes = claim->input ? claim->input : "",
					       .size = claim->input_size,
					       .is_invalid = claim->claim == CLAIM_INVALID_INPUT,
					       .args = claim->input_args,
					       .named_args = claim->named_input_args };
	}
	verification->check_count = at;
	return inputs;
}

static struct task *task_of_validator(const struct package *package, size_t validator,
				      const struct input *inputs, size_t count, struct pool *pool)
{
	const struct package_program *program = &package->input_validators[validator];
	struct task *task = pool_alloc(pool, sizeof *task);
	struct task_test *tests = pool_array(pool, count, sizeof *tests);

	if (!task || !tests)
		return NULL;
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct task_test){ .input = inputs[i].bytes,
					       .input_size = inputs[i].size,
					       .answer = "",
					       .files = inputs[i].files,
					       .file_count = inputs[i].file_count,
					       .args = package_input_args(package, validator, inputs[i].args,
									  inputs[i].named_args) };
	*task = (struct task){ .language = program->language,
			       .files = program->files,
			       .file_count = program->file_count,
			       .args = no_args,
			       .tests = tests,
			       .test_count = count,
			       .judged = true,
			       .limits = package->validation_limits,
			       .compile_limits = package->validation_compile_limits };
	return task;
}

/* What one validator thinks of one input: NULL, it is right; else why not. *failed: it could not say. */
static const char *objection(const struct package *package, size_t validator, const struct report *report,
			     size_t index, bool *failed, struct pool *pool)
{
	const char *path = package->input_validators[validator].path;
	const struct run_report *run = index < report->run_count ? &report->runs[index] : NULL;

	*failed = !run || run->signal != 0 || run->exit_code < 0;
	if (report->compile != COMPILE_OK && report->compile != COMPILE_NONE)
		return pool_printf(pool, "%s does not compile: %s", path,
				   first_line(report->compile_output, report->compile_output_size, pool));
	if (*failed)
		return pool_printf(pool, "%s failed: %s", path,
				   run && run->message ? run->message
				   : report->message   ? report->message
						       : "it did not end by itself");
	if (run->exit_code == package->input_validator_right)
		return NULL;
	const char *said = last_line(run->error_size > 0 ? run->error_output : run->output,
				     run->error_size > 0 ? run->error_size : run->output_size, pool);
	return pool_printf(pool, "%s refused it with exit code %d%s%s", path, run->exit_code,
			   said && *said ? ": " : "", said ? said : "");
}

static void note_inputs(const struct package *package, size_t validator, const struct report *report,
			const struct input *inputs, bool *refused, struct pool *pool,
			struct verification *verification)
{
	for (size_t i = 0; i < verification->check_count; i++) {
		struct verify_check *check = &verification->checks[i];
		bool failed;
		const char *why = objection(package, validator, report, i, &failed, pool);

		refused[i] = refused[i] || (why && !failed);
		if (why && (failed || !inputs[i].is_invalid) && check->ok) {
			check->ok = false;
			check->message = why;
		}
	}
}

static int check_inputs(struct verifier *verifier, const struct package *package, struct pool *pool,
			struct verification *verification, struct error *err)
{
	struct input *inputs = list_inputs(package, pool, verification);
	size_t count = verification->check_count, asked = 0;
	struct work *works = pool_array(pool, package->input_validator_count + 1, sizeof *works);
	size_t *numbers = pool_array(pool, package->input_validator_count + 1, sizeof *numbers);
	bool *refused = pool_array(pool, count + 1, sizeof *refused);

	if (!inputs || !works || !numbers || !refused)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; count > 0 && i < package->input_validator_count; i++) {
		if (!is_asked(&package->input_validators[i]))
			continue;
		works[asked].task = task_of_validator(package, i, inputs, count, pool);
		works[asked].pool = work_pool(pool);
		numbers[asked] = i;
		if (!works[asked].task || !works[asked++].pool)
			return error_set(err, -ENOMEM, "out of memory");
	}
	int code = crowd_judge(verifier, works, asked, crowd_jobs(verifier, package), err);
	for (size_t i = 0; i < asked && code == 0; i++)
		note_inputs(package, numbers[i], &works[i].report, inputs, refused, pool, verification);
	for (size_t i = 0; i < count && code == 0; i++)
		if (inputs[i].is_invalid && asked > 0 && verification->checks[i].ok && !refused[i]) {
			verification->checks[i].ok = false;
			verification->checks[i].message = "no input validator refused it";
		}
	return code;
}

/* ---- outputs ---- */

/* Judged as if a program had written them, by whatever judges the problem's outputs. */
static int task_of_outputs(const struct package *package, struct pool *pool, struct task *task,
			   struct error *err)
{
	int code = package_task(package, NULL, 1, pool, task, err);
	struct task_test *tests = pool_array(pool, package->claim_count, sizeof *tests);
	size_t count = 0;

	if (code < 0)
		return code;
	if (!tests)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < package->claim_count; i++) {
		const struct package_claimed *claim = &package->claims[i];

		if (!is_of_input(claim->claim))
			tests[count++] = (struct task_test){
				.input = claim->input ? claim->input : "",
				.input_size = claim->input_size,
				.answer = claim->answer ? claim->answer : "",
				.answer_size = claim->answer_size,
				.output = claim->output ? claim->output : "",
				.output_size = claim->output_size,
				.compare = true,
				.validator_args = claim->validator_args,
			};
	}
	task->language = "text";
	task->tests = tests;
	task->test_count = count;
	task->early_stop = false;
	task->passes = 1;
	task->groups = NULL;
	task->static_validator = NULL;
	task->interactor = NULL;
	return 0;
}

static void note_output(const struct package_claimed *claim, const struct run_report *run,
			const struct report *report, struct verify_check *check)
{
	bool is_right = run && verdict_is_pass(run->verdict);

	check->ok =
		run && (claim->claim == CLAIM_VALID_OUTPUT ? is_right : run->verdict == VERDICT_WRONG_ANSWER);
	if (check->ok)
		return;
	if (!run || run->verdict == VERDICT_JUDGE_ERROR)
		check->message = run && run->message ? run->message
				 : report->message   ? report->message
						     : "the output validator failed";
	else
		check->message =
			is_right ? "the output validator accepted it" : "the output validator refused it";
}

static int check_outputs(struct verifier *verifier, const struct package *package, struct pool *pool,
			 struct verification *verification, struct error *err)
{
	struct task *task = pool_alloc(pool, sizeof *task);
	struct work work = { .task = task, .pool = work_pool(pool) };
	size_t at = 0;

	if (count_claims(package, false) == 0)
		return 0;
	if (package->interactive) {
		package_note(&verification->notes, "data", 0,
			     "outputs of an interactive problem are not shown to its validator");
		return 0;
	}
	if (!task || !work.pool)
		return error_set(err, -ENOMEM, "out of memory");
	int code = task_of_outputs(package, pool, task, err);
	if (code == 0)
		code = crowd_judge(verifier, &work, 1, 1, err);
	for (size_t i = 0; i < package->claim_count && code == 0; i++) {
		struct verify_check *check = &verification->checks[verification->check_count];

		if (is_of_input(package->claims[i].claim))
			continue;
		check->path = package->claims[i].name;
		note_output(&package->claims[i], at < work.report.run_count ? &work.report.runs[at] : NULL,
			    &work.report, check);
		verification->check_count++;
		at++;
	}
	return code;
}

int verify_checks(struct verifier *verifier, const struct package *package, struct pool *pool,
		  struct verification *verification, struct error *err)
{
	verification->checks = pool_array(pool, package->test_count + package->claim_count + 1,
					  sizeof *verification->checks);
	if (!verification->checks)
		return error_set(err, -ENOMEM, "out of memory");
	int code = check_inputs(verifier, package, pool, verification, err);
	return code == 0 ? check_outputs(verifier, package, pool, verification, err) : code;
}
