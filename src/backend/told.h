/* told.h - what the execution service tells of a submission, in an answer or by webhook: the same fields in both, but
 * that the one calls its number "id" and the other "submission_id". */
#pragma once

#include <jansson.h>

#include "model/report.h"
#include "submission_store.h"

struct told {
	int64_t remote_id;       /* 0: it does not say */
	const char *external_id; /* or NULL */
	enum submission_state state;
	const char *verdict; /* model/verdict.h's name; never NULL when the state is final */
	const char *output, *error_output;
	int64_t execution_us, cpu_us, memory_bytes; /* -1: unknown */
	bool has_tests;
	struct report report; /* its tests, when it has some */
};

/* Parses what others' programs may have printed: a NUL in a text is no fault. */
int told_parse(const char *body, size_t size, json_t **json, struct error *err);
/* -EINVAL, with the field's name. Texts live in the pool; none has a NUL. */
int told_decode(const json_t *json, struct pool *pool, struct told *told, struct error *err);

/* Changes the submission by it, in a transaction of the caller's: 1, or 0 when there was nothing new in it. What came
 * too late, or twice, or in the wrong order, changes nothing: an end is for good. */
int told_apply(struct db_tx *tx, struct pool *pool, const struct submission *submission,
	       const struct told *told, int64_t now_ms, struct error *err);
