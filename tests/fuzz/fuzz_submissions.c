/* Any texts as what is said of submissions: submissions.yaml, submissions.json, and the tags in two of them; each ends with a
 * 0x1e, and the first byte says in which version. What is expected has words, and an answer for every report. */
#include "fuzz.h"

#include "inside.h"

static const char *const paths[] = { "problem.yaml",
				     "submissions.json",
				     "submissions/accepted/a.py",
				     "submissions/mixed/b/main.py",
				     "submissions/submissions.yaml",
				     "submissions/wrong_answer/c.c" };
static const size_t order[] = { 4, 1, 3, 2 };
enum { PATHS = sizeof paths / sizeof paths[0], PARTS = sizeof order / sizeof order[0] };

static struct catalogue *languages(void)
{
	static struct catalogue *catalogue;
	struct error err;

	must(catalogue || catalogue_load(LANGUAGES_DIR, &catalogue, &err) == 0);
	return catalogue;
}

static void check_answer(const struct expectation *expectation, unsigned verdicts, struct pool *pool)
{
	static const char *const names[] = { "sample/1", "secret/1/a", "secret/2" };
	struct group_report groups[] = { { .name = "secret", .score = 3 }, { .name = "secret/1" } };
	struct run_report runs[3] = { 0 };
	struct report report = { .verdict = (enum verdict)(verdicts % VERDICT_COUNT),
				 .runs = runs,
				 .run_count = verdicts % 4,
				 .has_score = verdicts & 1,
				 .groups = groups,
				 .group_count = 2 };

	for (size_t i = 0; i < 3; i++)
		runs[i] = (struct run_report){ .verdict = (enum verdict)((verdicts >> i) % VERDICT_COUNT),
					       .judge_message = "a",
					       .judge_message_size = 1 };
	const char *fails = expectation_fails(expectation, &report, names, pool);
	must(!fails || fails[0]);
	must(report.verdict != VERDICT_JUDGE_ERROR || fails);
}

static void check_expectation(const struct expectation *expectation, struct pool *pool)
{
	const char *words = expectation_words(expectation, pool);

	must(words && words[0]);
	must(!expectation->has_score || expectation->least <= expectation->most);
	must(!expectation->groups || expectation->groups[0]);
	for (unsigned i = 0; i < 64; i++)
		check_answer(expectation, i, pool);
}

static void check(const struct package *package, struct pool *pool)
{
	must(package->submission_count == 3);
	for (size_t i = 0; i < package->submission_count; i++) {
		const struct package_submission *submission = &package->submissions[i];

		must(submission->program.file_count == 1 && submission->class_name[0]);
		must(submission->program.language || submission->program.why_not);
		for (size_t j = 0; j < submission->expectation_count; j++)
			check_expectation(&submission->expectations[j], pool);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const versions[] = { "name: a", "name: a\nproblem_format_version: 2025-09" };
	struct package_file files[PATHS];
	struct package_tree tree = { "it", files, PATHS };
	cleanup_pool struct pool *pool = pool_new();
	const char *version = versions[size > 0 && data[0] % 2];
	struct package package;
	struct error err = { 0 };
	size_t at = 1;

	must(pool);
	for (size_t i = 0; i < PATHS; i++)
		files[i] = (struct package_file){ .path = paths[i], .bytes = "" };
	files[0].bytes = version;
	files[0].size = strlen(version);
	for (size_t i = 0; i < PARTS && at < size; i++) {
		const uint8_t *end = memchr(data + at, 0x1e, size - at);
		size_t length = (end ? (size_t)(end - data) : size) - at;

		files[order[i]].bytes = pool_memdup(pool, data + at, length);
		files[order[i]].size = length;
		must(files[order[i]].bytes);
		at += length + 1;
	}
	must(package_read(&tree, languages(), pool, &package, &err) == 0);
	check(&package, pool);
	return 0;
}
