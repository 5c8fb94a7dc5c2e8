/* Validators, submissions and included files. */
#include <string.h>

#include "export.h"
#include "export_testlib.h"
#include "kattis_submissions.h"

/* ---- programs ---- */

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_folder(const struct export *export, const struct package_program *program)
{
	return !package_tree_find(export->package->tree, program->path);
}

/* Whether the file was executable; what lies beside a single file is not. */
static bool is_executable(struct export *export, const struct package_program *program, const char *name)
{
	const char *path = is_folder(export, program) ? export_text(export, "%s/%s", program->path, name)
						      : program->path;
	const struct package_file *file = path ? package_tree_find(export->package->tree, path) : NULL;

	return file && file->executable && strcmp(last_component(file->path), last_component(name)) == 0;
}

static void put_files(struct export *export, const struct package_program *program, const char *folder)
{
	for (size_t i = 0; i < program->file_count; i++)
		export_add(export, export_text(export, "%s/%s", folder, program->files[i].name),
			   program->files[i].data, program->files[i].size,
			   is_executable(export, program, program->files[i].name));
}

static const char *const output_folders[] = { "output_validators", "output_validator" };

/* ---- testlib's convention ---- */

static bool is_translated(struct export *export, const struct package_program *program)
{
	if (program->language && strcmp(program->language, "cpp") == 0)
		return true;
	export_note(export, program->path, 0,
		    "it ends by testlib's convention, which is translated for C++ alone: it is left out");
	return false;
}

static void put_translation(struct export *export, const char *folder, enum testlib_role role)
{
	struct buffer text = { 0 };

	testlib_translation(role, export->package->scoring, &text);
	export_add_text(export, export_text(export, "%s/testlib_to_icpc.cpp", folder), &text);
}

/* Beside a program in C++ a file of its language makes it end as the format has it. */
static void put_testlib(struct export *export, const struct package_program *program, const char *folder,
			enum testlib_role role)
{
	if (!is_translated(export, program))
		return;
	put_files(export, program, folder);
	put_translation(export, folder, role);
}

/* The first file is the program, under another name, and what is beside it stays. */
static void put_source(struct export *export, const struct package_program *program, const char *folder,
		       const char *name)
{
	for (size_t i = 0; i < program->file_count; i++)
		export_add(export,
			   export_text(export, "%s/%s", folder, i == 0 ? name : program->files[i].name),
			   program->files[i].data, program->files[i].size, false);
}

/* The format has one program for both. */
static void put_interactor_and_checker(struct export *export)
{
	const struct package *package = export->package;
	const char *folder = output_folders[export->newer];

	if (!is_translated(export, package->interactor) || !is_translated(export, package->output_validator))
		return;
	put_source(export, package->interactor, folder, "interactor.inc");
	put_source(export, package->output_validator, folder, "checker.inc");
	put_translation(export, folder, TESTLIB_BOTH);
}

/* ---- validators ---- */

/* Older judges take one folder in output_validators/ for the program. */
static const char *output_folder(struct export *export, const struct package_program *program)
{
	const char *stem = last_component(program->path);

	if (export->newer)
		return output_folders[1];
	return !is_folder(export, program) || strncmp(stem, "output_validator", 16) == 0
		       ? output_folders[0]
		       : export_text(export, "%s/%s", output_folders[0], stem);
}

static void put_output_validator(struct export *export)
{
	const struct package *package = export->package;
	const struct package_program *program = package->output_validator;
	const char *folder = program ? output_folder(export, program) : NULL;

	if (package->interactor && program) {
		put_interactor_and_checker(export);
		return;
	}
	if (package->interactor)
		export_note(export, package->interactor->path, 0,
			    "an interactor whose outputs no program checks cannot be said: it is left out");
	if (!folder)
		return;
	if (package->convention == CONVENTION_ICPC)
		put_files(export, program, folder);
	else
		put_testlib(export, program, folder,
			    package->interactive ? TESTLIB_INTERACTOR : TESTLIB_CHECKER);
}

/* Where folders with different names are one, of two of one name the first stays. */
static void put_input_validator(struct export *export, const struct package_program *program)
{
	static const char root[] = "input_validators";
	const char *name = last_component(program->path);
	bool whole = !strchr(program->path, '/'), folder = is_folder(export, program);

	if (export->package->input_validator_right != 42) {
		const char *own = export_text(export, "%s/%.*s", root, (int)strcspn(name, "."), name);

		if (own)
			put_testlib(export, program, own, TESTLIB_VALIDATOR);
	} else if (whole || !folder) {
		put_files(export, program, root);
	} else {
		const char *own = export_text(export, "%s/%s", root, name);

		if (own)
			put_files(export, program, own);
	}
}

