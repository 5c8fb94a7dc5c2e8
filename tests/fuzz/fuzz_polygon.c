/* Any bytes as problem.xml, beside files that it may name. What was read can be judged: names, limits and bytes are there,
 * groups can be scored, and whoever is expected to be something has a program. */
#include "fuzz.h"

#include "inside.h"

static struct package_file files[] = {
	{ .path = "files/check.cpp", .bytes = "int main() {}", .size = 13 },
	{ .path = "files/interactor.py", .bytes = "1", .size = 1 },
	{ .path = "files/testlib.h", .bytes = "", .size = 0 },
	{ .path = "files/validator.cpp", .bytes = "int main() {}", .size = 13 },
	{ .path = "problem.xml" },
	{ .path = "solutions/a.py", .bytes = "1", .size = 1 },
	{ .path = "statements/english/problem.tex", .bytes = "", .size = 0 },
	{ .path = "tests/01", .bytes = "1", .size = 1 },
	{ .path = "tests/01.a", .bytes = "2", .size = 1 },
	{ .path = "tests/02", .bytes = "3", .size = 1 },
	{ .path = "tests/02.a", .bytes = "4", .size = 1 },
	{ .path = "tests/1", .bytes = "5", .size = 1 },
};
enum { FILES = sizeof files / sizeof files[0], PROBLEM = 4 };

static struct catalogue *languages(void)
{
	static struct catalogue *catalogue;
	struct error err;

	must(catalogue || catalogue_load(LANGUAGES_DIR, &catalogue, &err) == 0);
	return catalogue;
}

static void check_program(const struct package_program *program)
{
	must(program->path && (program->language || program->why_not) && program->file_count > 0);
	for (size_t i = 0; i < program->file_count; i++)
		must(lang_file_name_ok(program->files[i].name) && program->files[i].data);
}

static void check_groups(const struct package *package, struct pool *pool)
{
	struct task_test *tests = pool_array(pool, package->test_count + 1, sizeof *tests);
	struct task task = { .tests = tests, .test_count = package->test_count, .groups = package->groups };
	struct scoring *scoring;
	struct report report = { 0 };
	struct error err;

	must(tests);
	for (size_t i = 0; i < package->test_count; i++) {
		tests[i].group = package->tests[i].group;
		tests[i].points = package->tests[i].points;
	}
	must(scoring_new(&task, pool, &scoring, &err) == 0);
	for (size_t i = 0; i < package->test_count; i++) {
		struct run_report run = { .verdict = i % 2 ? VERDICT_WRONG_ANSWER : VERDICT_ACCEPTED };

		scoring_note(scoring, i, &run);
	}
	must(scoring_finish(scoring, pool, &report, &err) == 0);
	must(report.has_max_score && report.score <= report.max_score + 1e-6);
}

static void check(const struct package *package, struct pool *pool)
{
	must(package->format == PACKAGE_POLYGON && package->short_name && package->name_count > 0);
	must(package->passes == 1 && package->keywords && package->validator_args);
	must(package->limits.memory_bytes > 0 && package->validation_limits.cpu_time_us > 0);
	must(package->time.given ? package->time.limit_s > 0 : package->time.multiplier > 0);
	for (size_t i = 0; i < package->name_count; i++)
		must(package->names[i].language && package->names[i].text);
	for (size_t i = 0; i < package->statement_count; i++)
		must(package_tree_find(package->tree, package->statements[i].path));
	for (size_t i = 0; i < package->test_count; i++)
		must(package->tests[i].input_file && package->tests[i].answer_file &&
		     package->tests[i].group);
	if (package->output_validator)
		check_program(package->output_validator);
	if (package->interactor)
		check_program(package->interactor);
	for (size_t i = 0; i < package->input_validator_count; i++)
		check_program(&package->input_validators[i]);
	for (size_t i = 0; i < package->submission_count; i++)
		check_program(&package->submissions[i].program);
	if (package->groups)
		check_groups(package, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct package_tree tree = { "it", files, FILES };
	cleanup_pool struct pool *pool = pool_new();
	struct package package;
	struct error err = { 0 };

	must(pool);
	files[PROBLEM].bytes = pool_memdup(pool, data, size);
	files[PROBLEM].size = size;
	must(files[PROBLEM].bytes);
	int code = package_read(&tree, languages(), pool, &package, &err);
	if (code == 0)
		check(&package, pool);
	else
		must((code == -EINVAL || code == -E2BIG) && err.text[0]);
	return 0;
}
