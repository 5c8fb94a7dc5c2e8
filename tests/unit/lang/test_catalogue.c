/* The packs that are shipped: all of the contract's languages under all of its names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/lang.h"

static const struct {
	const char *id, *names[4], *file, *external_id;
} required[] = {
	{ "python", { "python", "python3", "py" }, "a.py", "python-3.9.7" },
	{ "javascript", { "javascript", "js", "node", "nodejs" }, "a.js", "nodejs-16.17.0" },
	{ "java", { "java" }, "A.java", "java-17.0.2" },
	{ "cpp", { "cpp", "c++", "cxx" }, "a.b.cpp", "gcc-9.4.0" },
	{ "c", { "c", "C" }, "a.c", "gcc-9.4.0" },
	{ "csharp", { "csharp", "c#", "cs", "C#" }, "a.cs", "dotnet-6.0" },
	{ "go", { "go", "golang", "Go" }, "a.go", "go-1.18.3" },
	{ "rust", { "rust", "rs" }, "a.rs", "rust-1.62.0" },
	{ "typescript", { "typescript", "ts" }, "dir.x/a.ts", NULL },
};

static struct catalogue *shipped(void)
{
	struct catalogue *catalogue = NULL;
	struct error err = { 0 };

	if (catalogue_load(LANGUAGES_DIR, &catalogue, &err) < 0)
		fail_msg("%s", err.text);
	return catalogue;
}

static void every_required_language_has_its_names(void **state)
{
	struct catalogue *catalogue = shipped();

	(void)state;
	for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
		const struct language *language = catalogue_find(catalogue, required[i].id);

		assert_non_null(language);
		for (size_t j = 0; j < 4 && required[i].names[j]; j++)
			assert_ptr_equal(catalogue_find(catalogue, required[i].names[j]), language);
		assert_ptr_equal(catalogue_by_extension(catalogue, required[i].file), language);
		if (required[i].external_id)
			assert_string_equal(language->external_id, required[i].external_id);
		else
			assert_null(language->external_id);
	}
	for (size_t i = 0; i < 2; i++) { /* nobody writes programs in these */
		const struct language *language = catalogue_find(catalogue, i ? "text" : "script");

		assert_non_null(language);
		assert_true(language->unlisted);
	}
	assert_null(catalogue_by_extension(catalogue, "a.txt"));
	assert_string_equal(catalogue_find(catalogue, "python")->package_id, "python3");
	assert_string_equal(catalogue_find(catalogue, "cpp")->package_id, "cpp");
	assert_null(catalogue_find(catalogue, "cobol"));
	assert_null(catalogue_find(catalogue, ""));
	assert_null(catalogue_by_extension(catalogue, "py"));
	assert_null(catalogue_by_extension(catalogue, "a."));
	catalogue_free(catalogue);
}

static void every_language_is_available_or_says_why_not(void **state)
{
	struct catalogue *catalogue = shipped();

	(void)state;
	catalogue_probe(catalogue, NULL);
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct language *language = catalogue_at(catalogue, i);

		if (!language->available)
			print_message("%s is not available: %s\n", language->id,
				      language->unavailable_reason);
		assert_int_equal(language->available, language->unavailable_reason == NULL);
		if (language->available)
			assert_non_null(language->version);
		for (size_t j = 0; language->available && language->visible[j]; j++)
			assert_int_equal(language->visible[j][0], '/');
	}
	catalogue_free(catalogue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_required_language_has_its_names),
		cmocka_unit_test(every_language_is_available_or_says_why_not),
	};
	return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
