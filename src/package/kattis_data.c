/* data/: tests, what a statement shows of samples, and what validators are to refuse or accept.
 *
 * A test is an .in file; what else has its name belongs to it. Tests are judged by their names, byte for byte, the
 * sample's first. Whether a file is part of something is decided by its ending alone, so that whatever is left over can
 * be told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kattis_test.h"

/* ---- all tests ---- */

static int compare_tests(const void *left, const void *right)
{
	const struct package_test *l = left, *r = right;

	return strcmp(l->name, r->name);
}

static bool is_settings(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return strcmp(name, "testdata.yaml") == 0 || strcmp(name, "test_group.yaml") == 0;
}

/* Without a validator there is nothing to compare with then: other systems leave it out, too. */
static bool is_without_answer(struct data *data, const struct package_file *input)
{
	char path[PACKAGE_PATH_BYTES_MAX + 32];
	size_t stem = strlen(input->path) - (sizeof ".in" - 1);

	snprintf(path, sizeof path, "%.*s.ans", (int)stem, input->path);
	if (package_tree_find(data->tree, path))
		return false;
	package_note(&data->package->notes, input->path, 0, "there is no .ans beside it%s",
		     data->package->output_validator ? "" : ": it is no test");
	return !data->package->output_validator;
}

static int read_tests(struct data *data, const char *folder, bool sample)
{
	size_t count, first = package_tree_below(data->tree, folder, &count);
	size_t old = data->package->test_count;
	int code = 0;

	for (size_t i = first; i < first + count && code == 0; i++) {
		const struct package_file *file = &data->tree->files[i];

		if (!path_is_input(file->path) || is_without_answer(data, file))
			continue;
		if (data->package->test_count == TASK_TESTS_MAX)
			return error_set(data->err, -E2BIG, "there are more than %d tests", TASK_TESTS_MAX);
		code = test_read(data, file, sample, &data->package->tests[data->package->test_count]);
		data->package->test_count += code == 0;
	}
	if (data->package->test_count > old)
		qsort(data->package->tests + old, data->package->test_count - old,
		      sizeof *data->package->tests, compare_tests);
	return code;
}

static size_t count_inputs(const struct package_tree *tree)
{
	size_t inputs = 0;

	for (size_t i = 0; i < tree->count; i++)
		inputs += path_ends_with(tree->files[i].path, ".in");
	return inputs;
}

static int read_all_tests(struct data *data)
{
	size_t room = count_inputs(data->tree) + 1;
	int code;

	data->package->tests = pool_array(data->pool, room < TASK_TESTS_MAX ? room : TASK_TESTS_MAX,
					  sizeof *data->package->tests);
	if (!data->package->tests)
		return data_out_of_memory(data);
	code = read_tests(data, "data/sample", true);
	size_t samples = data->package->test_count;
	if (code == 0)
		code = read_tests(data, "data/secret", false);
	if (code == 0 && data->package->test_count == samples)
		package_note(&data->package->notes, NULL, 0, "there are no tests in data/secret");
	return code;
}

/* ---- what a statement shows ---- */

/* Legacy interactive problems never show their files, which are for the validator. */
static bool shows_files(const struct package *package)
{
	return package->format == PACKAGE_2025_09 || !package->interactive;
}

static void add_sample(struct data *data, const struct test_base *base)
{
	static const char *const inputs[] = { ".in.statement", ".in" };
	static const char *const outputs[] = { ".ans.statement", ".out", ".ans" };
	const struct package_file *conversation = test_beside(data, base, ".interaction"), *input = NULL,
				  *output = NULL;
	struct package_sample *sample = &data->package->samples[data->package->sample_count];

	for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && !input; i++)
		input = test_beside(data, base, inputs[i]);
	for (size_t i = 0; i < sizeof outputs / sizeof outputs[0] && !output; i++)
		output = test_beside(data, base, outputs[i]);
	*sample = (struct package_sample){ .name = base->name };
	if (conversation) {
		sample->conversation = conversation->bytes;
		sample->conversation_size = conversation->size;
	} else if (input && output && shows_files(data->package)) {
		sample->input = input->bytes;
		sample->input_size = input->size;
		sample->output = output->bytes;
		sample->output_size = output->size;
	} else {
		return;
	}
	data->package->sample_count++;
}

static int compare_samples(const void *left, const void *right)
{
	const struct package_sample *l = left, *r = right;

	return strcmp(l->name, r->name);
}

/* Each that has an .in, and each conversation without one. */
static int read_samples(struct data *data)
{
	size_t count, first = package_tree_below(data->tree, "data/sample", &count);

	data->package->samples = pool_array(data->pool, count + 1, sizeof *data->package->samples);
	if (!data->package->samples)
		return data_out_of_memory(data);
	for (size_t i = first; i < first + count; i++) {
		const char *path = data->tree->files[i].path;
		size_t size = strlen(path);
		bool input = path_is_input(path);
		struct test_base base;

		if (!input && (!path_ends_with(path, ".interaction") || path_is_odd(path)))
			continue;
		base.path = pool_memdup(data->pool, path, size - strlen(input ? ".in" : ".interaction"));
		if (!base.path)
			return data_out_of_memory(data);
		base.name = base.path + sizeof "data/" - 1;
		if (input || !test_beside(data, &base, ".in"))
			add_sample(data, &base);
	}
	if (data->package->sample_count > 0)
		qsort(data->package->samples, data->package->sample_count, sizeof *data->package->samples,
		      compare_samples);
	return 0;
}

