/* inside.h - what the readers of packages share. */
#pragma once

#include "package/package.h"

/* ---- program.c: from files to a program ---- */

/* The file `path`, or the folder of it: language, entry and files. `language` and `entry` (both may be NULL) are what the
 * package says of it. With `any_build` it is a validator: executables named build and run make it one of the language
 * "script", and a file with an odd name is left out with a note; without, an odd name makes it no program. Whenever it
 * has no language there is a note, too. -ENOENT: there is nothing at `path`. */
int program_read(const struct package_tree *tree, const struct catalogue *catalogue, const char *path,
		 const char *language, const char *entry, bool any_build, struct pool *pool,
		 struct package_notes *notes, struct package_program *program, struct error *err);

/* Validators beneath `folder`: when it holds just one folder and nothing else that one, otherwise with `together` (or a
 * build or run in it) all files as one program, and else each file and folder by itself, with the loose files that are no
 * programs (headers) beside each. What is no program at all is noted and not among them; *count may be 0. */
int programs_read(const struct package_tree *tree, const struct catalogue *catalogue, const char *folder,
		  bool together, struct pool *pool, struct package_notes *notes,
		  struct package_program **programs, size_t *count, struct error *err);

/* ---- readers ---- */
int kattis_read(const struct package_tree *tree, const struct catalogue *catalogue, struct pool *pool,
		struct package *package, struct error *err);
int polygon_read(const struct package_tree *tree, const struct catalogue *catalogue, struct pool *pool,
		 struct package *package, struct error *err);

/* kattis_data.c: tests, claims and groups; limits, type and validators are there already. */
int kattis_data_read(const struct package_tree *tree, struct pool *pool, struct package *package,
		     struct error *err);
/* kattis_submissions.c: submissions and what is expected of them. */
int kattis_submissions_read(const struct package_tree *tree, const struct catalogue *catalogue,
			    struct pool *pool, struct package *package, struct error *err);
