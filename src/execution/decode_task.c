#include "decode_task.h"

#include <string.h>

#include "base/blobs.h"
#include "base/hash.h"
#include "base/json.h"

enum {
	FILES_MAX = 64,
	ARGS_MAX = 64,
	ARG_BYTES_MAX = 4096,
	NAME_BYTES_MAX = 1023,
	COMPONENT_BYTES_MAX = 255,
	COMPONENTS_MAX = 16,
};

/* ---- limits ---- */

/* In the wire's units; 0: not asked for. */
struct asked {
	int64_t cpu_ms, wall_ms, memory_mb, processes, output_kb, file_mb, compile_ms, compile_memory_mb;
};

static const struct {
	const char *name;
	size_t asked, fallback, max; /* offsets in struct asked and, twice, struct config */
} limit_rows[] = {
#define ROW(name, asked_field, field, max_field)                                           \
	{                                                                                  \
		name, offsetof(struct asked, asked_field), offsetof(struct config, field), \
			offsetof(struct config, max_field)                                 \
	}
	ROW("cpu_time_ms", cpu_ms, cpu_time_ms, cpu_time_max_ms),
	ROW("wall_time_ms", wall_ms, wall_time_ms, wall_time_max_ms),
	ROW("memory_mb", memory_mb, memory_mb, memory_max_mb),
	ROW("processes", processes, processes, processes_max),
	ROW("output_kb", output_kb, output_kb, output_max_kb),
	ROW("file_mb", file_mb, file_mb, file_max_mb),
	ROW("compile_time_ms", compile_ms, compile_time_ms, compile_time_max_ms),
	ROW("compile_memory_mb", compile_memory_mb, compile_memory_mb, compile_memory_max_mb),
#undef ROW
};
enum { LIMIT_ROWS = sizeof limit_rows / sizeof limit_rows[0] };

static int64_t number_at(const void *object, size_t offset)
{
	return *(const int64_t *)((const char *)object + offset);
}

static void decode_limits(struct fields *parent, const struct config *config, struct problems *problems,
			  struct asked *asked)
{
	const json_t *object = field_object(parent, "limits");
	struct fields fields;

	if (!object)
		return;
	fields_open(&fields, object, &(struct place){ &parent->place, "limits", 0 }, problems);
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		int64_t *value = (int64_t *)((char *)asked + limit_rows[i].asked);

		*value = field_int(&fields, limit_rows[i].name, 1, number_at(config, limit_rows[i].max), 0);
	}
	fields_done(&fields);
}

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

/* The configuration's limits, with what was asked for in their place. Whoever asks for CPU time alone gets the
 * wall time that goes with it. */
static void set_limits(enum api api, struct asked asked, const struct config *config, struct task *task)
{
	struct config wanted = *config;
	int64_t wall_ms = 2 * asked.cpu_ms + 1000;

	if (api == API_QUEUE) {
		wanted.memory_mb = config->queue_memory_mb;
		wanted.output_kb = config->queue_output_kb;
	}
	if (asked.cpu_ms != 0 && asked.wall_ms == 0)
		asked.wall_ms = wall_ms < config->wall_time_max_ms ? wall_ms : config->wall_time_max_ms;
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		int64_t value = number_at(&asked, limit_rows[i].asked);

		if (value != 0)
			*(int64_t *)((char *)&wanted + limit_rows[i].fallback) = value;
	}
	config_limits(&wanted, &task->limits, &task->compile_limits);
}

/* ---- files ---- */

/* Relative, of components that name something: what a worker can place beneath its box. */
static bool name_is_good(const char *name)
{
	size_t components = 0;

	for (;;) {
		size_t length = strcspn(name, "/");
		bool dots = (length == 1 && name[0] == '.') || (length == 2 && strncmp(name, "..", 2) == 0);

		if (length == 0 || length > COMPONENT_BYTES_MAX || dots || ++components > COMPONENTS_MAX)
			return false;
		if (name[length] == '\0')
			return true;
		name += length + 1;
	}
}

static void decode_content(struct fields *fields, struct pool *pool, size_t max, struct task_file *file)
{
	struct text encoding = field_text(fields, "encoding", OPTIONAL, 16);
	bool base64 = encoding.bytes && strcmp(encoding.bytes, "base64") == 0;
	struct text content = field_text(fields, "content", REQUIRED, base64 ? max / 3 * 4 + 4 : max);
	struct buffer decoded = { 0 };

	if (encoding.bytes && !base64 && strcmp(encoding.bytes, "utf-8") != 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "encoding", 0 }, "enum",
			   "must be utf-8 or base64");
	if (!content.bytes)
		return;
	if (!base64)
		buffer_append(&decoded, content.bytes, content.size);
	else if (base64_decode(content.bytes, content.size, &decoded) < 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "content", 0 }, "base64",
			   "is not base64");
	if (decoded.size > max) /* the text's length alone is two bytes too generous */
		problem_at(fields->problems, &(struct place){ &fields->place, "content", 0 }, "too_large",
			   "must be at most %zu bytes long, has %zu", max, decoded.size);
	file->data = pool_memdup(pool, buffer_text(&decoded), decoded.size);
	file->size = decoded.size;
	buffer_free(&decoded);
}

