/* The folder model/ holds plain values (verdict, state, task, report) and pure decisions over them. */
#include "model/verdict.h"

#include <string.h>

static const char *const names[VERDICT_COUNT] = {
	[VERDICT_OK] = "ok",
	[VERDICT_ACCEPTED] = "accepted",
	[VERDICT_PARTIAL] = "partial",
	[VERDICT_WRONG_ANSWER] = "wrong_answer",
	[VERDICT_TIME_LIMIT_EXCEEDED] = "time_limit_exceeded",
	[VERDICT_MEMORY_LIMIT_EXCEEDED] = "memory_limit_exceeded",
	[VERDICT_OUTPUT_LIMIT_EXCEEDED] = "output_limit_exceeded",
	[VERDICT_RUNTIME_ERROR] = "runtime_error",
	[VERDICT_COMPILE_ERROR] = "compile_error",
	[VERDICT_JUDGE_ERROR] = "judge_error",
	[VERDICT_CANCELLED] = "cancelled",
	[VERDICT_SKIPPED] = "skipped",
};

static enum verdict verdict_of_output(enum comparison comparison)
{
	switch (comparison) {
	case COMPARISON_NONE: return VERDICT_OK;
	case COMPARISON_EQUAL: return VERDICT_ACCEPTED;
	case COMPARISON_DIFFERENT: return VERDICT_WRONG_ANSWER;
	case COMPARISON_FAILED: break;
	}
	return VERDICT_JUDGE_ERROR;
}

enum verdict verdict_of_run(const struct run_facts *facts)
{
	if (facts->box_failed)
		return VERDICT_JUDGE_ERROR;
	if (facts->cancelled) /* before the limits: what a run was about to do when it was stopped is not known */
		return VERDICT_CANCELLED;
	if (facts->comparison == COMPARISON_FAILED)
		return VERDICT_JUDGE_ERROR;
	if (facts->rejected_first)
		return VERDICT_WRONG_ANSWER;
	if (facts->hit_cpu_limit || facts->hit_wall_limit)
		return VERDICT_TIME_LIMIT_EXCEEDED;
	if (facts->hit_memory_limit)
		return VERDICT_MEMORY_LIMIT_EXCEEDED;
	if (facts->hit_output_limit || facts->hit_file_limit) /* a file is output too: one name for both */
		return VERDICT_OUTPUT_LIMIT_EXCEEDED;
	if (facts->signal != 0 || facts->exit_code != 0)
		return VERDICT_RUNTIME_ERROR;
	if (facts->wrote_too_much)
		return VERDICT_OUTPUT_LIMIT_EXCEEDED;
	return verdict_of_output(facts->comparison);
}

bool verdict_is_pass(enum verdict verdict)
{
	return verdict == VERDICT_OK || verdict == VERDICT_ACCEPTED;
}

enum verdict verdict_of_tests(const enum verdict *tests, size_t count)
{
	enum verdict passed = VERDICT_OK;

	for (size_t i = 0; i < count; i++) {
		if (!verdict_is_pass(tests[i]) && tests[i] != VERDICT_SKIPPED)
			return tests[i];
		if (tests[i] == VERDICT_ACCEPTED)
			passed = VERDICT_ACCEPTED;
	}
	return passed;
}

const char *verdict_name(enum verdict verdict)
{
	size_t index = (size_t)verdict;
	return index < VERDICT_COUNT ? names[index] : names[VERDICT_JUDGE_ERROR];
}

bool verdict_from_name(const char *name, enum verdict *verdict)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*verdict = (enum verdict)i;
			return true;
		}
	}
	return false;
}
