#include "problem_card.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

enum { INLINE_BYTES = 512, SHOWN_BYTES = 4097 };

struct making {
	struct package *package;
	struct pool *pool;
	struct card_data *data;
	size_t count, room;
	bool failed; /* memory is out */
};

/* ---- bytes ---- */

/* Its name, in the pool; each once. */
static const char *put_data(struct making *m, const char *bytes, size_t size)
{
	char sha256[SHA256_TEXT_BYTES];

	sha256_text(bytes, size, sha256);
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->data[i].sha256, sha256) == 0)
			return m->data[i].sha256;
	if (m->count == m->room) {
		m->failed = true;
		return NULL;
	}
	struct card_data *made = &m->data[m->count++];
	memcpy(made->sha256, sha256, sizeof sha256);
	made->bytes = bytes;
	made->size = size;
	return made->sha256;
}

/* What is short, and text, stays where it is. */
static bool is_short(const char *bytes, size_t size)
{
	return size <= INLINE_BYTES && utf8_valid(bytes, size) && !memchr(bytes, '\0', size);
}

static void move_files(struct making *m, struct task_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_short(files[i].data, files[i].size))
			continue;
		files[i].blob = put_data(m, files[i].data, files[i].size);
		files[i].data = "";
		files[i].size = 0;
	}
}

static void move_text(struct making *m, const char **bytes, size_t *size, const char **blob)
{
	if (is_short(*bytes, *size))
		return;
	*blob = put_data(m, *bytes, *size);
	*bytes = "";
	*size = 0;
}

/* Files are the package's: what is changed is a copy. */
static struct task_file *copy_files(struct making *m, const struct task_file *files, size_t count)
{
	struct task_file *copy = pool_array(m->pool, count + 1, sizeof *copy);

	for (size_t i = 0; copy && i < count; i++)
		copy[i] = files[i];
	m->failed = m->failed || !copy;
	return copy;
}

static struct task_program *move_program(struct making *m, const struct task_program *program)
{
	struct task_program *copy = program ? pool_alloc(m->pool, sizeof *copy) : NULL;

	if (!copy) {
		m->failed = m->failed || program;
		return NULL;
	}
	*copy = *program;
	copy->files = copy_files(m, program->files, program->file_count);
	if (copy->files)
		move_files(m, copy->files, copy->file_count);
	return copy;
}

static void move_task(struct making *m, struct task *task)
{
	struct task_test *tests = pool_array(m->pool, task->test_count + 1, sizeof *tests);

	m->failed = m->failed || !tests;
	for (size_t i = 0; i < task->test_count && !m->failed; i++) {
		tests[i] = task->tests[i];
		tests[i].files = copy_files(m, tests[i].files, tests[i].file_count);
		if (tests[i].files)
			move_files(m, tests[i].files, tests[i].file_count);
		move_text(m, &tests[i].input, &tests[i].input_size, &tests[i].input_blob);
		move_text(m, &tests[i].answer, &tests[i].answer_size, &tests[i].answer_blob);
	}
	task->tests = tests;
	task->checker = move_program(m, task->checker);
	task->interactor = move_program(m, task->interactor);
	task->static_validator = move_program(m, task->static_validator);
}

/* Names that may be needed at most. */
static size_t most_data(const struct package *package, const struct task *task)
{
	size_t count = 2 * task->test_count + package->statement_count + 1;

	for (size_t i = 0; i < task->test_count; i++)
		count += task->tests[i].file_count;
	count += task->checker ? task->checker->file_count : 0;
	count += task->static_validator ? task->static_validator->file_count : 0;
	return count + (task->interactor ? task->interactor->file_count : 0);
}

/* ---- the task ---- */