static void put_static_validator(struct export *export)
{
	if (!export->package->static_validator)
		return;
	put_files(export, export->package->static_validator, "static_validator");
	if (!export->newer)
		export_note(export, NULL, 0,
			    "the legacy format has no static validator: other judges leave it out");
}

/* ---- submissions ---- */

static void put_shorts(struct buffer *out, verdict_set set)
{
	static const struct {
		verdict_set set;
		const char *name;
	} names[] = { { VERDICTS_ACCEPTED, "AC" },
		      { VERDICTS_WRONG, "WA" },
		      { VERDICTS_TOO_SLOW, "TLE" },
		      { VERDICTS_RUN_ERROR, "RTE" } };
	const char *between = "[";

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (set & names[i].set) {
			buffer_printf(out, "%s%s", between, names[i].name);
			between = ", ";
		}
	buffer_puts(out, "]\n");
}

/* A verdict of the whole is that of some test, and others pass. */
static void put_expectation(struct buffer *out, const char *name, verdict_set whole)
{
	yaml_put_text(out, name);
	buffer_puts(out, ":\n  permitted: ");
	put_shorts(out, whole | VERDICTS_ACCEPTED);
	if (whole & VERDICTS_ACCEPTED)
		return;
	buffer_puts(out, "  required: ");
	put_shorts(out, whole);
}

/* From 2023-07 on what a test is decides, and whether the whole is partial then does not. */
static const char *class_for(const struct export *export, verdict_set whole)
{
	static const struct {
		verdict_set set;
		const char *name;
	} near[] = { { VERDICTS_ACCEPTED, "accepted" },
		     { VERDICTS_WRONG, "wrong_answer" },
		     { VERDICTS_TOO_SLOW, "time_limit_exceeded" },
		     { VERDICTS_RUN_ERROR, "run_time_error" } };
	const verdict_set of_tests =
		VERDICTS_ACCEPTED | VERDICTS_WRONG | VERDICTS_TOO_SLOW | VERDICTS_RUN_ERROR;
	const char *class = class_of(whole);

	for (size_t i = 0; !class && (export->newer || !export->package->scoring) && i < 4; i++)
		if (whole & of_tests && !(whole & of_tests & ~near[i].set))
			class = near[i].name;
	return class;
}

/* Polygon's, one by one: each in a folder that says what is expected, or nearly. */
static void put_submission(struct export *export, const struct package_submission *submission,
			   struct buffer *yaml)
{
	const struct package_program *program = &submission->program;
	verdict_set whole = submission->expectation_count > 0 ? submission->expectations[0].whole : 0;
	const char *class = class_for(export, whole), *name = last_component(program->path);

	if (submission->skipped) {
		export_note(export, program->path, 0,
			    "it is not to be run, which cannot be said: it is left out");
		return;
	}
	if (!class) {
		class = whole & VERDICTS_ACCEPTED ? "mixed" : "rejected";
		if (export->newer)
			put_expectation(yaml, export_text(export, "%s/%s", class, name), whole);
		else
			export_note(export, program->path, 0,
				    "what is expected of it cannot be said: it is in submissions/%s", class);
	}
	const char *folder =
		export_text(export, "submissions/%s%s%s", class, is_folder(export, program) ? "/" : "",
			    is_folder(export, program) ? name : "");
	if (folder)
		put_files(export, program, folder);
}

static void put_submissions(struct export *export)
{
	const struct package *package = export->package;
	const struct package_file *json = package_tree_find(package->tree, "submissions.json");
	struct buffer yaml = { 0 };

	if (package->format != PACKAGE_POLYGON) {
		export_copy_folder(export, "submissions", "submissions");
		if (json)
			export_add(export, json->path, json->bytes, json->size, false);
		if (!export->newer && package_tree_find(package->tree, "submissions/submissions.yaml"))
			export_note(export, "submissions/submissions.yaml", 0,
				    "the legacy format has no such file: other judges do not read it");
		return;
	}
	for (size_t i = 0; i < package->submission_count; i++)
		put_submission(export, &package->submissions[i], &yaml);
	if (yaml.size > 0)
		export_add_text(export, "submissions/submissions.yaml", &yaml);
}

/* ---- all of it ---- */

void export_programs(struct export *export)
{
	const struct package *package = export->package;

	put_output_validator(export);
	for (size_t i = 0; i < package->input_validator_count; i++)
		put_input_validator(export, &package->input_validators[i]);
	put_static_validator(export);
	put_submissions(export);
	for (size_t i = 0; package->format == PACKAGE_POLYGON && i < package->include_count; i++)
		export_add(export, export_text(export, "include/%s", package->includes[i].name),
			   package->includes[i].data, package->includes[i].size, false);
}
