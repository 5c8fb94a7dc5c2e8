/* problem_task.h - the task that judges a program on a problem, whether its tests are cases or a package's. */
#pragma once

#include "problem_store.h"
#include "runner.h"

/* `problem` with what PROBLEM_TO_JUDGE loads; texts are borrowed. -EIO: what is stored of it makes no sense. */
int problem_task(const struct backend *backend, struct pool *pool, const struct program *program,
		 const struct problem *problem, struct task *task, struct error *err);

/* Of a package's task those tests that may be shown, none of which leaves another out. */
void task_keep_shown(struct task *task);
