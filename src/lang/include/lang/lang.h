/* lang.h - language packs (languages/NAME.yaml): how to recognise, compile and run.
 *
 * How to add a language: write languages/NAME.yaml (docs/languages.md explains each field), run
 * `arena languages` and the tests; no code changes. A bad pack is refused with file, line and column.
 * A catalogue is immutable once loaded and may be used by any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/pool.h"

struct catalogue;

struct language {
	const char *id;                /* "python" */
	const char *name;              /* "Python" */
	const char *const *aliases;    /* NULL-ended, as are all lists here */
	const char *const *extensions; /* "py", without the dot */
	const char *external_id;       /* third-party compiler id or NULL */
	const char *package_id;        /* what problem packages call it: "python3" */
	const char *source_name;       /* default name of the main file: "main.py" */
	bool name_from_public_class;   /* Java's rule */
	bool unlisted;                 /* for packages and answers: nobody writes programs in it */
	const char *const *visible;    /* host folders it must see besides /usr; patterns until probed */
	const char *const
		*read_ahead;   /* host files and folders, as patterns, that are read into the page cache */
	bool compiled;         /* has a compile step; a mere check is none */
	struct limits minimum; /* processes, open_files, memory that the runtime itself needs; 0: none */
	struct limits compile_minimum;
	/* A failed run whose stderr holds one of these ran into its memory limit: the runtime noticed first. */
	const char *const *memory_messages;
	const char *hello, *hello_output; /* a program and what it prints */
	const char *echo;      /* a program that copies its standard input to its output; or NULL */
	const char *directory; /* of the pack file, absolute */

	/* Found on this host by catalogue_probe(). */
	bool available;
	const char *version;            /* "3.11.2" or NULL */
	const char *unavailable_reason; /* "no g++ at /usr/bin/g++; install the package g++" or NULL */
	const void *pack;               /* the layer's own */
};

/* Loads every *.yaml of `directory`; the packs say in which order they are listed. */
int catalogue_load(const char *directory, struct catalogue **catalogue, struct error *err);
/* Looks for each language's tools, or those of `only` alone, and reads their versions by running them (trusted tools, not boxes;
 * each at most 10 s). Call once, before other threads use the catalogue. */
void catalogue_probe(struct catalogue *catalogue, const struct language *only);
void catalogue_free(struct catalogue *catalogue);

size_t catalogue_count(const struct catalogue *catalogue);
const struct language *catalogue_at(const struct catalogue *catalogue,
				    size_t index); /* in the pack files' order */
/* By id or alias, whatever the case; NULL when unknown. */
const struct language *catalogue_find(const struct catalogue *catalogue, const char *name);
/* NULL, too, where only unlisted ones have it. */
const struct language *catalogue_by_extension(const struct catalogue *catalogue, const char *file_name);

/* The union of every available language's `visible`, as the sandbox wants it (HOST, or HOST:BOX for what lies
 * in the packs' folder); NULL-ended, owned by the catalogue. */
const char *const *catalogue_visible(const struct catalogue *catalogue);
/* Reads `read_ahead` of all available languages into the page cache. Slow; for a background thread. */
void catalogue_read_ahead(const struct catalogue *catalogue);

/* The program to build, and how. */
struct lang_source {
	const char *name; /* NULL: chosen by the language */
	const char *data;
	size_t size;
};

struct lang_plan {
	const struct lang_source *files; /* with every name settled; the first is the main one */
	size_t file_count;
	const char *const *compile_argv; /* NULL: nothing to compile */
	const char *entry;               /* where it starts: the main file's name, or a class's */
	const char *const *check_argv;   /* what looks at sources that are not compiled; or NULL */
	const char *collect;             /* what a compile leaves beneath /box */
	bool unpack;                     /* and what is in it belongs into /box itself */
	const char *const *run_argv;     /* the program's arguments are appended by lang_plan() */
	const char *const *environment;
};

/* Whether `name` may be a file of a program: relative, at most 16 components of 1 to 255 bytes, no "." or "..",
 * no control characters; and not first in a component what compilers take for an option: '-' or '@'. */
bool lang_file_name_ok(const char *name);

/* True when one is the other, or a folder that the other lies in. */
bool lang_names_collide(const char *left, const char *right);

/* Settles names, fills in the commands. `memory_bytes` is the run's limit (a JVM is told 3/4 of it).
 * -EINVAL: a bad file name, two files of one name, no file, none that is the compiler's, more arguments than a box takes; -ENOENT: the
 * language is not available. */
int lang_plan(const struct language *language, const struct lang_source *files, size_t count,
	      const char *const *args, int64_t memory_bytes, int64_t compile_memory_bytes, struct pool *pool,
	      struct lang_plan *plan, struct error *err);

/* Where language->name_from_public_class: another class is started. -ENOMEM. */
int lang_plan_start(struct lang_plan *plan, const char *class_name, struct pool *pool);
/* Whether `more` (NULL-ended) may stand behind the run's command; -EINVAL: that is more than a box takes. */
int lang_plan_check_words(const struct lang_plan *plan, const char *const *more, struct error *err);
