/* public_class.h - the names that a Java source file declares.
 *
 * A scanner, no parser: it skips comments, strings and text blocks, counts braces, and looks at the words
 * between. A file that does not compile gives some answer, never a failure; javac then says what is wrong. */
#pragma once

#include <stddef.h>

#include "base/pool.h"

struct class_names {
	const char *public_class; /* the public top-level type, or NULL: what the file must be called */
	const char
		*main_class; /* the type to run, with its package: the one that has `void main(`, preferably
				   * the public one; or NULL */
	const char *first_class; /* the first type, with its package, or NULL */
};

/* 0 or -ENOMEM. */
int class_names_scan(const char *source, size_t size, struct pool *pool, struct class_names *names);
