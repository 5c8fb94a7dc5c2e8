/* blobs.h - files by the SHA-256 of what is in them, beneath one folder (FOLDER/ab/abcdef...), and together no
 * larger than was agreed.
 *
 * The folder is all there is: no index, no database. A blob is there whole or not at all, never changes, and its
 * modification time says when it was last used. When there is no room for a new one, those go that were unused
 * for longest; those that were used within `keep_s` seconds never. Several processes may share a folder; each
 * then keeps to the bound as of its last look. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/pool.h"

struct blobs;

/* Makes the folder (mode 0700) and looks how much is in it. */
int blobs_open(const char *folder, int64_t max_bytes, int64_t keep_s, struct blobs **blobs,
	       struct error *err);
void blobs_close(struct blobs *blobs); /* accepts NULL */

/* 64 lower-case hex digits; nothing else reaches a path. */
bool blob_name_ok(const char *sha256);

/* Stores it, on the disk when this returns: 1; 0 when it was there. -EBADMSG: its hash is another. -ENOSPC: it
 * does not fit, and nothing may go. */
int blob_put(struct blobs *blobs, const char *sha256, const void *bytes, size_t size, struct error *err);

/* Marks it as used now: 1; 0 when it is not there. */
int blob_touch(struct blobs *blobs, const char *sha256, struct error *err);

/* 1 and its size; 0 when it is not there. */
int blob_size(struct blobs *blobs, const char *sha256, int64_t *size, struct error *err);

/* 1, mapped read-only as long as the pool lives, whatever becomes of the file; 0 when it is not there. */
int blob_map(struct blobs *blobs, const char *sha256, struct pool *pool, const char **bytes, size_t *size,
	     struct error *err);

/* 1 and *fd, open for reading; 0 when it is not there. */
int blob_open(struct blobs *blobs, const char *sha256, int *fd, struct error *err);

/* Whether it is what its name says, read from the disk when this process has not done so lately: 1; 0 when it is not
 * there, or was damaged, and is removed. */
int blob_check(struct blobs *blobs, const char *sha256, struct error *err);
