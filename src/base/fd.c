#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { READ_STEP_BYTES = 65536 };

int fd_write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size > 0) {
		ssize_t n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

ssize_t fd_read_full(int fd, void *bytes, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t n = read(fd, (char *)bytes + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int fd_read_all(int fd, size_t limit, struct buffer *out, struct error *err)
{
	size_t before = out->size;
	for (;;) {
		char *room = buffer_reserve(out, READ_STEP_BYTES);
		if (!room)
			return error_set(err, -ENOMEM, "out of memory");
		ssize_t n = read(fd, room, READ_STEP_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, "read");
		out->size += (size_t)n;
		out->data[out->size] = '\0';
		if (out->size - before > limit)
			return error_set(err, -EFBIG, "larger than %zu bytes", limit);
		if (n == 0)
			return 0;
	}
}

int file_read_all(const char *path, size_t limit, struct buffer *out, struct error *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, "open %s", path);
	if (fd_read_all(fd, limit, out, err) < 0)
		return error_wrap(err, "%s", path);
	return 0;
}

int file_replace(const char *path, const void *bytes, size_t size, mode_t mode, struct error *err)
{
	char temporary[4096];
	if (snprintf(temporary, sizeof temporary, "%s.%d.new", path, (int)getpid()) >= (int)sizeof temporary)
		return error_set(err, -ENAMETOOLONG, "%s: name too long", path);
	cleanup_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return error_errno(err, "create %s", temporary);
	int code = fd_write_all(fd, bytes, size);
	if (code == 0 && (fsync(fd) < 0 || rename(temporary, path) < 0))
		code = -errno;
	if (code == 0)
		return 0;
	unlink(temporary);
	errno = -code;
	return error_errno(err, "write %s", path);
}

int fd_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0 ? -errno
												    : 0;
}

int fd_reopen_readonly(int fd)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int again = open(path, O_RDONLY | O_CLOEXEC);
	return again < 0 ? -errno : again;
}

int fd_sealed(const char *name, const void *bytes, size_t size, struct error *err)
{
	cleanup_fd int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return error_errno(err, "memfd_create");
	int code = fd_write_all(fd, bytes, size);
	if (code == 0)
		code = fd_seal(fd);
	int again = code == 0 ? fd_reopen_readonly(fd) : code;
	return again < 0 ? error_set(err, again, "memory file: %s", strerror(-again)) : again;
}

static int compare_ints(const void *left, const void *right)
{
	return (*(const int *)left > *(const int *)right) - (*(const int *)left < *(const int *)right);
}

int fd_close_all_but(int *kept, size_t count)
{
	unsigned int from = 0;
	qsort(kept, count, sizeof *kept, compare_ints);
	for (size_t i = 0; i < count; i++) {
		if (kept[i] < 0)
			continue;
		unsigned int next = (unsigned int)kept[i];
		if (next > from && syscall(SYS_close_range, from, next - 1, 0) < 0)
			return -errno;
		from = next + 1;
	}
	return syscall(SYS_close_range, from, ~0u, 0) < 0 ? -errno : 0;
}
