/* Any package, written again in either format: that is read, and is the same where it says the same. Texts end with a 0x1e
 * each, as in fuzz_kattis.c. */
#include "fuzz.h"

#include "inside.h"

static const char *const paths[] = { "data/invalid_input/1.in",
				     "data/invalid_input/1.yaml",
				     "data/sample/1.ans",
				     "data/sample/1.desc",
				     "data/sample/1.in",
				     "data/secret/1/1.ans",
				     "data/secret/1/1.in",
				     "data/secret/1/1.yaml",
				     "data/secret/1/test_group.yaml",
				     "data/secret/2/a/1.ans",
				     "data/secret/2/a/1.in",
				     "data/secret/2/a/1.yaml",
				     "data/secret/2/testdata.yaml",
				     "data/secret/test_group.yaml",
				     "data/testdata.yaml",
				     "domjudge-problem.ini",
				     "input_validators/v.py",
				     "output_validator/w.py",
				     "problem.yaml",
				     "statement/problem.en.tex" };
static const unsigned char order[] = { 18, 7, 8, 11, 13, 14, 12, 1, 15, 3, 19 };
enum { PATHS = sizeof paths / sizeof paths[0], PARTS = sizeof order };

static struct catalogue *languages(void)
{
	static struct catalogue *catalogue;
	struct error err;

	must(catalogue || catalogue_load(LANGUAGES_DIR, &catalogue, &err) == 0);
	return catalogue;
}

static bool same_text(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

static bool same_list(const char *const *left, const char *const *right)
{
	static const char *const none[] = { NULL };

	left = left ? left : none;
	right = right ? right : none;
	while (*left && *right && strcmp(*left, *right) == 0) {
		left++;
		right++;
	}
	return !*left && !*right;
}

static void check_words(const struct package *package, const struct package *again)
{
	must(again->name_count == package->name_count);
	for (size_t i = 0; i < package->name_count; i++)
		must(same_text(package->names[i].text, again->names[i].text));
	must(same_text(package->version, again->version) && same_text(package->license, again->license));
	must(same_text(package->rights_owner, again->rights_owner));
	must(same_list(package->keywords, again->keywords));
	must((package->languages == NULL) == (again->languages == NULL));
	must(same_list(package->languages, again->languages));
	must(package->scoring == again->scoring && package->interactive == again->interactive);
	must(package->multi_pass == again->multi_pass && package->passes == again->passes);
	must(package->allow_file_writing == again->allow_file_writing);
	must(package->time.given == again->time.given && package->time.limit_s == again->time.limit_s);
}

static void check_tests(const struct package *package, const struct package *again)
{
	bool same = (package->format == PACKAGE_2025_09) == (again->format == PACKAGE_2025_09);

	must(again->test_count == package->test_count && again->claim_count == package->claim_count);
	for (size_t i = 0; i < package->test_count; i++) {
		const struct package_test *left = &package->tests[i], *right = &again->tests[i];

		must(same_text(left->name, right->name) && left->full_feedback == right->full_feedback);
		must(same_list(left->args, right->args));
		must(same_text(left->hint, right->hint) && same_text(left->description, right->description));
		must(!same || same_list(left->validator_args, right->validator_args) ||
		     package->validator_args[0]);
		must(!same ||
		     same_list(package_input_args(package, 0, left->input_args, left->named_input_args),
			       package_input_args(again, 0, right->input_args, right->named_input_args)));
	}
}

static void write_and_read(const struct package *package, enum package_format format, struct pool *pool)
{
	struct package_notes notes = { .pool = pool };
	struct package_tree tree;
	struct package again;
	struct error err = { 0 };

	must(package_export(package, format, pool, &notes, &tree, &err) == 0);
	for (size_t i = 1; i < tree.count; i++)
		must(strcmp(tree.files[i - 1].path, tree.files[i].path) < 0);
	int code = package_read(&tree, languages(), pool, &again, &err);
	if (code < 0)
		dprintf(2, "%s\n", err.text);
	must(code == 0);
	must(again.format == format);
	check_words(package, &again);
	check_tests(package, &again);
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
	if (package_read(&tree, languages(), pool, &package, &err) < 0)
		return 0;
	write_and_read(&package, PACKAGE_2025_09, pool);
	write_and_read(&package, PACKAGE_LEGACY, pool);
	return 0;
}
