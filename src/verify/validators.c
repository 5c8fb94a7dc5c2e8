/* Whether the programs that validate compile. Each is run once, with nothing to read: what it says to that is not looked
 * at, only whether there is somebody to ask. */
#include <errno.h>
#include <string.h>

#include "inside.h"

static const int64_t run_us = 1000000;

static size_t count_validators(const struct package *package)
{
	return (package->output_validator != NULL) + (package->interactor != NULL) +
	       (package->static_validator != NULL) + package->input_validator_count;
}

static void list_validators(const struct package *package, struct verification *verification)
{
	bool talks = package->interactive && !package->interactor;
	const struct verify_validator judges[] = {
		{ package->output_validator, talks ? "interactor" : "output validator", true, NULL },
		{ package->interactor, "interactor", true, NULL },
		{ package->static_validator, "static validator", true, NULL },
	};

	for (size_t i = 0; i < sizeof judges / sizeof judges[0]; i++)
		if (judges[i].program)
			verification->validators[verification->validator_count++] = judges[i];
	for (size_t i = 0; i < package->input_validator_count; i++)
		verification->validators[verification->validator_count++] =
			(struct verify_validator){ &package->input_validators[i], "input validator", true,
						   NULL };
}

static struct task *task_of(const struct package *package, const struct package_program *program,
			    struct pool *pool)
{
	static const char *const no_args[] = { NULL };
	static struct task_test nothing = { .input = "", .answer = "" };
	struct task *task = pool_alloc(pool, sizeof *task);

	if (!task)
		return NULL;
	*task = (struct task){ .language = program->language,
			       .files = program->files,
			       .file_count = program->file_count,
			       .args = no_args,
			       .tests = &nothing,
			       .test_count = 1,
			       .limits = package->validation_limits,
			       .compile_limits = package->validation_compile_limits };
	task->limits.cpu_time_us = task->limits.wall_time_us = run_us;
	return task;
}

struct asking {
	struct verify_validator *validator;
	struct pool *pool;
};

static void note_compiled(void *context, const struct report *report)
{
	const struct asking *asking = context;
	struct verify_validator *validator = asking->validator;

	if (report->compile == COMPILE_OK || report->compile == COMPILE_NONE)
		return;
	const char *said = first_line(report->compile_output, report->compile_output_size, asking->pool);
	validator->ok = false;
	validator->message = pool_printf(asking->pool, "it does not compile%s%s", said && *said ? ": " : "",
					 said ? said : "");
}

/* An input validator that cannot be run here is left out, as its note says; who judges is needed. */
static void note_missing(const struct package *package, struct verify_validator *validator)
{
	bool is_needed = validator->program < package->input_validators ||
			 validator->program >= package->input_validators + package->input_validator_count;

	validator->ok = !is_needed;
	validator->message = validator->program->why_not;
}

int verify_validators(struct verifier *verifier, const struct package *package, struct pool *pool,
		      struct verification *verification, struct error *err)
{
	size_t count = count_validators(package), asked = 0;
	struct work *works = pool_array(pool, count + 1, sizeof *works);
	struct asking *asking = pool_array(pool, count + 1, sizeof *asking);

	verification->validators = pool_array(pool, count + 1, sizeof *verification->validators);
	if (!works || !asking || !verification->validators)
		return error_set(err, -ENOMEM, "out of memory");
	list_validators(package, verification);
	for (size_t i = 0; i < count; i++) {
		struct verify_validator *validator = &verification->validators[i];

		if (!validator->program->language) {
			note_missing(package, validator);
			continue;
		}
		asking[asked] = (struct asking){ validator, pool };
		works[asked] = (struct work){ .task = task_of(package, validator->program, pool),
					      .note = note_compiled,
					      .context = &asking[asked] };
		if (!works[asked++].task)
			return error_set(err, -ENOMEM, "out of memory");
	}
	verifier->total += asked;
	return crowd_judge(verifier, works, asked, crowd_jobs(verifier, package), err);
}
