#include "decode_task.h"

#include <string.h>

#include "decode_parts.h"

enum { ARGS_MAX = 64, ARG_BYTES_MAX = 4096 };

/* ---- limits ---- */

/* The queue API's `timeLimit`: seconds, also broken ones. */
static void decode_time_limit(struct fields *fields, const struct config *config, struct asked *asked)
{
	const json_t *value = field_any(fields, "timeLimit");
	double seconds = json_number_value(value), max = (double)config->cpu_time_max_ms / 1000;
	struct place place = { &fields->place, "timeLimit", 0 };

	if (!value)
		return;
	if (!json_is_number(value) || seconds < 0.001 || seconds > max)
		problem_at(fields->problems, &place, "number_range",
			   "must be a number of seconds from 0.001 to %g", max);
	else if (asked->cpu_ms != 0)
		problem_at(fields->problems, &place, "conflict",
			   "is given twice: also as limits.cpu_time_ms");
	else
		asked->cpu_ms = (int64_t)(seconds * 1000);
}

static void set_limits(enum api api, struct asked asked, const struct config *config, struct task *task)
{
	struct config own = *config;

	if (api == API_QUEUE) {
		own.memory_mb = config->queue_memory_mb;
		own.output_kb = config->queue_output_kb;
	}
	settle_limits(asked, &own, &task->limits, &task->compile_limits);
}

/* ---- files and arguments ---- */

/* The code comes first, under the name that the language gives it. */
static void decode_sources(struct fields *parent, const struct config *config, struct pool *pool,
			   struct submission_request *request)
{
	struct task_file main_file = { .data = request->code.bytes, .size = request->code.size };

	request->task.files = &main_file;
	request->task.file_count = 1;
	decode_files(parent, config, pool, &request->task.files, &request->task.file_count);
}

static void decode_args(struct fields *parent, struct pool *pool, struct task *task)
{
	static const char *const none[] = { NULL };
	const char *const *args = decode_texts(parent, "args", ARGS_MAX, ARG_BYTES_MAX, pool);

	task->args = args ? args : none;
}

/* ---- tests ---- */

/* One test list has three spellings. */
struct test_form {
	const char *list, *answer;
	enum need answer_need;
	size_t min; /* an empty short list means a plain run */
	bool is_long;
};
/* What a test of the long form may have besides. */
enum { GROUP_BYTES_MAX = 255, VALIDATOR_ARG_BYTES_MAX = 1024 };

static const struct test_form v1_form = { "test_cases", "expected_output", REQUIRED, 0, false };
static const struct test_form queue_form = { "testCases", "expectedOutput", REQUIRED, 0, false };
static const struct test_form judge_form = { "tests", "answer", OPTIONAL, 1, true };

static double decode_points(struct fields *fields)
{
	const json_t *value = field_any(fields, "points");

	if (value && !json_is_number(value))
		problem_at(fields->problems, &(struct place){ &fields->place, "points", 0 }, "number_type",
			   "must be a number");
	return json_number_value(value);
}

static void decode_details(struct fields *fields, const struct config *config, struct pool *pool,
			   struct task_test *test)
{
	struct text group = field_text(fields, "group", OPTIONAL, GROUP_BYTES_MAX);

	test->group = group.bytes ? pool_strdup(pool, group.bytes) : NULL;
	test->hidden = field_bool(fields, "hidden", false);
	test->points = decode_points(fields);
	test->validator_args = decode_texts(fields, "validator_args", TASK_VALIDATOR_ARGS_MAX,
					    VALIDATOR_ARG_BYTES_MAX, pool);
	test->is_static = field_bool(fields, "static", false);
	if (field_present(fields, "output")) {
		struct text output = decode_data(fields, "output", OPTIONAL, true,
						 (size_t)config->input_bytes, pool, &test->output_blob);

		test->output = output.bytes ? output.bytes : "";
		test->output_size = output.size;
	}
	test->args = decode_texts(fields, "args", ARGS_MAX, ARG_BYTES_MAX, pool);
	if (field_present(fields, "files"))
		decode_files(fields, config, pool, &test->files, &test->file_count);
}

static void decode_test(const json_t *value, const struct place *place, const struct test_form *form,
			const struct config *config, struct problems *problems, struct pool *pool,
			struct task_test *test)
{
	size_t max = (size_t)config->input_bytes;
	struct fields fields;