/* The program comes with each submission. */
static int task_json(struct making *m, struct task *task, json_t **json, struct error *err)
{
	static struct task_file none = { .data = "" };
	static const char *const no_args[] = { NULL };

	move_task(m, task);
	if (m->failed)
		return error_set(err, -ENOMEM, "out of memory");
	task->language = "none";
	task->files = &none;
	task->file_count = 1;
	if (!task->args)
		task->args = no_args;
	return task_encode(task, json, err);
}

static json_t *shown_json(const struct package_test *test)
{
	size_t input = test->input_size < SHOWN_BYTES ? test->input_size : SHOWN_BYTES;
	size_t answer = test->answer_size < SHOWN_BYTES ? test->answer_size : SHOWN_BYTES;

	return json_pack("{s:o, s:o}", "input", json_text(test->input, input), "output",
			 json_text(test->answer, answer));
}

static bool is_shown(const struct package_test *test)
{
	return test->sample || test->full_feedback;
}

/* The package's test that this one of the task is; NULL: it looks at the sources, and is nobody's to see. */
static const struct package_test *test_of(const struct package *package, const struct task *task,
					  size_t index)
{
	size_t number = 0;

	for (size_t i = 0; i < index; i++)
		number += !task->tests[i].is_static;
	return task->tests[index].is_static || number >= package->test_count ? NULL : &package->tests[number];
}

static json_t *tests_json(const struct package *package, const struct task *task)
{
	json_t *list = json_array();

	for (size_t i = 0; i < task->test_count; i++) {
		const struct package_test *test = test_of(package, task, i);

		json_array_append_new(list, test && is_shown(test) ? shown_json(test)
								   : json_pack("{s:b}", "hidden", 1));
	}
	return list;
}

/* ---- what people read ---- */

static json_t *example_json(const struct package_sample *sample)
{
	if (sample->conversation)
		return json_pack("{s:s, s:s, s:o}", "input", "", "output", "", "conversation",
				 json_text(sample->conversation, sample->conversation_size));
	return json_pack(
		"{s:o, s:o}", "input",
		json_text(sample->input ? sample->input : "", sample->input ? sample->input_size : 0),
		"output",
		json_text(sample->output ? sample->output : "", sample->output ? sample->output_size : 0));
}

static json_t *examples_json(const struct package *package)
{
	json_t *list = json_array();

	for (size_t i = 0; i < package->sample_count; i++)
		json_array_append_new(list, example_json(&package->samples[i]));
	return list;
}

static const char *title_of(const struct package *package)
{
	for (size_t i = 0; i < package->name_count; i++)
		if (strcmp(package->names[i].language, "en") == 0)
			return package->names[i].text;
	return package->name_count > 0 ? package->names[0].text : package->short_name;
}

static bool is_pdf(const struct package_statement *statement)
{
	return strcmp(statement->format, "pdf") == 0;
}

/* The English one of its kind, or the first. */
static const struct package_statement *statement_of(const struct package *package, bool pdf)
{
	const struct package_statement *found = NULL;

	for (size_t i = 0; i < package->statement_count; i++) {
		const struct package_statement *statement = &package->statements[i];

		if (is_pdf(statement) == pdf && (!found || strcmp(statement->language, "en") == 0))
			found = statement;
	}
	return found;
}

static void put_statements(struct making *m, json_t *card)
{
	const struct package_statement *text = statement_of(m->package, false),
				       *pdf = statement_of(m->package, true);
	const struct package_file *file = text ? package_tree_find(m->package->tree, text->path) : NULL;

	if (file) {
		json_object_set_new(card, "description", json_text(file->bytes, file->size));
		json_object_set_new(card, "statement", json_string(text->format));
	}
	file = pdf ? package_tree_find(m->package->tree, pdf->path) : NULL;
	if (file)
		json_object_set_new(card, "pdf", json_string(put_data(m, file->bytes, file->size)));
}

static json_t *texts_json(const char *const *texts)
{
	json_t *list = json_array();

	for (; texts && *texts; texts++)
		json_array_append_new(list, json_text(*texts, strlen(*texts)));
	return list;
}

