/* programs.h - compiled programs on the disk, for all judges of a process and for the next one: what was compiled
 * before a restart, or in another slot, is not compiled again.
 *
 * A file a program, beneath a folder that is the process's own, by the hash of what it was made of; together no
 * larger than was agreed: those go first that were unused for longest. A file is put there whole, by rename(2), and
 * believed only when the hash in it is that of the rest: one that a crash or the disk damaged is removed, and
 * the program compiled again. Thread-safe; processes may share a folder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

struct programs;

/* Makes the folder (mode 0700) and looks how much is in it. */
int programs_open(const char *folder, int64_t max_bytes, struct programs **programs, struct error *err);
void programs_close(struct programs *programs); /* accepts NULL */

struct program {
	int bundle_fd;      /* owned; sealed */
	const char *output; /* the compiler's words, NUL behind; owned */
	size_t output_size;
};

/* True when it is there, and whole. */
bool programs_get(struct programs *programs, const unsigned char key[SHA256_BYTES], struct program *program);
void program_free(struct program *program);

/* Copies it to the disk. What does not fit, or cannot be written, is not kept: that is no failure. */
void programs_put(struct programs *programs, const unsigned char key[SHA256_BYTES], int bundle_fd,
		  const char *output, size_t output_size);
