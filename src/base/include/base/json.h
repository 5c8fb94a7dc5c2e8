/* json.h - jansson with our rules: strict input, errors that name the field, bytes that may be no UTF-8. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/pool.h"

enum { JSON_DEPTH_MAX = 32 };

static inline void json_decref_slot(json_t **slot)
{
	json_decref(*slot);
}
#define cleanup_json __attribute__((cleanup(json_decref_slot)))

/* Parses a whole text: duplicate keys, NUL, invalid UTF-8, anything behind the value, and nesting deeper
 * than JSON_DEPTH_MAX are refused, with line and column. */
int json_parse(const char *text, size_t size, json_t **json, struct error *err);

/* Compact text, appended to `out`. -ENOMEM only. */
int json_write(const json_t *json, struct buffer *out);

/* A JSON string of arbitrary bytes: each byte that is not part of valid UTF-8 becomes U+FFFD (as the WHATWG
 * decoder does it: one for each maximal subpart); NUL stays. NULL when memory is out. */
json_t *json_text(const void *bytes, size_t size);
bool utf8_valid(const void *bytes, size_t size);

/* Lossless: text when it is valid UTF-8 without NUL (which json_parse() refuses), else {"base64": "..."}.
 * And back, into the pool; `path` is for the message. */
json_t *json_bytes(const void *bytes, size_t size);
int json_bytes_decode(const json_t *json, const char *path, struct pool *pool, const char **bytes,
		      size_t *size, struct error *err);

/* ---- decoding objects ----
 * A reader walks one object; every getter names the field it failed on ("limits.memory_mb: must be an
 * integer from 1 to 2048"). json_reader_done() refuses fields that no getter asked for. */
struct json_reader {
	const json_t *object;
	const char *path; /* "" at the top, else "limits" */
	struct error *err;
	int failed; /* 0, or the first failure's code: later getters do nothing */
	const char *seen[64];
	size_t seen_count;
};

void json_reader_open(struct json_reader *reader, const json_t *object, const char *path, struct error *err);
/* Each: required fields fail when absent; optional ones (`fallback`) also take null as absent. */
const char *json_need_text(struct json_reader *reader, const char *name, size_t *size);
const char *json_get_text(struct json_reader *reader, const char *name, const char *fallback, size_t *size);
int64_t json_need_int(struct json_reader *reader, const char *name, int64_t min, int64_t max);
int64_t json_get_int(struct json_reader *reader, const char *name, int64_t min, int64_t max,
		     int64_t fallback);
bool json_get_bool(struct json_reader *reader, const char *name, bool fallback);
const json_t *json_get_any(struct json_reader *reader, const char *name);    /* NULL when absent or null */
const json_t *json_get_array(struct json_reader *reader, const char *name);  /* NULL when absent or null */
const json_t *json_get_object(struct json_reader *reader, const char *name); /* NULL when absent or null */
/* 0, or the first failure, or -EINVAL for an unknown field. */
int json_reader_done(struct json_reader *reader);