/* "LANGUAGE/file" each. */
static json_t *includes_json(const struct package *package)
{
	json_t *json = json_object();

	for (size_t i = 0; i < package->include_count; i++) {
		const struct task_file *file = &package->includes[i];
		size_t size = strcspn(file->name, "/");
		char language[64];

		if (file->name[size] != '/' || size >= sizeof language)
			continue;
		snprintf(language, sizeof language, "%.*s", (int)size, file->name);
		if (!json_object_get(json, language))
			json_object_set_new(json, language, json_array());
		json_array_append_new(json_object_get(json, language),
				      json_pack("{s:s, s:o}", "name", file->name + size + 1, "data",
						json_bytes(file->data, file->size)));
	}
	return json;
}

static json_t *notes_json(const struct package_notes *notes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < notes->count; i++)
		json_array_append_new(list,
				      json_pack("{s:s?, s:i, s:s}", "path", notes->items[i].path, "line",
						notes->items[i].line, "text", notes->items[i].text));
	return list;
}

static json_t *data_json(const struct making *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:I}", "sha256", m->data[i].sha256, "size",
						      (json_int_t)m->data[i].size));
	return list;
}

/* ---- the whole ---- */

static int check(const struct package *package, double time_limit_s, struct error *err)
{
	if (package->submit_answer)
		return error_set(err, -ENOTSUP,
				 "a problem whose submissions are answers has no programs to judge here");
	if (package->test_count == 0)
		return error_set(err, -EINVAL, "the package has no tests");
	if (!package->time.given && time_limit_s <= 0)
		return error_set(err, -ENODATA, "the package gives no time limit");
	return 0;
}

int problem_card(struct package *package, double time_limit_s, struct pool *pool, json_t **card,
		 struct card_data **data, size_t *count, struct error *err)
{
	struct making m = { .package = package, .pool = pool };
	cleanup_json json_t *made = NULL, *json = NULL;
	struct task task;
	int code = check(package, time_limit_s, err);

	if (code == 0)
		code = package_task(package, NULL, time_limit_s, pool, &task, err);
	if (code < 0)
		return code;
	m.room = most_data(package, &task);
	m.data = pool_array(pool, m.room, sizeof *m.data);
	for (size_t i = 0; i < task.test_count; i++) {
		const struct package_test *test = test_of(package, &task, i);

		task.tests[i].hidden = !test || !is_shown(test);
	}
	if (!m.data)
		return error_set(err, -ENOMEM, "out of memory");
	if ((code = task_json(&m, &task, &json, err)) < 0)
		return code;
	made = json_pack("{s:o, s:o, s:s, s:I, s:I, s:O, s:o, s:o, s:o, s:o}", "shortName",
			 json_text(package->short_name, strlen(package->short_name)), "title",
			 json_text(title_of(package), strlen(title_of(package))), "format",
			 package_format_name(package->format), "timeLimit",
			 (json_int_t)((task.limits.cpu_time_us + 999) / 1000), "memoryLimit",
			 (json_int_t)((task.limits.memory_bytes + (1 << 20) - 1) >> 20), "task", json,
			 "tests", tests_json(package, &task), "examples", examples_json(package), "tags",
			 texts_json(package->keywords), "includes", includes_json(package));
	if (!made)
		return error_set(err, -ENOMEM, "out of memory");
	if (package->uuid)
		json_object_set_new(made, "uuid", json_text(package->uuid, strlen(package->uuid)));
	if (package->languages)
		json_object_set_new(made, "languages", texts_json(package->languages));
	put_statements(&m, made);
	json_object_set_new(made, "notes", notes_json(&package->notes));
	json_object_set_new(made, "data", data_json(&m));
	if (m.failed)
		return error_set(err, -ENOMEM, "out of memory");
	*card = take_pointer(&made);
	*data = m.data;
	*count = m.count;
	return 0;
}
