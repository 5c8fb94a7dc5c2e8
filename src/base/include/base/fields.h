/* fields.h - decoding what strangers send: everything that is wrong with it, each with its place.
 *
 * base/json.h's reader stops at the first fault, which is right between our own parts; a person who wrote a
 * request wants to hear of all of them at once. A getter that finds a fault notes it and returns the
 * fallback, so that decoding goes on; the caller looks at the count at the end. Borrowed text lives as long
 * as the JSON. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [{"loc":["body","limits","memory_mb"],"msg":"...","type":"..."}], at most PROBLEMS_MAX of them. */
enum { PROBLEMS_MAX = 32 };
struct problems {
	json_t *list;   /* owned; problems_free() */
	bool too_large; /* one of them is a size */
	bool failed;    /* one could not be noted: memory is out */
};
void problems_open(struct problems *problems);
void problems_free(struct problems *problems);
bool problems_any(const struct problems *problems);
/* A body's JSON, the caller's to release; NULL, and a problem, when it is none. */
json_t *problems_parse(const char *body, size_t size, struct problems *problems);
#define cleanup_problems __attribute__((cleanup(problems_free)))

/* Where a value stands: a chain from the value up to "body" or "query". */
struct place {
	const struct place *parent;
	const char *name; /* NULL: an element, by its index */
	size_t index;
};
void problem_at(struct problems *problems, const struct place *place, const char *type, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/* A walk over one object. */
struct fields {
	const json_t *object; /* NULL when it was none: every getter returns its fallback in silence */
	struct place place;
	struct problems *problems;
	const char *seen[32];
	size_t seen_count;
};

void fields_open(struct fields *fields, const json_t *object, const struct place *place,
		 struct problems *problems);
/* Notes every field that no getter has asked for. */
void fields_done(struct fields *fields);

enum need { REQUIRED, OPTIONAL }; /* null counts as absent */

struct text {
	const char *bytes; /* NULL: absent, or at fault */
	size_t size;
};
/* At most `max` bytes; beyond, the fault names the limit. */
struct text field_text(struct fields *fields, const char *name, enum need need, size_t max);
int64_t field_int(struct fields *fields, const char *name, int64_t min, int64_t max, int64_t fallback);
bool field_bool(struct fields *fields, const char *name, bool fallback);
const json_t *field_any(struct fields *fields, const char *name);
/* NULL when absent or at fault. */
const json_t *field_object(struct fields *fields, const char *name);
const json_t *field_array(struct fields *fields, const char *name, size_t min, size_t max);
bool field_present(const struct fields *fields, const char *name);

/* The same of a value that is no field: an element. */
struct text value_text(const json_t *value, const struct place *place, struct problems *problems, size_t max);
