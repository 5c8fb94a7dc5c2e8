/* submissions/: files and folders right below submissions/<class>/, and what is expected of each.
 *
 * The folder's name says that, unless the submission's own tags do, or a key of submissions.yaml that is called as the
 * folder; what other keys of that file say comes on top. From 2023-07 on verdicts are those of all tests, earlier the
 * submission's own; a tag's always is the latter. */
#include "kattis_submissions.h"

#include <stdlib.h>
#include <string.h>

enum { SUBMISSIONS_MAX = 500, EXPECTATIONS_MAX = 64, MATCHED_MAX = 100000000 };

#define ROOT "submissions/"

struct reader {
	const struct package_tree *tree;
	const struct catalogue *catalogue;
	struct pool *pool;
	struct package *package;
	struct submission_files files;
	size_t matched; /* bytes of patterns, each times those of the paths that it was held against */
	struct error *err;
};

static int out_of_memory(const struct reader *reader)
{
	return error_set(reader->err, -ENOMEM, "out of memory");
}

/* ---- one submission ---- */

/* One that is being read. */
struct found {
	const char *path, *name; /* the latter below submissions/ */
	const char *class_name;
	const struct submission_class *class; /* NULL: none that is known */
	const struct package_file *file;      /* NULL: it is a folder */
	struct said_expectation base;
	struct expectation *expectations;
	size_t count;
};

static bool says_something(const struct said_expectation *said)
{
	const struct expectation *expectation = &said->expectation;

	return expectation->whole || expectation->permitted || expectation->required ||
	       expectation->has_score || expectation->message || said->use == USE_LOWER ||
	       said->use == USE_UPPER;
}

/* As if that were said with the verdicts. */
static void apply_use(struct said_expectation *said)
{
	struct expectation *expectation = &said->expectation;

	if (said->use == USE_LOWER && !expectation->permitted && !expectation->whole)
		expectation->permitted = VERDICTS_ACCEPTED | VERDICTS_WRONG | VERDICTS_RUN_ERROR;
	if (said->use == USE_UPPER && !expectation->required && !expectation->whole)
		expectation->required = VERDICTS_TOO_SLOW;
	if (said->use == USE_UNSAID) {
		expectation->sets_time_limit =
			(expectation->permitted && !(expectation->permitted & VERDICTS_TOO_SLOW)) ||
			(expectation->whole & ~VERDICT_BIT(VERDICT_PARTIAL)) == VERDICTS_ACCEPTED;
		expectation->exceeds_time =
			expectation->required == VERDICTS_TOO_SLOW || expectation->whole == VERDICTS_TOO_SLOW;
	} else {
		expectation->sets_time_limit = said->use == USE_LOWER;
		expectation->exceeds_time = said->use == USE_UPPER;
	}
}

static void add(struct found *found, const struct said_expectation *said)
{
	struct said_expectation whole = *said;

	if (found->count == EXPECTATIONS_MAX || !says_something(said))
		return;
	apply_use(&whole);
	found->expectations[found->count++] = whole.expectation;
}

/* A key that is called as the folder: what it says stands in for what the folder's name does. */
static void overlay(struct said_expectation *base, const struct said_expectation *said)
{
	struct expectation *expectation = &base->expectation;

	if (said->expectation.permitted || said->expectation.required)
		expectation->whole = 0;
	if (said->expectation.permitted)
		expectation->permitted = said->expectation.permitted;
	if (said->expectation.required)
		expectation->required = said->expectation.required;
	if (said->expectation.has_score) {
		expectation->has_score = true;
		expectation->least = said->expectation.least;
		expectation->most = said->expectation.most;
	}
	if (said->expectation.message)
		expectation->message = said->expectation.message;
	base->use = said->use;
}

/* A list that holds what the folder says anyway says no more than that. */
static void apply_results(const struct reader *reader, const struct found *found,
			  const struct submission_tags *tags, struct said_expectation *base)
{
	verdict_set of_folder = found->class ? found->class->whole : 0;

	if (!tags->anything && of_folder && (tags->results & of_folder) == of_folder)
		return;
	base->expectation = (struct expectation){ .whole = tags->anything ? 0 : tags->results };
	if (of_folder)
		package_note(&reader->package->notes, found->path, 0,
			     "its @EXPECTED_RESULTS@ counts, which does not go with the folder's name");
}

/* Who has a score may be called partial here, whatever another system calls it. */
static void apply_score(const struct submission_tags *tags, struct expectation *expectation)
{
	expectation->has_score = true;
	expectation->least = expectation->most = tags->score;
	if (expectation->whole && tags->score > 0)
		expectation->whole |= VERDICT_BIT(VERDICT_PARTIAL);
}

