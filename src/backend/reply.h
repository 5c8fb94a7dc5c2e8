/* reply.h - the shapes of errors, and the small questions that every handler asks of its request.
 *
 * Every error is {"message": text, "error": text}, because clients of the two reference designs read the one or the
 * other; beneath /api/code-execution/ and /api/webhooks/ also "detail". What is wrong with a body or a query is added
 * as "details": [{"field": "testCases[0].input", "message": "..."}], with status 400; 422 when a time has no offset
 * (a problem of type "timezone"), 413 when something is too large. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fields.h"
#include "inside.h"

void reply_error(struct http_exchange *x, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* `text` is the sentence before the details; NULL: "Validation failed". */
void reply_problems(struct http_exchange *x, const char *text, const struct problems *problems);
/* 503 with Retry-After for a failure of ours, which goes to the log and not to the client. */
void reply_failure(struct http_exchange *x, const struct error *err);
/* http_server_options.reply_error */
void backend_reply_error(struct http_exchange *x, int status, const char *text);

/* 200 (or 304 when If-None-Match has it) with a strong ETag of the bytes; takes the reference. */
void reply_tagged(struct http_exchange *x, json_t *given);

/* ?name= as an integer; `fallback` when absent; a problem when it is none or out of range. */
int64_t query_int(struct http_exchange *x, const char *name, int64_t min, int64_t max, int64_t fallback,
		  struct problems *problems);
/* ?name= as a time with an offset or Z, or a day, which begins at midnight UTC; in ms. */
int64_t query_time(struct http_exchange *x, const char *name, int64_t fallback, struct problems *problems);
/* The number that the path has for {id}; false after having replied with 404: `what` is "Problem". */
bool path_id(struct http_exchange *x, const char *what, int64_t *id);

/* ?page= (from 1) and ?page_size= (20; at most 100). */
struct page {
	int64_t number, size;
};
bool page_of(struct http_exchange *x, struct page *page); /* false after having replied */
/* {"count","next","previous","results"}: the links keep the query's other parameters. Takes the reference. */
json_t *page_json(struct http_exchange *x, const struct page *page, int64_t count, json_t *results);

/* "2024-01-15T10:30:00.000Z", or null for 0. */
json_t *json_time(int64_t ms);
/* A field with an offset or Z, in ms; `fallback` when absent, 0 for null. Without an offset: a problem "timezone". */
int64_t field_time(struct fields *fields, const char *name, int64_t fallback);
