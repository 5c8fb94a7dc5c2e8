/* judging.h - what the tests that judge share: real packs, a real lane, and one task in one call. */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "judge/judge.h"

/* Group set-up and tear-down. */
int judging_open(void **state);
int judging_close(void **state);

struct judge *judging_judge(void);
struct judge *judging_helper(void); /* a second one, made when first asked for */
const struct catalogue *judging_catalogue(void);

/* A task of one nameless file and up to 8 tests, with room for changes before it is judged. */
struct judging_task {
	struct task task;
	struct task_file files[4];
	struct task_test tests[8];
};
void judging_plain(struct judging_task *task, const char *language, const char *code, const char *input);
/* One more test, compared with `answer`; the first one makes a plain task a judged one. */
void judging_add_test(struct judging_task *task, const char *input, const char *answer);
void judging_add_file(struct judging_task *task, const char *name, const char *data);

/* Judges it; fails the test when there is no report. The report lives in the pool. */
struct report judging_run(const struct judging_task *task, struct pool *pool);

/* Fails the test, with all that is known, unless the report has this verdict. */
void judging_expect(const char *what, const struct report *report, enum verdict verdict);
