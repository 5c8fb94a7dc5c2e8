/* settings.h - a YAML file of a package: who reads it asks by name, and what nobody asked for is noted.
 *
 * A value that is not what it should be is noted too, and is as if it were not there; so is null. Where memory is out
 * nothing is returned, and notes->failed says so. */
#pragma once

#include "base/yaml.h"
#include "package/package.h"

enum { SETTINGS_ASKED_MAX = 48 };

struct settings {
	const char *path;            /* of the file */
	const char *within;          /* what keys in messages begin with: "limits.", or "" */
	const struct yaml_node *map; /* NULL: nothing is said */
	struct pool *pool;
	struct package_notes *notes;
	const char *asked[SETTINGS_ASKED_MAX];
	size_t asked_count;
};

/* `file` may be NULL, or empty. -EINVAL with the place when it is not YAML, or no mapping: what it means is unknown then. */
int settings_open(const struct package_file *file, struct pool *pool, struct package_notes *notes,
		  struct settings *settings, struct error *err);
/* The mapping at `key`. */
void settings_within(struct settings *outer, const char *key, struct settings *inner);
/* Notes the keys that nobody asked for. */
void settings_close(const struct settings *settings);

const struct yaml_node *settings_get(struct settings *settings, const char *key); /* NULL: not there */
const char *settings_text(struct settings *settings, const char *key);            /* or NULL */
bool settings_bool(struct settings *settings, const char *key, bool *value);
bool settings_number(struct settings *settings, const char *key, double least, double most, double *value);
/* NULL-ended, or NULL: words between blanks, or a list's elements as they are. */
const char *const *settings_words(struct settings *settings, const char *key);
/* The same, but text is one element. */
const char *const *settings_list(struct settings *settings, const char *key);

/* ---- of a value that somebody got ---- */
void settings_note(const struct settings *settings, const struct yaml_node *value, const char *what);
const char *const *settings_words_of(const struct settings *settings, const struct yaml_node *value);
/* A finite decimal number with nothing behind it; "inf" with a sign or without where `infinite`. */
bool settings_parse_number(const char *text, bool infinite, double *value);
