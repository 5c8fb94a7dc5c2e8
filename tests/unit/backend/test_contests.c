/* What contests decide: the clock, ranks, retries, and what counts as a module's output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mirror.h"
#include "module_run.h"
#include "participant.h"

static void the_clock_opens_and_closes(void **state)
{
	static const struct {
		bool is_active;
		int64_t start_ms, end_ms, at_ms;
		enum contest_status status;
	} rows[] = {
		{ true, 0, 0, 1, CONTEST_RUNNING },        { false, 0, 0, 1, CONTEST_ENDED },
		{ true, 100, 0, 99, CONTEST_UPCOMING },    { true, 100, 0, 100, CONTEST_RUNNING },
		{ true, 100, 200, 199, CONTEST_RUNNING },  { true, 100, 200, 200, CONTEST_ENDED },
		{ true, 0, 200, 1, CONTEST_RUNNING },      { true, 0, 200, 201, CONTEST_ENDED },
		{ false, 100, 200, 99, CONTEST_UPCOMING }, { false, 100, 200, 150, CONTEST_ENDED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (contest_status(rows[i].is_active, rows[i].start_ms, rows[i].end_ms, rows[i].at_ms) !=
		    rows[i].status)
			fail_msg("row %zu", i);
}

/* A page of a list that goes down: what is before it, and how many of that have more than its first. */
static void equals_share_a_rank(void **state)
{
	static const struct {
		int64_t skip, above;
		int64_t scores[6], ranks[6]; /* -2 ends them */
	} rows[] = {
		{ 0, 0, { 300, 300, 200, 100, 100, -2 }, { 1, 1, 3, 4, 4 } },
		{ 0, 0, { 300, 200, 100, -2 }, { 1, 2, 3 } },
		{ 2, 0, { 300, 200, -2 }, { 1, 4 } },
		{ 2, 1, { 300, 300, 200, -2 }, { 2, 2, 5 } },
		{ 1, 1, { 0, 0, -1, -1, -2 }, { 2, 2, 0, 0 } },
		{ 7, 7, { -1, -1, -2 }, { 0, 0 } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct participant participants[6] = { 0 };
		size_t count = 0;

		for (; rows[i].scores[count] != -2; count++)
			participants[count].final_score = rows[i].scores[count];
		participant_rank(participants, count, rows[i].skip, rows[i].above);
		for (size_t at = 0; at < count; at++)
			if (participants[at].rank != rows[i].ranks[at])
				fail_msg("row %zu, place %zu: rank %lld", i, at,
					 (long long)participants[at].rank);
	}
}

static void retries_grow(void **state)
{
	assert_int_equal(mirror_retry_ms(0, 0), 1000);
	assert_int_equal(mirror_retry_ms(1, 0), 2000);
	assert_int_equal(mirror_retry_ms(6, 0), 60000);
	assert_int_equal(mirror_retry_ms(1000, 0), 60000);
	assert_int_equal(mirror_retry_ms(0, 17), 17000);
	assert_int_equal(mirror_retry_ms(6, 17), 60000);
	assert_int_equal(mirror_look_ms(30, 0), 30000);
	assert_int_equal(mirror_look_ms(30, 1), 60000);
	assert_int_equal(mirror_look_ms(30, 9), 600000);
	assert_int_equal(mirror_look_ms(3600, 1000), 600000);
}

static void tokens_make_an_output(void **state)
{
	static const struct {
		const char *output, *expected;
		bool is_it;
	} rows[] = {
		{ "42\n", "42", true },     { " 4 2 ", "4\n2\n", true }, { "", "", true },
		{ "42", "4 2", false },     { "4", "42", false },        { "42 1", "42", false },
		{ "42", "42 1", false },    { "", "42", false },         { "Hello", "hello", false },
		{ "\t\r\n\v\f", "", true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (module_output_is(rows[i].output, strlen(rows[i].output), rows[i].expected) !=
		    rows[i].is_it)
			fail_msg("row %zu", i);
	assert_false(module_output_is("42\0", 3, "42"));
	assert_false(module_output_is("4\0002", 3, "4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_opens_and_closes),
		cmocka_unit_test(equals_share_a_rank),
		cmocka_unit_test(retries_grow),
		cmocka_unit_test(tokens_make_an_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
