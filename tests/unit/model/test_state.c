/* Every step between two states, allowed or not, stands here as a letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/state.h"

/* Columns: to pending, running, completed, error, cancelled. */
static const char *const allowed[SUBMISSION_STATE_COUNT] = {
	[SUBMISSION_PENDING] = ".r.ec", [SUBMISSION_RUNNING] = "p.cec",   [SUBMISSION_COMPLETED] = ".....",
	[SUBMISSION_ERROR] = "p....",   [SUBMISSION_CANCELLED] = ".....",
};

static void only_the_allowed_steps_are_allowed(void **state)
{
	(void)state;
	for (int from = 0; from < SUBMISSION_STATE_COUNT; from++) {
		for (int to = 0; to < SUBMISSION_STATE_COUNT; to++) {
			bool may = submission_state_may_become((enum submission_state)from,
							       (enum submission_state)to);

			if (may != (allowed[from][to] != '.'))
				fail_msg("%s to %s: %d", submission_state_name((enum submission_state)from),
					 submission_state_name((enum submission_state)to), may);
		}
	}
	assert_false(submission_state_may_become(SUBMISSION_STATE_COUNT, SUBMISSION_PENDING));
	assert_false(submission_state_may_become(SUBMISSION_PENDING, SUBMISSION_STATE_COUNT));
}

static void names_and_states_are_each_others_inverse(void **state)
{
	enum submission_state found = SUBMISSION_PENDING;

	(void)state;
	for (int i = 0; i < SUBMISSION_STATE_COUNT; i++) {
		assert_true(
			submission_state_from_name(submission_state_name((enum submission_state)i), &found));
		assert_int_equal(found, i);
	}
	assert_false(submission_state_from_name("waiting", &found));
	assert_false(submission_state_from_name("", &found));
}

static void what_has_ended_is_final(void **state)
{
	(void)state;
	assert_false(submission_state_is_final(SUBMISSION_PENDING));
	assert_false(submission_state_is_final(SUBMISSION_RUNNING));
	assert_true(submission_state_is_final(SUBMISSION_COMPLETED));
	assert_true(submission_state_is_final(SUBMISSION_ERROR));
	assert_true(submission_state_is_final(SUBMISSION_CANCELLED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_allowed_steps_are_allowed),
		cmocka_unit_test(names_and_states_are_each_others_inverse),
		cmocka_unit_test(what_has_ended_is_final),
	};
	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