/* ---- claims ---- */

static const struct {
	const char *folder;
	enum package_claim claim;
} claims[] = {
	{ "data/invalid_input", CLAIM_INVALID_INPUT },
	{ "data/invalid_output", CLAIM_INVALID_OUTPUT },
	{ "data/valid_input", CLAIM_VALID_INPUT },
	{ "data/valid_output", CLAIM_VALID_OUTPUT },
};
enum { CLAIMS = sizeof claims / sizeof claims[0] };

static int read_claim(struct data *data, const struct package_file *input, enum package_claim claim)
{
	struct package_claimed *claimed = &data->package->claims[data->package->claim_count];
	struct test_base base;
	int code = test_base_open(data, input, &base);

	if (code < 0)
		return code;
	const struct package_file *answer = test_beside(data, &base, ".ans"),
				  *output = test_beside(data, &base, ".out");
	*claimed = (struct package_claimed){ .claim = claim,
					     .name = base.name,
					     .input = input->bytes,
					     .input_size = input->size,
					     .validator_args = base.settings.validator_args,
					     .input_args = base.settings.input_args,
					     .named_input_args = base.settings.named_input_args };
	if (answer) {
		claimed->answer = answer->bytes;
		claimed->answer_size = answer->size;
	}
	if (output) {
		claimed->output = output->bytes;
		claimed->output_size = output->size;
	}
	if ((claim == CLAIM_INVALID_OUTPUT || claim == CLAIM_VALID_OUTPUT) && (!answer || !output)) {
		package_note(&data->package->notes, input->path, 0,
			     "there is no .ans and .out beside it: it is ignored");
		return 0;
	}
	data->package->claim_count++;
	return 0;
}

static int read_claims(struct data *data)
{
	int code = 0;

	data->package->claims =
		pool_array(data->pool, count_inputs(data->tree) + 1, sizeof *data->package->claims);
	if (!data->package->claims)
		return data_out_of_memory(data);
	for (size_t i = 0; i < CLAIMS; i++) {
		size_t count, first = package_tree_below(data->tree, claims[i].folder, &count);

		for (size_t j = first; j < first + count && code == 0; j++)
			if (path_is_input(data->tree->files[j].path))
				code = read_claim(data, &data->tree->files[j], claims[i].claim);
	}
	return code;
}

/* ---- what is left over ---- */

static bool is_known_folder(const char *path)
{
	static const char *const others[] = { "data/sample/", "data/secret/",
					      "data/invalid_answer/", /* of other tools */
					      "data/valid_answer/" };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strncmp(path, others[i], strlen(others[i])) == 0)
			return true;
	for (size_t i = 0; i < CLAIMS; i++)
		if (strncmp(path, claims[i].folder, strlen(claims[i].folder)) == 0 &&
		    path[strlen(claims[i].folder)] == '/')
			return true;
	return false;
}

/* The length of what is before a known ending; 0: there is none. */
static size_t stem_of(const char *path)
{
	static const char *const endings[] = { ".in.statement", ".ans.statement", ".in.download",
					       ".ans.download", ".ans",           ".out",
					       ".yaml",         ".hint",          ".desc",
					       ".png",          ".jpg",           ".jpeg",
					       ".svg",          ".gif",           ".interaction" };
	size_t size = strlen(path);

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (path_ends_with(path, endings[i]))
			return size - strlen(endings[i]);
	return 0;
}

/* Why nothing is made of it; NULL: it is part of something. */
static const char *why_left_over(const struct data *data, const char *path)
{
	const char *files = strstr(path, ".files/");
	size_t stem = files ? (size_t)(files - path) : stem_of(path);
	char input[PACKAGE_PATH_BYTES_MAX + 32];

	if (path_is_odd(path))
		return "its name is not one of the format's (letters, digits, '_', '.', '-' and '+'): it is "
		       "ignored";
	if (!files && (path_ends_with(path, ".in") || is_settings(path) ||
		       (path_ends_with(path, ".interaction") && strncmp(path, "data/sample/", 12) == 0)))
		return NULL;
	if (stem == 0)
		return "it is no part of a test";
	memcpy(input, path, stem);
	memcpy(input + stem, ".in", sizeof ".in");
	return package_tree_find(data->tree, input) ? NULL : "there is no .in beside it: it is ignored";
}

static void note_left_over(struct data *data)
{
	size_t count, first = package_tree_below(data->tree, "data", &count);

	for (size_t i = first; i < first + count; i++) {
		const char *path = data->tree->files[i].path, *why = NULL;

		if (is_known_folder(path))
			why = why_left_over(data, path);
		else if (!is_settings(path))
			why = "this is no folder of tests: it is ignored";
		if (why)
			package_note(&data->package->notes, path, 0, "%s", why);
	}
}

int kattis_data_read(const struct package_tree *tree, struct pool *pool, struct package *package,
		     struct error *err)
{
	struct data data = { .tree = tree, .pool = pool, .package = package, .err = err };
	int code = data_folders_read(tree, pool, package, &data.folders, err);

	if (code == 0)
		code = read_all_tests(&data);
	if (code == 0)
		code = read_samples(&data);
	if (code == 0)
		code = read_claims(&data);
	if (code == 0)
		code = data_folders_groups(tree, &data.folders, pool, package, err);
	if (code == 0)
		note_left_over(&data);
	return code;
}
