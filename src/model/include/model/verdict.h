/* verdict.h - what a run's facts mean.
 *
 * Pure functions: no clock, no files, no allocation; the same facts give the same verdict on every host.
 * The order in which they ask is the rule of the house and is tested line by line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum verdict {
	VERDICT_OK, /* ran; there was nothing to compare with */
	VERDICT_ACCEPTED,
	VERDICT_PARTIAL,
	VERDICT_WRONG_ANSWER,
	VERDICT_TIME_LIMIT_EXCEEDED,
	VERDICT_MEMORY_LIMIT_EXCEEDED,
	VERDICT_OUTPUT_LIMIT_EXCEEDED,
	VERDICT_RUNTIME_ERROR,
	VERDICT_COMPILE_ERROR,
	VERDICT_JUDGE_ERROR, /* ours, never the program's fault */
	VERDICT_CANCELLED,
	VERDICT_SKIPPED, /* a test that was not run, because of what came of others */
	VERDICT_COUNT,
};

enum comparison { COMPARISON_NONE, COMPARISON_EQUAL, COMPARISON_DIFFERENT, COMPARISON_FAILED };

struct run_facts {
	bool box_failed; /* the sandbox itself could not do its work */
	bool cancelled;
	bool hit_cpu_limit, hit_wall_limit, hit_memory_limit;
	bool hit_output_limit, hit_file_limit; /* and was ended for it */
	bool wrote_too_much; /* what was over the cap was thrown away, and the run went on */
	bool borderline;     /* over its time, and another run may not be; no matter to the verdict */
	bool rejected_first; /* by the one that it talked to: before its own end, which so does not count */
	int exit_code;       /* meaningful when signal is 0 */
	int signal;          /* 0, or what ended the program */
	enum comparison comparison;
};

/* The verdict of one run. A checker that failed outranks all that the program did; a limit outranks the crash that it
 * caused; a crash outranks its output. */
enum verdict verdict_of_run(const struct run_facts *facts);

/* OK and ACCEPTED. */
bool verdict_is_pass(enum verdict verdict);

/* The verdict of a submission from those of its tests in order: the first that failed decides. All passed:
 * ACCEPTED when at least one was compared, else OK. No tests: OK. Those that were skipped do not count. */
enum verdict verdict_of_tests(const enum verdict *tests, size_t count);

/* The contract's name ("time_limit_exceeded"); never NULL. */
const char *verdict_name(enum verdict verdict);
/* The reverse; false when there is no such name. */
bool verdict_from_name(const char *name, enum verdict *verdict);