	fields_open(&fields, value, place, problems);
	struct text input =
		decode_data(&fields, "input", OPTIONAL, form->is_long, max, pool, &test->input_blob);
	test->compare = field_present(&fields, form->answer);
	struct text answer = decode_data(&fields, form->answer, form->answer_need, form->is_long, max, pool,
					 &test->answer_blob);
	if (form->is_long)
		decode_details(&fields, config, pool, test);
	fields_done(&fields);
	test->input = input.bytes;
	test->input_size = input.size;
	test->answer = answer.bytes;
	test->answer_size = answer.size;
}

static void decode_tests(struct fields *parent, const struct test_form *form, const struct config *config,
			 struct pool *pool, struct task *task)
{
	const json_t *list = field_array(parent, form->list, form->min, (size_t)config->tests);
	struct place list_place = { &parent->place, form->list, 0 };

	if (json_array_size(list) == 0)
		return;
	task->judged = true;
	task->test_count = json_array_size(list);
	task->tests = pool_array(pool, task->test_count, sizeof *task->tests);
	for (size_t i = 0; i < task->test_count; i++)
		decode_test(json_array_get(list, i), &(struct place){ &list_place, NULL, i }, form, config,
			    parent->problems, pool, &task->tests[i]);
}

static const char *const *decode_validator_args(struct fields *fields, const char *name, struct pool *pool)
{
	return decode_texts(fields, name, TASK_VALIDATOR_ARGS_MAX, VALIDATOR_ARG_BYTES_MAX, pool);
}

/* It judges every test: one without an answer has an empty one. */
static void decode_checker(struct fields *fields, const struct request_rules *rules, struct pool *pool,
			   struct task *task)
{
	if (!field_present(fields, "program"))
		problem_at(fields->problems, &(struct place){ &fields->place, "program", 0 }, "missing",
			   "is required");
	task->checker = decode_program(fields, "program", rules, pool);
	for (size_t i = 0; i < task->test_count; i++)
		task->tests[i].compare = true;
}

static void decode_validator(struct fields *parent, const struct request_rules *rules, struct pool *pool,
			     struct task *task)
{
	const json_t *object = field_object(parent, "validator");
	struct place place = { &parent->place, "validator", 0 };
	struct fields fields;

	if (!object)
		return;
	fields_open(&fields, object, &place, parent->problems);
	struct text kind = field_text(&fields, "kind", REQUIRED, 64);
	bool is_program = kind.bytes && strcmp(kind.bytes, "program") == 0;

	task->validator_args = decode_validator_args(&fields, "args", pool);
	if (is_program)
		decode_checker(&fields, rules, pool, task);
	else if (kind.bytes && !validator_from_name(kind.bytes, &task->validator))
		problem_at(fields.problems, &(struct place){ &place, "kind", 0 }, "enum",
			   "must be program, " VALIDATOR_NAMES);
	fields_done(&fields);
}

/* Whatever it is made of, an argument that nobody understands is the caller's mistake. */
static void check_rules(struct fields *parent, const struct task *task)
{
	struct place validator = { &parent->place, "validator", 0 }, tests = { &parent->place, "tests", 0 };
	struct compare_rules rules;
	struct error err;

	if (task_rules(task, NULL, &rules, &err) < 0) {
		problem_at(parent->problems, &(struct place){ &validator, "args", 0 }, "value_error", "%s",
			   err.text);
		return;
	}
	for (size_t i = 0; i < task->test_count; i++) {
		struct place test = { &tests, NULL, i };

		if (task->tests[i].validator_args && task_rules(task, &task->tests[i], &rules, &err) < 0)
			problem_at(parent->problems, &(struct place){ &test, "validator_args", 0 },
				   "value_error", "%s", err.text);
	}
}

/* The validator's program talks to the program, or else an interactor of its own does, whose output that judges. */
static void decode_interactor(struct fields *fields, const struct request_rules *rules, struct pool *pool,
			      struct task *task)
{
	bool interactive = field_bool(fields, "interactive", false);
	bool has_own = field_present(fields, "interactor");
	struct place place = { &fields->place, has_own ? "interactor" : "interactive", 0 };

	task->interactor = decode_program(fields, "interactor", rules, pool);
	if (!interactive && !has_own)
		return;
	if (!task->checker)
		problem_at(fields->problems, &place, "missing", "needs a validator of the kind program");
	if (task->interactor && task->interactor->convention != CONVENTION_TESTLIB)
		problem_at(fields->problems, &place, "enum",
			   "must be of the convention testlib; others are the validator's program");
	if (has_own)
		return;
	task->interactor = task->checker;
	task->checker = NULL;
}

