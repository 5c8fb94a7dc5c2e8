/* Reports that are too large for one request lose output, never facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "inside.h"

static const size_t MB = 1 << 20;

static struct run_report run_of(const char *output, size_t size)
{
	return (struct run_report){ .verdict = VERDICT_OK,
				    .outcome = "exited",
				    .output = output,
				    .output_size = size,
				    .error_output = "",
				    .processes_peak = 1 };
}

static size_t size_of(const json_t *json)
{
	cleanup_buffer struct buffer text = { 0 };

	json_write(json, &text);
	return text.size;
}

static void what_fits_is_left_alone(void **state)
{
	struct run_report run = run_of("hello\n", 6);
	struct report report = { .verdict = VERDICT_OK, .compile_output = "", .runs = &run, .run_count = 1 };
	struct error err;
	json_t *json;

	assert_int_equal(fit_report(&report, false, (int64_t)MB, &json, &err), 0);
	assert_int_equal(run.output_size, 6);
	assert_false(run.output_cut);
	json_decref(json);
}

static void a_flood_is_cut_until_it_fits(void **state)
{
	size_t size = 4 * MB;
	char *flood = malloc(size);

	memset(flood, 1, size); /* each byte takes six in JSON */
	struct run_report run = run_of(flood, size);
	struct report report = { .verdict = VERDICT_OK, .compile_output = "", .runs = &run, .run_count = 1 };
	struct error err;
	json_t *json;

	assert_int_equal(fit_report(&report, false, (int64_t)MB, &json, &err), 0);
	assert_true(run.output_cut);
	assert_true(run.output_size > 0);
	assert_true(size_of(json) < MB);
	json_decref(json);
	free(flood);
}

static void each_test_may_show_a_little(void **state)
{
	size_t size = MB;
	char *text = malloc(size);
	struct run_report runs[3];

	memset(text, 'a', size);
	for (size_t i = 0; i < 3; i++)
		runs[i] = run_of(text, size);
	struct report report = {
		.verdict = VERDICT_ACCEPTED, .compile_output = "", .runs = runs, .run_count = 3
	};
	struct error err;
	json_t *json;

	assert_int_equal(fit_report(&report, true, (int64_t)(16 * MB), &json, &err), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(runs[i].output_size, 64 << 10);
		assert_true(runs[i].output_cut);
	}
	json_decref(json);
	free(text);
}

static void no_character_is_cut_in_two(void **state)
{
	static const unsigned char euro[] = { 0xe2, 0x82, 0xac };
	size_t size = 200 << 10;
	char *text = malloc(size);
	struct error err;
	json_t *json;

	for (size_t i = 0; i + 3 <= size; i += 3)
		memcpy(text + i, euro, sizeof euro);
	size -= size % 3;
	struct run_report run = run_of(text, size);
	struct report report = {
		.verdict = VERDICT_ACCEPTED, .compile_output = "", .runs = &run, .run_count = 1
	};
	assert_int_equal(fit_report(&report, true, (int64_t)(16 * MB), &json, &err), 0);
	assert_true(run.output_cut);
	assert_true(utf8_valid(run.output, run.output_size));
	json_decref(json);
	free(text);
}

static void what_can_never_fit_is_an_error(void **state)
{
	struct run_report run = run_of("hello", 5);
	struct report report = { .verdict = VERDICT_OK, .compile_output = "", .runs = &run, .run_count = 1 };
	struct error err;
	json_t *json;

	assert_int_equal(fit_report(&report, false, 100, &json, &err), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_left_alone),
		cmocka_unit_test(a_flood_is_cut_until_it_fits),
		cmocka_unit_test(each_test_may_show_a_little),
		cmocka_unit_test(no_character_is_cut_in_two),
		cmocka_unit_test(what_can_never_fit_is_an_error),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
