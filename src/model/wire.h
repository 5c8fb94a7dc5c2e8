/* wire.h - what task.c and report.c share: small steps of writing and reading their JSON. */
#pragma once

#include "base/json.h"
#include "base/limits.h"

/* object[name] = value (the reference is taken). False when memory is out, value NULL included. */
bool wire_put(json_t *object, const char *name, json_t *value);

/* The same for bytes that may be no UTF-8. */
bool wire_put_bytes(json_t *object, const char *name, const void *bytes, size_t size);

/* json when all its parts were put; else releases it and returns NULL. */
json_t *wire_whole(json_t *json, bool complete);

/* Opens list[index] with the path "list[index]". */
void wire_open_element(struct json_reader *reader, const json_t *list, const char *name, size_t index,
		       struct pool *pool, struct error *err);

/* Fails the reader (if nothing failed before) with "path.name: text". */
void wire_fail(struct json_reader *reader, const char *name, const char *text);
void wire_fail_memory(struct json_reader *reader);

/* Required bytes, required text and optional text, copied into the pool. Empty or NULL on failure. */
const char *wire_need_bytes(struct json_reader *reader, const char *name, struct pool *pool, size_t *size);
const char *wire_need_text(struct json_reader *reader, const char *name, struct pool *pool);
const char *wire_get_text(struct json_reader *reader, const char *name, struct pool *pool);

/* A required list of `min` to `max` elements: zeroed room in the pool for as many values of `value_size`
 * bytes and one more (some lists are NULL-ended). NULL on failure; *list and *count then say "empty". */
void *wire_need_list(struct json_reader *reader, const char *name, size_t min, size_t max, struct pool *pool,
		     size_t value_size, const json_t **list, size_t *count);

/* All limits as one object, and back. */
json_t *wire_limits(const struct limits *limits);
void wire_need_limits(struct json_reader *parent, const char *name, struct limits *limits);

/* A number that may be broken: put, and read where it is there (*number is untouched where it is not). */
bool wire_get_number(struct json_reader *reader, const char *name, double *number);