static void decode_file(const json_t *value, const struct place *place, const struct config *config,
			struct problems *problems, struct pool *pool, struct task *task)
{
	struct task_file *file = &task->files[task->file_count];
	struct fields fields;

	fields_open(&fields, value, place, problems);
	struct text name = field_text(&fields, "name", REQUIRED, NAME_BYTES_MAX);
	struct place name_place = { place, "name", 0 };
	decode_content(&fields, pool, (size_t)config->input_bytes, file);
	fields_done(&fields);
	if (!name.bytes)
		return;
	if (!name_is_good(name.bytes))
		problem_at(problems, &name_place, "file_name",
			   "must be a relative path of at most %d components without \".\" and \"..\"",
			   COMPONENTS_MAX);
	for (size_t i = 1; i < task->file_count; i++)
		if (task->files[i].name && strcmp(task->files[i].name, name.bytes) == 0)
			problem_at(problems, &name_place, "file_name", "is given twice");
	file->name = pool_strdup(pool, name.bytes);
	task->file_count++;
}

/* The code comes first, under the name that the language gives it. */
static void decode_files(struct fields *parent, const struct config *config, struct pool *pool,
			 struct submission_request *request)
{
	const json_t *list = field_array(parent, "files", 0, FILES_MAX);
	struct place list_place = { &parent->place, "files", 0 };
	struct task *task = &request->task;

	task->files = pool_array(pool, json_array_size(list) + 1, sizeof *task->files);
	task->files[0] = (struct task_file){ .data = request->code.bytes, .size = request->code.size };
	task->file_count = 1;
	for (size_t i = 0; i < json_array_size(list); i++)
		decode_file(json_array_get(list, i), &(struct place){ &list_place, NULL, i }, config,
			    parent->problems, pool, task);
}

static void decode_args(struct fields *parent, struct pool *pool, struct task *task)
{
	const json_t *list = field_array(parent, "args", 0, ARGS_MAX);
	struct place list_place = { &parent->place, "args", 0 };
	const char **args = pool_array(pool, json_array_size(list) + 1, sizeof *args);

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct text arg = value_text(json_array_get(list, i), &(struct place){ &list_place, NULL, i },
					     parent->problems, ARG_BYTES_MAX);

		args[i] = arg.bytes ? pool_strdup(pool, arg.bytes) : "";
	}
	task->args = args;
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
enum { GROUP_BYTES_MAX = 255 };

static const struct test_form v1_form = { "test_cases", "expected_output", REQUIRED, 0, false };
static const struct test_form queue_form = { "testCases", "expectedOutput", REQUIRED, 0, false };
static const struct test_form judge_form = { "tests", "answer", OPTIONAL, 1, true };

static struct text copy_text(struct text text, struct pool *pool)
{
	return (struct text){ text.bytes ? pool_memdup(pool, text.bytes, text.size) : "", text.size };
}

/* Text, or in the long form {"sha256": "..."}: bytes that were put to /api/v1/blobs before. */
static struct text decode_data(struct fields *fields, const char *name, enum need need, bool blobs,
			       size_t max, struct pool *pool, const char **blob)
{
	const json_t *value = json_object_get(fields->object, name);
	struct place place = { &fields->place, name, 0 };
	struct fields inner;

	if (!blobs || !json_is_object(value))
		return copy_text(field_text(fields, name, need, max), pool);
	field_any(fields, name); /* seen */
	fields_open(&inner, value, &place, fields->problems);
	struct text sha256 = field_text(&inner, "sha256", REQUIRED, SHA256_TEXT_BYTES - 1);
	fields_done(&inner);
	if (sha256.bytes && !blob_name_ok(sha256.bytes))
		problem_at(fields->problems, &(struct place){ &place, "sha256", 0 }, "sha256",
			   "must be 64 lower-case hex digits");
	*blob = sha256.bytes ? pool_strdup(pool, sha256.bytes) : NULL;
	return (struct text){ "", 0 };
}

