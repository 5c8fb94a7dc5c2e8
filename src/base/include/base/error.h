/* error.h - how failures travel.
 *
 * A function that can fail returns int, takes `struct error *err` last, and returns 0 or a negative
 * errno-like code. On failure its outputs are untouched and *err says what was being done, in words
 * that a user can act on. Each layer adds its context once, on the way up. Nothing here allocates:
 * an error can be reported when memory is out. Libraries never print; roles and the CLI do. */
#pragma once

#include <errno.h>
#include <stddef.h>

enum { ERROR_TEXT_BYTES = 512 };

struct error {
	int code;                    /* negative errno, 0 when nothing failed */
	char text[ERROR_TEXT_BYTES]; /* outermost context first, NUL-terminated, cut with "..." */
};

/* Sets *err (which may be NULL) and returns `code`, so that a caller can `return error_set(...)`. */
int error_set(struct error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same from errno: "open /box/main.c: Permission denied". Returns -errno. */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " before what *err already says and returns its code. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All three return something negative, and here is where compilers and analysers can see it: what follows a
 * failure is not reached with outputs that nobody has set. */
static inline int error_negative(int code)
{
	return code < 0 ? code : -EIO;
}
#define error_set(...)   error_negative((error_set)(__VA_ARGS__))
#define error_errno(...) error_negative((error_errno)(__VA_ARGS__))
#define error_wrap(...)  error_negative((error_wrap)(__VA_ARGS__))
