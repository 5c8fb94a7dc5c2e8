/* fd.h - whole reads and writes, sealed memory files, small files in one call. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

/* Writes all of it, over short writes and EINTR. 0 or -errno. */
int fd_write_all(int fd, const void *bytes, size_t size);

/* Reads until `size` bytes or end of file; the count, or -errno. */
ssize_t fd_read_full(int fd, void *bytes, size_t size);

/* Appends everything up to end of file, at most `limit` bytes (-EFBIG beyond). */
int fd_read_all(int fd, size_t limit, struct buffer *out, struct error *err);

/* The same by path. */
int file_read_all(const char *path, size_t limit, struct buffer *out, struct error *err);

/* Replaces the file at `path` by way of a temporary file beside it, fsync and rename: a reader, or a
 * power cut, finds the old or the new content whole. `mode` as for open(2). */
int file_replace(const char *path, const void *bytes, size_t size, mode_t mode, struct error *err);

/* A memory file that holds `bytes` and is sealed against every change; returns a read-only descriptor
 * with an open file description of its own (memfd_create(2), F_ADD_SEALS in fcntl(2)). */
int fd_sealed(const char *name, const void *bytes, size_t size, struct error *err);

/* Seals a memory file that was filled by hand. 0 or -errno. */
int fd_seal(int fd);

/* A new read-only open file description of the same file, offset 0. The descriptor or -errno. */
int fd_reopen_readonly(int fd);

/* Closes every descriptor but those of `kept`, which is sorted on the way; negative ones are no descriptors. For a
 * process that was forked and keeps nothing by accident. 0 or -errno. */
int fd_close_all_but(int *kept, size_t count);