static void apply_tags(const struct reader *reader, const struct found *found,
		       const struct package_program *program, struct said_expectation *base)
{
	struct submission_tags tags;

	submission_tags_read(program, &reader->package->notes, &tags);
	if (tags.has_results)
		apply_results(reader, found, &tags, base);
	if (tags.has_score)
		apply_score(&tags, &base->expectation);
}

static bool is_folder_of(const struct submission_pattern *pattern, const struct found *found)
{
	size_t size = strlen(pattern->pattern);

	while (size > 1 && pattern->pattern[size - 1] == '/')
		size--;
	return size == strlen(found->class_name) && strncmp(pattern->pattern, found->class_name, size) == 0;
}

/* What the folder's name says, or what stands in for it. */
static void add_base(const struct reader *reader, const struct package_program *program, struct found *found)
{
	struct said_expectation base = { 0 };
	bool is_said = false;

	if (found->class)
		base.expectation = class_expectation(found->class, reader->package->format);
	for (size_t i = 0; i < reader->files.pattern_count; i++)
		if (is_folder_of(&reader->files.patterns[i], found)) {
			overlay(&base, &reader->files.patterns[i].whole);
			is_said = true;
		}
	if (!is_said)
		apply_tags(reader, found, program, &base);
	add(found, &base);
}

static void add_patterns(const struct reader *reader, struct found *found)
{
	for (size_t i = 0; i < reader->files.pattern_count; i++) {
		const struct submission_pattern *pattern = &reader->files.patterns[i];

		if (!package_glob_matches(pattern->pattern, found->name))
			continue;
		if (!is_folder_of(pattern, found))
			add(found, &pattern->whole);
		for (size_t j = 0; j < pattern->group_count; j++)
			add(found, &pattern->groups[j]);
	}
}

static void note_expectations(const struct reader *reader, const struct found *found)
{
	if (found->count == 0)
		package_note(&reader->package->notes, found->path, 0,
			     "nothing says what is expected of it: anything goes");
	if (found->count == EXPECTATIONS_MAX)
		package_note(&reader->package->notes, found->path, 0,
			     "more than %d expectations are about it; those behind them are ignored",
			     EXPECTATIONS_MAX - 1);
}

static int expect(const struct reader *reader, struct found *found, struct package_submission *submission)
{
	found->expectations = pool_array(reader->pool, EXPECTATIONS_MAX, sizeof *found->expectations);
	if (!found->expectations)
		return out_of_memory(reader);
	add_base(reader, &submission->program, found);
	add_patterns(reader, found);
	note_expectations(reader, found);
	submission->class_name = found->class_name;
	submission->expectations = found->expectations;
	submission->expectation_count = found->count;
	submission->every_test = reader->package->format == PACKAGE_2025_09;
	for (size_t i = 0; i < found->count; i++) {
		const struct expectation *expectation = &found->expectations[i];

		submission->every_test |= expectation->permitted || expectation->required;
		submission->sets_time_limit |= expectation->sets_time_limit && !expectation->groups;
		submission->exceeds_time |= expectation->exceeds_time && !expectation->groups;
	}
	return 0;
}

/* How it is compiled: of several places that say it the last one counts. Answers are no program, and need not be. */
static int read_program(struct reader *reader, const struct found *found, struct package_program *program)
{
	const char *language = NULL, *entry = NULL;

	for (size_t i = 0; i < reader->files.pattern_count; i++) {
		struct submission_pattern *pattern = &reader->files.patterns[i];

		if (!package_glob_matches(pattern->pattern, found->name))
			continue;
		pattern->is_used = true;
		language = pattern->language ? pattern->language : language;
		entry = pattern->entry ? pattern->entry : entry;
	}
	submission_json_find(&reader->files, found->path, &language, &entry);
	size_t notes = reader->package->notes.count;
	int code = program_read(reader->tree, reader->catalogue, found->path, language, entry, false,
				reader->pool, &reader->package->notes, program, reader->err);
	if (code == 0 && reader->package->submit_answer && program->not_a_program) {
		reader->package->notes.count = notes; /* that it is none */
		program->not_a_program = false;
		program->why_not = NULL;
		program->language = "text";
	}
	return code;
}

/* A README, a Makefile: program_read() noted that already. */
static bool is_aside(const struct reader *reader, const struct found *found,
		     const struct package_program *program)
{
	const char *name = strrchr(found->path, '/') + 1;

	return found->file && program->not_a_program && lang_file_name_ok(name);
}