static void decode_passes(struct fields *fields, struct task *task)
{
	int64_t passes = field_int(fields, "multipass", 1, TASK_PASSES_MAX, 1);
	const struct task_program *judges = task->checker ? task->checker : task->interactor;

	if (passes > 1 && !(judges && judges->convention == CONVENTION_ICPC))
		problem_at(fields->problems, &(struct place){ &fields->place, "multipass", 0 }, "missing",
			   "needs a validator of the kind program and the convention icpc");
	task->passes = passes > 1 ? (int)passes : 0;
}

/* A file of the program's own folder in place of a stream. */
static const char *decode_stream_file(struct fields *fields, const char *name, struct pool *pool)
{
	struct text text = field_text(fields, name, OPTIONAL, GROUP_BYTES_MAX);

	if (text.bytes && (text.size == 0 || strchr(text.bytes, '/') || text.bytes[0] == '.'))
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "file_name",
			   "must be the name of a file");
	return text.bytes ? pool_strdup(pool, text.bytes) : NULL;
}

static void decode_static(struct fields *fields, const struct request_rules *rules, struct pool *pool,
			  struct task *task)
{
	bool wanted = false;

	task->static_validator = decode_program(fields, "static_validator", rules, pool);
	for (size_t i = 0; i < task->test_count; i++)
		wanted = wanted || task->tests[i].is_static;
	if (wanted && !task->static_validator)
		problem_at(fields->problems, &(struct place){ &fields->place, "static_validator", 0 },
			   "missing", "is required by a test that is static");
}

/* What a worker would refuse is refused here; the first fault of them alone, as its text has the place. */
static void decode_groups(struct fields *fields, struct pool *pool, struct task *task)
{
	const json_t *object = field_object(fields, "groups");
	struct place place = { &fields->place, "groups", 0 };
	struct task_groups *groups = pool_alloc(pool, sizeof *groups);
	cleanup_pool struct pool *trial = pool_new();
	struct scoring *scoring;
	struct error err;

	if (json_object_size(object) == 0)
		return;
	int code = groups && trial ? groups_decode(object, "groups", pool, groups, &err)
				   : error_set(&err, -ENOMEM, "out of memory");
	task->groups = groups;
	if (code == 0 && task->test_count > 0)
		code = scoring_new(task, trial, &scoring, &err);
	if (code < 0)
		problem_at(fields->problems, &place, "value_error", "%s", err.text);
}

/* The long form of tests (docs/api.md, "judge"). */
static void decode_judge(struct fields *parent, const struct request_rules *rules, struct pool *pool,
			 struct task *task, struct asked *asked)
{
	const json_t *object = field_object(parent, "judge");
	struct place place = { &parent->place, "judge", 0 };
	struct fields fields;

	if (!object)
		return;
	if (task->judged)
		problem_at(parent->problems, &place, "conflict",
			   "tests are given twice: also as a short list");
	if (field_present(parent, "limits"))
		problem_at(parent->problems, &place, "conflict", "limits are given twice: put them in judge");
	fields_open(&fields, object, &place, parent->problems);
	if (!field_present(&fields, "tests"))
		problem_at(parent->problems, &(struct place){ &place, "tests", 0 }, "missing", "is required");
	decode_tests(&fields, &judge_form, rules->config, pool, task);
	decode_validator(&fields, rules, pool, task);
	decode_interactor(&fields, rules, pool, task);
	decode_passes(&fields, task);
	decode_static(&fields, rules, pool, task);
	task->input_file = decode_stream_file(&fields, "input_file", pool);
	task->output_file = decode_stream_file(&fields, "output_file", pool);
	check_rules(&fields, task);
	decode_groups(&fields, pool, task);
	decode_limits(&fields, rules->config, asked);
	task->early_stop = field_bool(&fields, "early_stop", false);
	fields_done(&fields);
}

static void plain_run(const struct submission_request *request, struct pool *pool, struct task *task)
{
	task->tests = pool_alloc(pool, sizeof *task->tests);
	task->test_count = 1;
	task->tests[0] = (struct task_test){ .input = request->input.bytes,
					     .input_size = request->input.size,
					     .answer = "" };
}

void decode_task(enum api api, struct fields *fields, const struct request_rules *rules, struct pool *pool,
		 struct submission_request *request)
{
	const struct config *config = rules->config;
	struct task *task = &request->task;
	struct asked asked = { 0 };

	decode_sources(fields, config, pool, request);
	decode_args(fields, pool, task);
	decode_limits(fields, config, &asked);
	if (api == API_QUEUE)
		decode_time_limit(fields, config, &asked);
	decode_tests(fields, api == API_QUEUE ? &queue_form : &v1_form, config, pool, task);
	decode_judge(fields, rules, pool, task, &asked);
	set_limits(api, asked, config, task);
	if (!task->judged)
		plain_run(request, pool, task);
}
