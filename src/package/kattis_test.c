#include "kattis_test.h"

#include <ctype.h>
#include <string.h>

int data_out_of_memory(const struct data *data)
{
	return error_set(data->err, -ENOMEM, "out of memory");
}

/* ---- names ---- */

bool path_ends_with(const char *path, const char *ending)
{
	size_t size = strlen(path), length = strlen(ending);

	return size > length && memcmp(path + size - length, ending, length) == 0;
}

bool path_is_odd(const char *path)
{
	bool first = true;

	for (const char *at = path; *at; at++) {
		bool letter = isalnum((unsigned char)*at) || *at == '_';

		if (*at != '/' && !letter && (first || !strchr(".+-", *at)))
			return true;
		first = *at == '/';
	}
	return false;
}

/* What a test brings in its .files is no test. */
bool path_is_input(const char *path)
{
	return path_ends_with(path, ".in") && !strstr(path, ".files/") && !path_is_odd(path);
}

/* ---- what belongs to it ---- */

const struct package_file *test_beside(const struct data *data, const struct test_base *base,
				       const char *ending)
{
	char path[PACKAGE_PATH_BYTES_MAX + 32];
	size_t size = strlen(base->path);

	memcpy(path, base->path, size);
	memcpy(path + size, ending, strlen(ending) + 1);
	return package_tree_find(data->tree, path);
}

static const char *text_beside(const struct data *data, const struct test_base *base, const char *ending)
{
	const struct package_file *file = test_beside(data, base, ending);

	return file ? file->bytes : NULL;
}

static int read_settings(struct data *data, struct test_base *base)
{
	const struct test_settings inherited = data_folders_settings(&data->folders, base->folder);
	struct test_settings own = { 0 };
	struct settings settings;
	int code = settings_open(test_beside(data, base, ".yaml"), data->pool, &data->package->notes,
				 &settings, data->err);

	if (code < 0)
		return code;
	test_settings_read(&settings, &own);
	settings_close(&settings);
	base->settings = test_settings_over(&inherited, &own);
	return 0;
}

/* ---- one test ---- */

static size_t count_of(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

/* What a judge would refuse, or call its own error, once for each list. */
static int check_args(struct data *data, const struct test_base *base)
{
	const struct package *package = data->package;
	const char *const *args = base->settings.validator_args;
	struct compare_rules rules;
	struct error why;

	if (count_of(package->validator_args) + count_of(args) > TASK_VALIDATOR_ARGS_MAX)
		return error_set(data->err, -E2BIG, "%s: the output validator has more than %d arguments",
				 base->path, TASK_VALIDATOR_ARGS_MAX);
	if (count_of(base->settings.args) > TASK_ARGS_MAX)
		return error_set(data->err, -E2BIG, "%s: there are more than %d arguments", base->path,
				 TASK_ARGS_MAX);
	if (!package->output_validator && args && args != data->checked &&
	    compare_rules_parse(package->validator, args, &rules, &why) < 0)
		package_note(&data->package->notes, base->input->path, 0, "output_validator_args: %s",
			     why.text);
	data->checked = args;
	return 0;
}

/* Inherited lists are shared, joined ones are not: all together are bounded, or a few lines would make gigabytes. */
static int join(struct data *data, const char *const *left, const char *const *right,
		const char *const **ret_list)
{
	size_t first = count_of(left), second = count_of(right);
	const char **list;

	data->joined += first + second;
	if (data->joined > DATA_JOINED_MAX)
		return error_set(data->err, -E2BIG, "input validators have more than %d arguments together",
				 DATA_JOINED_MAX);
	list = pool_array(data->pool, first + second + 1, sizeof *list);
	if (!list)
		return data_out_of_memory(data);
	*ret_list = list;
	for (; left && *left; left++)
		*list++ = *left;
	for (; right && *right; right++)
		*list++ = *right;
	return 0;
}

/* From 2025-09 on an input validator hears of the program's own arguments, behind its own. */
static int add_program_args(struct data *data, struct test_settings *settings)
{
	struct package_named_args *all;
	size_t count = 0;
	int code;

	if (data->package->format != PACKAGE_2025_09 || count_of(settings->args) == 0)
		return 0;
	code = join(data, settings->input_args, settings->args, &settings->input_args);
	if (code < 0 || !settings->named_input_args)
		return code;
	while (settings->named_input_args[count].name)
		count++;
	all = pool_array(data->pool, count + 1, sizeof *all);
	if (!all)
		return data_out_of_memory(data);
	for (size_t i = 0; i < count && code == 0; i++) {
		all[i].name = settings->named_input_args[i].name;
		code = join(data, settings->named_input_args[i].args, settings->args, &all[i].args);
	}
	settings->named_input_args = all;
	return code;
}

int test_base_open(struct data *data, const struct package_file *input, struct test_base *base)
{
	size_t size = strlen(input->path) - (sizeof ".in" - 1);
	char *path = pool_memdup(data->pool, input->path, size);

	if (!path)
		return data_out_of_memory(data);
	const char *name = path + sizeof "data/" - 1, *slash = strrchr(name, '/');
	*base = (struct test_base){ .path = path, .name = name, .input = input };
	base->folder = pool_memdup(data->pool, name, (size_t)(slash - name));
	int code = base->folder ? read_settings(data, base) : data_out_of_memory(data);
	if (code == 0)
		code = check_args(data, base);
	return code < 0 ? code : add_program_args(data, &base->settings);
}

static int read_files(struct data *data, const struct test_base *base, struct package_test *test)
{
	char folder[PACKAGE_PATH_BYTES_MAX + 32];
	size_t size = strlen(base->path), count;

	memcpy(folder, base->path, size);
	memcpy(folder + size, ".files", sizeof ".files");
	size_t first = package_tree_below(data->tree, folder, &count);
	if (count == 0)
		return 0;
	if (count > TASK_FILES_MAX)
		return error_set(data->err, -E2BIG, "%s: there are %zu files; a test may have %d", folder,
				 count, TASK_FILES_MAX);
	test->files = pool_array(data->pool, count, sizeof *test->files);
	if (!test->files)
		return data_out_of_memory(data);
	for (size_t i = first; i < first + count; i++)
		test->files[test->file_count++] =
			(struct task_file){ .name = data->tree->files[i].path + size + sizeof ".files",
					    .data = data->tree->files[i].bytes,
					    .size = data->tree->files[i].size };
	return 0;
}

int test_read(struct data *data, const struct package_file *input, bool sample, struct package_test *test)
{
	struct test_base base;
	int code = test_base_open(data, input, &base);

	if (code == 0)
		code = read_files(data, &base, test);
	if (code < 0)
		return code;
	const struct package_file *answer = test_beside(data, &base, ".ans");
	test->name = base.name;
	test->group = base.folder;
	test->sample = sample;
	test->input_file = input;
	test->input = input->bytes;
	test->input_size = input->size;
	test->answer_file = answer;
	test->answer = answer ? answer->bytes : "";
	test->answer_size = answer ? answer->size : 0;
	test->args = base.settings.args;
	test->validator_args = base.settings.validator_args;
	test->input_args = base.settings.input_args;
	test->named_input_args = base.settings.named_input_args;
	test->full_feedback = base.settings.has_feedback ? base.settings.full_feedback : sample;
	test->hint = base.settings.hint ? base.settings.hint : text_beside(data, &base, ".hint");
	test->description =
		base.settings.description ? base.settings.description : text_beside(data, &base, ".desc");
	return 0;
}
