/* judged.h - what a report makes of a submission to a problem: score, status, and what may be shown of each test.
 *
 * Pure, and the one place that decides what is seen of a hidden case: that it passed or how it failed, how long it
 * took and how much memory. Never its input, its expected output, what the program wrote, nor the status with which
 * it ended: a program can put what it read into any of these. */
#pragma once

#include <jansson.h>

#include "base/fields.h"
#include "model/report.h"
#include "submission_store.h"

/* A case as results show it; cut to JUDGED_TEXT_BYTES, and of hidden ones nothing is kept. */
enum { JUDGED_TEXT_BYTES = 4096, JUDGED_RUN_TEXT_BYTES = 65536 };
struct judged_case {
	struct text input, expected_output;
	bool hidden;
};
/* As much of a case's text as results may show, copied. False: memory is out. */
bool judged_keep_text(struct pool *pool, const char *whole, struct text *text);

/* By cases: all passed: accepted; some: partial; none: the first that failed. By a package: as its rules have it, and
 * tests behind the deciding one may not have been run. What did not compile, or could not be judged, stays what it is. */
enum judged_by { BY_CASES, BY_PACKAGE };
enum verdict judged_verdict(const struct report *report, enum judged_by by, size_t total);
size_t judged_passed(const struct report *report);
/* Hundredths, 0 to 10000: the share of those that passed; 10000 only for all of them. */
int64_t judged_score(size_t passed, size_t total);
/* The same of a package: of the points that there are, else the points themselves; without points all or nothing. */
int64_t judged_package_score(const struct report *report);
/* "2 of 3 test cases passed.": for the author. `verdict` NULL: not judged yet. */
const char *judged_feedback(struct pool *pool, enum submission_state state, const char *verdict,
			    int64_t passed, int64_t total);

/* [{"status", "verdict", "output", "error", "runtime", "memory", "input", "expectedOutput", "isHidden",
 * "testCaseNumber", "passed"}], an element a case; texts are cut to `text_max`, and "truncated" says so. What a checker
 * has to say to the author is in "feedback". NULL: memory is out. */
json_t *judged_results(const struct report *report, const struct judged_case *cases, size_t count,
		       size_t text_max);

/* Fills in what submission_end() takes, texts into the pool. False: memory is out. */
bool judged_end(const struct report *report, enum judged_by by, const struct judged_case *cases, size_t count,
		int64_t now_ms, struct pool *pool, struct submission *end);
/* The same for one that cannot be judged at all. */
void judged_fail(int64_t total, int64_t now_ms, struct submission *end);

json_t *json_runtime(int64_t us);   /* ms; null for -1 */
json_t *json_memory(int64_t bytes); /* MB with one decimal; null for -1 */
