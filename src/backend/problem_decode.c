#include "problem_decode.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runner.h"

enum {
	TITLE_BYTES_MAX = 200,
	DESCRIPTION_BYTES_MAX = 65536,
	SECTION_BYTES_MAX = 16384,
	TAGS_MAX = 20,
	TAG_BYTES_MAX = 50,
	EXAMPLES_MAX = 20,
	EXAMPLE_BYTES_MAX = 16384,
	NAME_BYTES_MAX = 255,
};

void problem_defaults(const struct config *config, struct problem *problem)
{
	*problem = (struct problem){ .description = "",
				     .difficulty = "easy",
				     .constraints = "",
				     .input_format = "",
				     .output_format = "",
				     .examples = "[]",
				     .starter_code = "{}",
				     .time_limit_ms = config->cpu_time_ms,
				     .memory_limit_mb = config->memory_mb,
				     .is_public = true };
}

/* ---- simple fields ---- */

static struct place place_of(const struct fields *fields, const char *name)
{
	return (struct place){ &fields->place, name, 0 };
}

static void take_text(struct fields *fields, const char *name, enum need need, size_t max, struct pool *pool,
		      const char **text)
{
	struct text given = field_text(fields, name, need, max);

	if (given.bytes)
		*text = pool_strdup(pool, given.bytes);
}

static void take_title(struct fields *fields, enum need need, struct pool *pool, const char **title)
{
	struct text given = field_text(fields, "title", need, TITLE_BYTES_MAX);
	struct place place = place_of(fields, "title");

	if (given.bytes && strspn(given.bytes, " \t\r\n") == given.size)
		problem_at(fields->problems, &place, "too_short", "must not be empty");
	else if (given.bytes)
		*title = pool_strdup(pool, given.bytes);
}

bool problem_difficulty_ok(const char *name)
{
	return strcmp(name, "easy") == 0 || strcmp(name, "medium") == 0 || strcmp(name, "hard") == 0;
}

static void take_difficulty(struct fields *fields, struct pool *pool, const char **difficulty)
{
	struct text given = field_text(fields, "difficulty", OPTIONAL, NAME_BYTES_MAX);
	struct place place = place_of(fields, "difficulty");

	if (given.bytes && !problem_difficulty_ok(given.bytes))
		problem_at(fields->problems, &place, "enum", "must be easy, medium or hard");
	else if (given.bytes)
		*difficulty = pool_strdup(pool, given.bytes);
}

static const char *written(const json_t *json, struct pool *pool)
{
	cleanup_buffer struct buffer text = { 0 };

	return json && json_write(json, &text) == 0 ? pool_memdup(pool, text.data, text.size) : NULL;
}

/* ---- tags ---- */

static bool has_tag(const char *const *tags, size_t count, const char *tag)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(tags[i], tag) == 0)
			return true;
	return false;
}

static void take_tags(struct fields *fields, struct pool *pool, struct problem *problem)
{
	const json_t *list = field_array(fields, "tags", 0, TAGS_MAX), *value;
	struct place list_place = place_of(fields, "tags");
	const char **tags = list ? pool_array(pool, json_array_size(list) + 1, sizeof *tags) : NULL;
	size_t count = 0, i;

	if (!tags)
		return;
	json_array_foreach((json_t *)list, i, value)
	{
		struct place place = { &list_place, NULL, i };
		struct text tag = value_text(value, &place, fields->problems, TAG_BYTES_MAX);

		if (tag.bytes && tag.size == 0)
			problem_at(fields->problems, &place, "too_short", "must not be empty");
		else if (tag.bytes && !has_tag(tags, count, tag.bytes))
			tags[count++] = pool_strdup(pool, tag.bytes);
	}
	problem->tags = tags;
	problem->tag_count = count;
}

/* ---- examples ---- */

static void check_example(const json_t *value, const struct place *place, struct problems *problems)
{
	struct fields fields;

	fields_open(&fields, value, place, problems);
	field_text(&fields, "input", REQUIRED, EXAMPLE_BYTES_MAX);
	field_text(&fields, "output", REQUIRED, EXAMPLE_BYTES_MAX);
	field_text(&fields, "explanation", OPTIONAL, EXAMPLE_BYTES_MAX);
	field_text(&fields, "conversation", OPTIONAL, EXAMPLE_BYTES_MAX); /* in place of the first two */
	fields_done(&fields);
}

