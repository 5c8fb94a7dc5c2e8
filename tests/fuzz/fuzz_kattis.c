/* Any texts as what a package says of itself: problem.yaml, the ini, groups and tests; files end with a 0x1e. What was
 * read can be judged: limits, names and passes are there, and groups are such that they can be scored. */
#include "fuzz.h"

#include "inside.h"

static const char *const paths[] = { ".timelimit",
				     "data/invalid_output/1.ans",
				     "data/invalid_output/1.in",
				     "data/invalid_output/1.out",
				     "data/invalid_output/1.yaml",
				     "data/sample/1.ans",
				     "data/sample/1.in",
				     "data/sample/1.interaction",
				     "data/sample/test_group.yaml",
				     "data/secret/1/1.ans",
				     "data/secret/1/1.in",
				     "data/secret/1/1.yaml",
				     "data/secret/1/test_group.yaml",
				     "data/secret/1/testdata.yaml",
				     "data/secret/2/1.ans",
				     "data/secret/2/1.in",
				     "data/secret/2/test_group.yaml",
				     "data/secret/test_group.yaml",
				     "data/testdata.yaml",
				     "domjudge-problem.ini",
				     "problem.yaml",
				     "statement/problem.en.tex" };
/* In which order the bytes fill them: what matters most is first. */
static const unsigned char order[] = { 20, 19, 18, 13, 12, 16, 17, 8, 11, 0, 21, 4, 7, 6, 10 };
enum { PATHS = sizeof paths / sizeof paths[0], PARTS = sizeof order };

static struct catalogue *languages(void)
{
	static struct catalogue *catalogue;
	struct error err;

	must(catalogue || catalogue_load(LANGUAGES_DIR, &catalogue, &err) == 0);
	return catalogue;
}

static void check_list(const char *const *list)
{
	for (; list && *list; list++)
		must(strlen(*list) <= 1 << 20);
}

static void check_limits(const struct limits *limits)
{
	must(limits->memory_bytes > 0 && limits->output_bytes > 0 && limits->file_bytes > 0);
	must(limits->disk_bytes > 0 && limits->inodes > 0 && limits->processes > 0 && limits->open_files > 0);
}

static void check_groups(const struct package *package, struct pool *pool)
{
	struct task_test *tests = pool_array(pool, package->test_count + 1, sizeof *tests);
	struct task task = { .tests = tests, .test_count = package->test_count, .groups = package->groups };
	struct scoring *scoring;
	struct report report = { 0 };
	struct error err;

	must(tests);
	for (size_t i = 0; i < package->test_count; i++)
		tests[i].group = package->tests[i].group;
	must(scoring_new(&task, pool, &scoring, &err) == 0);
	for (size_t i = 0; i < package->test_count; i++) {
		struct run_report run = { .verdict = scoring_skips(scoring, i) ? VERDICT_SKIPPED
									       : VERDICT_ACCEPTED };

		scoring_note(scoring, i, &run);
	}
	must(scoring_finish(scoring, pool, &report, &err) == 0);
	must(report.verdict < VERDICT_COUNT);
}

static void check(const struct package *package, struct pool *pool)
{
	const struct package_time *time = &package->time;

	must(package->name_count > 0 && package->short_name && package->tree->count >= PATHS);
	for (size_t i = 0; i < package->name_count; i++)
		must(package->names[i].language && package->names[i].text);
	check_limits(&package->limits);
	check_limits(&package->validation_limits);
	must(package->validation_limits.cpu_time_us > 0 && package->compile_limits.memory_bytes > 0);
	must(package->passes >= 1 && package->passes <= TASK_PASSES_MAX && package->code_bytes > 0);
	must(!time->given || (time->limit_s > 0 && time->from));
	must(time->multiplier > 0 && time->safety_margin > 0 && time->resolution_s > 0);
	check_list(package->validator_args);
	check_list(package->keywords);
	check_list(package->languages);
	for (size_t i = 0; i < package->test_count; i++) {
		check_list(package->tests[i].args);
		check_list(package->tests[i].validator_args);
		check_list(package->tests[i].input_args);
	}
	for (size_t i = 0; i < package->notes.count; i++)
		must(package->notes.items[i].text && package->notes.items[i].line >= 0);
	if (package->groups)
		check_groups(package, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct package_file files[PATHS] = { 0 };
	struct package_tree tree = { "it", files, PATHS };
	cleanup_pool struct pool *pool = pool_new();
	struct package package;
	struct error err = { 0 };
	size_t at = 0;

	must(pool);
	for (size_t i = 0; i < PATHS; i++)
		files[i] = (struct package_file){ .path = paths[i], .bytes = "" };
	for (size_t i = 0; i < PARTS && at < size; i++) {
		const uint8_t *end = memchr(data + at, 0x1e, size - at);
		size_t length = (end ? (size_t)(end - data) : size) - at;

		files[order[i]].bytes = pool_memdup(pool, data + at, length);
		files[order[i]].size = length;
		must(files[order[i]].bytes);
		at += length + 1;
	}
	int code = package_read(&tree, languages(), pool, &package, &err);
	if (code == 0)
		check(&package, pool);
	else
		must((code == -EINVAL || code == -E2BIG) && err.text[0]);
	return 0;
}
