/* render.h - submissions as the two views that clients see (docs/api.md). Pure: rows in, JSON out. */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "base/pool.h"
#include "model/progress.h"
#include "store.h"

/* The submission of /api/v1. In a list texts are cut at LIST_TEXT_BYTES and test_results left out. */
enum { LIST_TEXT_BYTES = 65536 };
enum render_form { RENDER_WHOLE, RENDER_LISTED };
int render_submission(const struct submission *submission, enum render_form form, struct pool *pool,
		      json_t **json, struct error *err);

/* What an update tells: of one that runs, with what its worker told (or NULL); of one that has ended, its result
 * without the tests' data. Texts are cut at `text_max` bytes. */
int render_update(const struct submission *submission, const struct progress *progress, size_t text_max,
		  struct pool *pool, json_t **json, struct error *err);

/* What a webhook tells of one that has ended: the first fields are the ones that receivers know. */
int render_webhook(const struct submission *submission, struct pool *pool, json_t **json, struct error *err);

/* The job of /api/jobs; `progress` of a running one, or NULL. */
int render_job(const struct submission *submission, const struct progress *progress, int64_t now_ms,
	       struct pool *pool, json_t **json, struct error *err);

/* The result of a job that is completed: "result" of the job, and the answer of /api/execute?wait=. */
int render_result(const struct submission *submission, struct pool *pool, json_t **json, struct error *err);

/* waiting, active, completed, failed, delayed */
const char *render_job_state(const struct submission *submission, int64_t now_ms);
/* We could not run it, or it was cancelled; a program's own failure is a result. */
bool render_is_failed(enum submission_state state, const char *verdict);
/* Why a job is "failed"; NULL when it is not. In the pool. */
const char *render_failed_reason(const struct submission *submission, struct pool *pool);