/* Patterns are cheap, but all of them are held against all submissions. */
static int count_patterns(struct reader *reader, const struct found *found)
{
	for (size_t i = 0; i < reader->files.pattern_count; i++)
		reader->matched += strlen(reader->files.patterns[i].pattern) * strlen(found->name);
	return reader->matched <= MATCHED_MAX
		       ? 0
		       : error_set(reader->err, -E2BIG,
				   "submissions/submissions.yaml: there are too many patterns for so many "
				   "submissions");
}

static int read_submission(struct reader *reader, struct found *found)
{
	struct package *package = reader->package;
	struct package_submission *submission = &package->submissions[package->submission_count];
	int code;

	found->class_name = pool_memdup(reader->pool, found->name, strcspn(found->name, "/"));
	if (!found->class_name)
		return out_of_memory(reader);
	found->class = submission_class(found->class_name, strlen(found->class_name));
	code = count_patterns(reader, found);
	if (code == 0)
		code = read_program(reader, found, &submission->program);
	if (code < 0 || is_aside(reader, found, &submission->program))
		return code;
	code = expect(reader, found, submission);
	package->submission_count += code == 0;
	return code;
}

/* ---- all of them ---- */

/* What the file belongs to: itself, or a folder in a class's; NULL: neither. */
static const char *submission_path(const struct package_file *file, struct pool *pool, bool *is_file)
{
	const char *name = file->path + sizeof ROOT - 1, *slash = strchr(name, '/');
	const char *below = slash ? strchr(slash + 1, '/') : NULL;

	*is_file = !below;
	return !slash ? NULL
		      : pool_memdup(pool, file->path,
				    below ? (size_t)(below - file->path) : strlen(file->path));
}

static int compare_submissions(const void *left, const void *right)
{
	const struct package_submission *l = left, *r = right;

	return strcmp(l->program.path, r->program.path);
}

static bool is_below(const char *path, const char *folder)
{
	size_t size = folder ? strlen(folder) : 0;

	return size > 0 && strncmp(path, folder, size) == 0 && path[size] == '/';
}

static bool is_loose(const struct package_file *file)
{
	return !strchr(file->path + sizeof ROOT - 1, '/');
}

static void note_loose(struct reader *reader, const struct package_file *file)
{
	const char *name = file->path + sizeof ROOT - 1;

	if (strcmp(name, "submissions.yaml") != 0)
		package_note(&reader->package->notes, file->path, 0,
			     "a submission is in a folder that says what is expected of it: this is ignored");
}

static int read_all(struct reader *reader)
{
	size_t count, first = package_tree_below(reader->tree, "submissions", &count);
	const char *before = NULL;
	int code = 0;

	reader->package->submissions =
		pool_array(reader->pool, SUBMISSIONS_MAX, sizeof *reader->package->submissions);
	if (!reader->package->submissions)
		return out_of_memory(reader);
	for (const struct package_file *file = &reader->tree->files[first], *end = file + count;
	     file < end && code == 0; file++) {
		struct found found = { 0 };
		bool is_file;

		/* Nobody misses ".gitignore"; in a submission's folder it is there anyway. */
		if (is_below(file->path, before) || strrchr(file->path, '/')[1] == '.')
			continue;
		if (is_loose(file)) {
			note_loose(reader, file);
			continue;
		}
		if (reader->package->submission_count == SUBMISSIONS_MAX)
			return error_set(reader->err, -E2BIG, "there are more than %d submissions",
					 SUBMISSIONS_MAX);
		found.path = before = submission_path(file, reader->pool, &is_file);
		if (!found.path)
			return out_of_memory(reader);
		found.name = found.path + sizeof ROOT - 1;
		found.file = is_file ? file : NULL;
		code = read_submission(reader, &found);
	}
	return code;
}

static void note_unused(struct reader *reader)
{
	for (size_t i = 0; i < reader->files.pattern_count; i++)
		if (!reader->files.patterns[i].is_used)
			package_note(&reader->package->notes, "submissions/submissions.yaml",
				     reader->files.patterns[i].line, "%.100s is about no submission",
				     reader->files.patterns[i].pattern);
}

int kattis_submissions_read(const struct package_tree *tree, const struct catalogue *catalogue,
			    struct pool *pool, struct package *package, struct error *err)
{
	struct reader reader = {
		.tree = tree, .catalogue = catalogue, .pool = pool, .package = package, .err = err
	};
	int code = submission_files_read(tree, pool, &package->notes, &reader.files, err);

	if (code == 0)
		code = read_all(&reader);
	if (code < 0)
		return code;
	note_unused(&reader);
	if (package->submission_count == 0)
		package_note(&package->notes, NULL, 0, "there are no submissions");
	else
		qsort(package->submissions, package->submission_count, sizeof *package->submissions,
		      compare_submissions);
	return 0;
}
