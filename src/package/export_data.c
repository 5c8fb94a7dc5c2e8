/* data/: tests, and what is beside them. */
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "kattis_test.h"

/* ---- files ---- */

/* Those that are written anew: settings of folders, of what has an .in, and words about it. */
static bool is_settings(const struct package_tree *tree, const char *path)
{
	static const char *const endings[] = { ".yaml", ".hint", ".desc" };
	const char *name = strrchr(path, '/') + 1;
	char input[PACKAGE_PATH_BYTES_MAX + 8];

	if (strstr(path, ".files/"))
		return false;
	if (strcmp(name, "testdata.yaml") == 0 || strcmp(name, "test_group.yaml") == 0)
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t stem = strlen(path) - strlen(endings[i]);

		if (!path_ends_with(path, endings[i]))
			continue;
		snprintf(input, sizeof input, "%.*s.in", (int)stem, path);
		return package_tree_find(tree, input) != NULL;
	}
	return false;
}

/* The versions differ in what they show of it. */
static void note_interactive_samples(struct export *export)
{
	const struct package *package = export->package;
	bool same = export->newer == (package->format == PACKAGE_2025_09);

	for (size_t i = 0; package->interactive && !same && i < package->test_count; i++) {
		const char *talk = export_text(export, "data/%s.interaction", package->tests[i].name);

		if (!package->tests[i].sample || !talk || package_tree_find(package->tree, talk))
			continue;
		export_note(export, NULL, 0, "%s is %s there, for it has no .interaction",
			    package->tests[i].name, export->newer ? "shown" : "not shown");
	}
}

static void copy_data(struct export *export)
{
	const struct package_tree *tree = export->package->tree;
	size_t count, first = package_tree_below(tree, "data", &count);
	bool files = false;

	for (size_t i = first; i < first + count; i++) {
		const struct package_file *file = &tree->files[i];

		if (is_settings(tree, file->path) ||
		    (path_is_odd(file->path) && !strstr(file->path, ".files/")))
			continue;
		files = files || strstr(file->path, ".files/");
		export_add(export, file->path, file->bytes, file->size, file->executable);
	}
	if (files && !export->newer)
		export_note(export, NULL, 0,
			    "the legacy format has no files of tests: other judges leave them out");
}

static void put_data(struct export *export, const char *name, const char *ending, const char *bytes,
		     size_t size)
{
	export_add(export, export_text(export, "data/%s%s", name, ending), bytes, size, false);
}

static void write_test_files(struct export *export, size_t test)
{
	const struct package_test *it = &export->package->tests[test];
	const char *name = export->test_names[test];

	if (!it->input_file) {
		export_note(export, NULL, 0, "the test %s has no input: it is left out", it->name);
		return;
	}
	put_data(export, name, ".in", it->input, it->input_size);
	put_data(export, name, ".ans", it->answer, it->answer_size);
	if (!it->answer_file)
		export_note(export, NULL, 0, "the test %s has no answer: an empty one is written", it->name);
	for (size_t i = 0; i < it->file_count; i++)
		export_add(export, export_text(export, "data/%s.files/%s", name, it->files[i].name),
			   it->files[i].data, it->files[i].size, false);
}

/* What a statement shows that is not the test's own. */
static void write_sample(struct export *export, const struct package_sample *sample)
{
	const struct package *package = export->package;
	size_t i = 0;

	while (i < package->test_count && strcmp(package->tests[i].name, sample->name) != 0)
		i++;
	if (i == package->test_count || !package->tests[i].sample)
		return;
	const struct package_test *test = &package->tests[i];
	const char *name = export->test_names[i];
	if (sample->conversation)
		put_data(export, name, ".interaction", sample->conversation, sample->conversation_size);
	if (sample->input && (sample->input_size != test->input_size ||
			      memcmp(sample->input, test->input, test->input_size) != 0))
		put_data(export, name, ".in.statement", sample->input, sample->input_size);
	if (sample->output && (sample->output_size != test->answer_size ||
			       memcmp(sample->output, test->answer, test->answer_size) != 0))
		put_data(export, name, ".ans.statement", sample->output, sample->output_size);
}

static void write_claim(struct export *export, const struct package_claimed *claim)
{
	put_data(export, claim->name, ".in", claim->input, claim->input_size);
	if (claim->answer)
		put_data(export, claim->name, ".ans", claim->answer, claim->answer_size);
	if (claim->output)
		put_data(export, claim->name, ".out", claim->output, claim->output_size);
}

void export_data(struct export *export)
{
	const struct package *package = export->package;

	if (package->format == PACKAGE_POLYGON) {
		for (size_t i = 0; i < package->test_count; i++)
			write_test_files(export, i);
		for (size_t i = 0; i < package->sample_count; i++)
			write_sample(export, &package->samples[i]);
		for (size_t i = 0; i < package->claim_count; i++)
			write_claim(export, &package->claims[i]);
	} else {
		copy_data(export);
		note_interactive_samples(export);
	}
	export_group_settings(export);
	export_settings(export);
	export_folders(export);
}