static void take_examples(struct fields *fields, struct pool *pool, const char **examples)
{
	const json_t *list = field_array(fields, "examples", 0, EXAMPLES_MAX), *value;
	struct place list_place = place_of(fields, "examples");
	size_t i;

	if (!list)
		return;
	json_array_foreach((json_t *)list, i, value)
		check_example(value, &(struct place){ &list_place, NULL, i }, fields->problems);
	*examples = written(list, pool);
}

/* ---- starter code ---- */

static void take_starter_code(struct fields *fields, const struct backend *backend, struct pool *pool,
			      const char **starter_code)
{
	const json_t *object = field_object(fields, "starterCode");
	struct place object_place = place_of(fields, "starterCode");
	const char *language;
	json_t *value;

	if (!object)
		return;
	json_object_foreach((json_t *)object, language, value)
	{
		struct place place = { &object_place, language, 0 };

		if (!language_find(backend, language))
			problem_at(fields->problems, &place, "unsupported_language", "is not a language");
		else
			value_text(value, &place, fields->problems, (size_t)backend->config->code_bytes);
	}
	*starter_code = written(object, pool);
}

/* ---- cases ---- */

static void take_case(const json_t *value, const struct place *place, struct problems *problems,
		      const struct config *config, struct pool *pool, struct problem_case *its)
{
	struct fields fields;

	*its = (struct problem_case){ .input = "", .expected_output = "" };
	fields_open(&fields, value, place, problems);
	take_text(&fields, "input", REQUIRED, (size_t)config->input_bytes, pool, &its->input);
	take_text(&fields, "expectedOutput", REQUIRED, (size_t)config->input_bytes, pool,
		  &its->expected_output);
	its->hidden = field_bool(&fields, "isHidden", false);
	fields_done(&fields);
}

struct problem_case *field_cases(struct fields *fields, const struct config *config, struct pool *pool,
				 size_t *count)
{
	const json_t *list = field_array(fields, "testCases", 1, (size_t)config->tests), *value;
	struct place list_place = place_of(fields, "testCases");
	struct problem_case *cases = list ? pool_array(pool, json_array_size(list) + 1, sizeof *cases) : NULL;
	size_t i;

	*count = cases ? json_array_size(list) : 0;
	if (!cases)
		return NULL;
	json_array_foreach((json_t *)list, i, value) take_case(value, &(struct place){ &list_place, NULL, i },
							       fields->problems, config, pool, &cases[i]);
	return cases;
}

static void take_cases(struct fields *fields, const struct config *config, bool is_new, struct pool *pool,
		       struct problem *problem)
{
	struct place place = place_of(fields, "testCases");
	size_t count;
	struct problem_case *cases = field_cases(fields, config, pool, &count);

	if (is_new && !field_present(fields, "testCases"))
		problem_at(fields->problems, &place, "missing", "is required");
	if (!cases)
		return;
	problem->cases = cases;
	problem->cases_loaded = count;
	problem->case_count = (int64_t)count;
	problem->hidden_count = 0;
	for (size_t i = 0; i < count; i++)
		problem->hidden_count += cases[i].hidden;
}

/* ---- the whole ---- */

void problem_decode(struct fields *fields, const struct backend *backend, struct pool *pool, bool is_new,
		    struct problem *problem)
{
	const struct config *config = backend->config;

	take_title(fields, is_new ? REQUIRED : OPTIONAL, pool, &problem->title);
	take_text(fields, "description", OPTIONAL, DESCRIPTION_BYTES_MAX, pool, &problem->description);
	take_difficulty(fields, pool, &problem->difficulty);
	take_tags(fields, pool, problem);
	take_text(fields, "constraints", OPTIONAL, SECTION_BYTES_MAX, pool, &problem->constraints);
	take_text(fields, "inputFormat", OPTIONAL, SECTION_BYTES_MAX, pool, &problem->input_format);
	take_text(fields, "outputFormat", OPTIONAL, SECTION_BYTES_MAX, pool, &problem->output_format);
	take_examples(fields, pool, &problem->examples);
	take_cases(fields, config, is_new, pool, problem);
	problem->time_limit_ms =
		field_int(fields, "timeLimit", 1, config->cpu_time_max_ms, problem->time_limit_ms);
	problem->memory_limit_mb =
		field_int(fields, "memoryLimit", 1, config->memory_max_mb, problem->memory_limit_mb);
	take_starter_code(fields, backend, pool, &problem->starter_code);
	problem->is_public = field_bool(fields, "isPublic", problem->is_public);
	fields_done(fields);
}
