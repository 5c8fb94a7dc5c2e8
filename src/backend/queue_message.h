/* queue_message.h - runs in the words of the queue API (POST /api/execute, GET /api/jobs/{jobId}), of our own service
 * or of another that knows as much of it as {code, language, input, testCases}. Pure.
 *
 * A report that is made from an answer tells a client what the report of our own worker would: the same output, the
 * same error, the same verdict. What the answer does not have (a compiler's time, processes) is unknown there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/config.h"
#include "base/error.h"
#include "base/pool.h"
#include "model/progress.h"
#include "model/report.h"
#include "model/task.h"

/* The body of POST /api/execute; `priority` NULL: as the service has it. *needs_judge: it has what only a service with the
 * form "judge" understands. Limits are named where they are not the defaults (of `config`). Data is named by its hash
 * where the task does so. -EOPNOTSUPP: the API has no words for this task; -ENOMEM. */
int queue_request_encode(const struct task *task, const struct config *config, const char *priority,
			 struct buffer *body, bool *needs_judge, struct error *err);
/* The form "judge" of a judged task, with all of its limits: what the service's other API takes too. NULL: memory is out,
 * or it has no words for it. */
json_t *judge_json(const struct task *task);
json_t *judge_files_json(const struct task *task); /* what lies beside the program; maybe empty */

enum queue_job_state { QUEUE_JOB_PENDING, QUEUE_JOB_COMPLETED, QUEUE_JOB_FAILED };
enum { QUEUE_JOB_ID_BYTES = 129 };

struct queue_job {
	enum queue_job_state state;
	char id[QUEUE_JOB_ID_BYTES]; /* of a job that was submitted; "" for one that was run at once */
	const char *reason;          /* FAILED: why; in the pool */
	struct report *report;       /* COMPLETED: in the pool */
	bool has_progress;           /* PENDING: how its tests are; a service need not say so */
	struct progress progress;    /* in the pool */
	bool misses_tests;           /* it is no answer to this task, but would be one to a plain run */
};

/* What the answer must fit. */
struct queue_asked {
	size_t tests; /* 0: a plain run */
	bool early_stop;
	bool has_rules; /* it says itself what its tests make: a checker may fail, groups may have scores */
};

/* The answers to POST /api/execute and GET /api/jobs/{jobId}: 0, or -EPROTO for what is none. */
int queue_answer_submitted(const char *body, size_t size, const struct queue_asked *asked, struct pool *pool,
			   struct queue_job *job, struct error *err);
int queue_answer_job(const char *body, size_t size, const struct queue_asked *asked, struct pool *pool,
		     struct queue_job *job, struct error *err);
