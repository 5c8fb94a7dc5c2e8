/* bundle.h - files as one sealed memory file: a header, then record after record.
 *
 * Written by this library only, read only when sealed, so that what was checked is what is used. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sandbox/box.h"

struct bundle_header {
	char magic[8];
	uint32_t count;
	uint32_t reserved;
};

/* Followed by name_size bytes of name (no NUL) and data_size bytes of data. */
struct bundle_record {
	uint32_t name_size;
	uint32_t executable;
	uint64_t data_size;
};

extern const char bundle_magic[8];

/* A bundle that grows: for the keeper, which copies from files. */
struct bundle_writer {
	int fd;
	uint32_t count;
};
int bundle_begin(struct bundle_writer *writer, struct error *err);
int bundle_add(struct bundle_writer *writer, const struct bundle_file *file, struct error *err);
/* Copies exactly `size` bytes from `source_fd`. */
int bundle_add_fd(struct bundle_writer *writer, const char *name, int source_fd, uint64_t size,
		  bool executable, struct error *err);
/* Seals it: a read-only descriptor. The writer is spent either way. */
int bundle_end(struct bundle_writer *writer, int *bundle_fd, struct error *err);
void bundle_abandon(struct bundle_writer *writer);

/* Whether a name may be placed: relative, 1 to BUNDLE_DEPTH_MAX components, none empty, "." or "..". */
bool bundle_name_ok(const char *name, size_t size);