static void decode_group(struct fields *fields, struct pool *pool, struct task_test *test)
{
	struct text group = field_text(fields, "group", OPTIONAL, GROUP_BYTES_MAX);

	test->group = group.bytes ? pool_strdup(pool, group.bytes) : NULL;
	test->hidden = field_bool(fields, "hidden", false);
}

static void decode_test(const json_t *value, const struct place *place, const struct test_form *form,
			size_t max, struct problems *problems, struct pool *pool, struct task_test *test)
{
	struct fields fields;

	fields_open(&fields, value, place, problems);
	struct text input =
		decode_data(&fields, "input", OPTIONAL, form->is_long, max, pool, &test->input_blob);
	test->compare = field_present(&fields, form->answer);
	struct text answer = decode_data(&fields, form->answer, form->answer_need, form->is_long, max, pool,
					 &test->answer_blob);
	if (form->is_long)
		decode_group(&fields, pool, test);
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
		decode_test(json_array_get(list, i), &(struct place){ &list_place, NULL, i }, form,
			    (size_t)config->input_bytes, parent->problems, pool, &task->tests[i]);
}

/* What the form has and this version does not do: said, rather than judged in another way. */
static void refuse_unsupported(struct fields *fields, const char *name, bool asked)
{
	if (asked)
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "unsupported",
			   "is not offered by this version");
}

static void decode_extras(struct fields *fields)
{
	const json_t *groups = field_any(fields, "groups");

	refuse_unsupported(fields, "interactive", field_bool(fields, "interactive", false));
	refuse_unsupported(fields, "multipass", field_int(fields, "multipass", 1, 1000, 1) > 1);
	refuse_unsupported(fields, "groups", groups && json_object_size(groups) > 0);
}

/* NULL when there are none, or one is at fault. */
static const char *const *decode_validator_args(struct fields *fields, struct pool *pool)
{
	const json_t *list = field_array(fields, "args", 0, TASK_VALIDATOR_ARGS_MAX);
	size_t count = json_array_size(list);
	const char **args = count > 0 ? pool_array(pool, count + 1, sizeof *args) : NULL;
	struct place place = { &fields->place, "args", 0 };

	for (size_t i = 0; i < count; i++) {
		struct text text = value_text(json_array_get(list, i), &(struct place){ &place, NULL, i },
					      fields->problems, 64);

		if (!text.bytes)
			return NULL;
		args[i] = pool_strdup(pool, text.bytes);
	}
	return args;
}

static void decode_validator(struct fields *parent, struct pool *pool, struct task *task)
{
	const json_t *object = field_object(parent, "validator");
	struct place place = { &parent->place, "validator", 0 };
	struct compare_rules rules;
	struct fields fields;
	struct error err;

	if (!object)
		return;
	fields_open(&fields, object, &place, parent->problems);
	struct place kind_place = { &place, "kind", 0 }, args_place = { &place, "args", 0 };
	struct text kind = field_text(&fields, "kind", REQUIRED, 64);

	task->validator_args = decode_validator_args(&fields, pool);
	if (kind.bytes && strcmp(kind.bytes, "program") == 0) {
		problem_at(fields.problems, &kind_place, "unsupported",
			   "program is not offered by this version; " VALIDATOR_NAMES " are");
		field_any(&fields, "program");
	} else if (kind.bytes && !validator_from_name(kind.bytes, &task->validator)) {
		problem_at(fields.problems, &kind_place, "enum", "must be " VALIDATOR_NAMES);
	} else if (compare_rules_parse(task->validator, task->validator_args, &rules, &err) < 0) {
		problem_at(fields.problems, &args_place, "value_error", "%s", err.text);
	}
	fields_done(&fields);
}

/* The long form of tests (docs/api.md, "judge"). */
static void decode_judge(struct fields *parent, const struct config *config, struct pool *pool,
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
	decode_tests(&fields, &judge_form, config, pool, task);
	decode_validator(&fields, pool, task);
	decode_extras(&fields);
	decode_limits(&fields, config, parent->problems, asked);
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

void decode_task(enum api api, struct fields *fields, const struct config *config, struct pool *pool,
		 struct submission_request *request)
{
	struct task *task = &request->task;
	struct asked asked = { 0 };

	decode_files(fields, config, pool, request);
	decode_args(fields, pool, task);
	decode_limits(fields, config, fields->problems, &asked);
	if (api == API_QUEUE)
		decode_time_limit(fields, config, &asked);
	decode_tests(fields, api == API_QUEUE ? &queue_form : &v1_form, config, pool, task);
	decode_judge(fields, config, pool, task, &asked);
	set_limits(api, asked, config, task);
	if (!task->judged)
		plain_run(request, pool, task);
}
