/* sqlite_file.c - see sqlite_file.h.
 *
 * The lock is a record lock, fcntl(2), not flock(2): it belongs to the process and not to the open file, so
 * that it ends with the process even when a child that was forked meanwhile lives on, and the kernel knows
 * the owner's pid. Its price: it does not keep out a second open in the same process, and any close of the
 * file there would lose it. The list of this process's own locks is for that.
 *
 * The same rule of fcntl(2) is why the database itself is never opened here except to create it: closing
 * it would drop the locks that SQLite holds on it. */
#include "sqlite_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static pthread_mutex_t locked_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct sqlite_file *locked_files;

static int make_parents(const char *path, struct error *err)
{
	char folder[PATH_MAX];
	if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
		return error_set(err, -ENAMETOOLONG, "%.100s...: name too long", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return error_errno(err, "create the folder %s", folder);
		*slash = '/';
	}
	return 0;
}

static int make_file(struct sqlite_file *file, struct error *err)
{
	cleanup_fd int fd = open(file->given, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return error_errno(err, "create the database %s", file->given);
	struct stat status;
	if (!realpath(file->given, file->path) || stat(file->path, &status) < 0)
		return error_errno(err, "find the database %s", file->given);
	file->device = status.st_dev;
	file->inode = status.st_ino;
	return 0;
}

static bool locked_here(const struct sqlite_file *file)
{
	for (const struct sqlite_file *other = locked_files; other; other = other->next_locked)
		if (other->locked_by == getpid() && strcmp(other->path, file->path) == 0)
			return true;
	return false;
}

/* Asks who has the lock; he may be gone by then, and the next attempt succeeds. */
static int lock_or_name_owner(int fd, pid_t *owner)
{
	for (;;) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		if (fcntl(fd, F_SETLK, &lock) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		if (fcntl(fd, F_GETLK, &lock) < 0)
			return -errno;
		*owner = lock.l_pid;
		if (lock.l_type != F_UNLCK)
			return -EBUSY;
	}
}

static int take_lock(struct sqlite_file *file, struct error *err)
{
	if (locked_here(file))
		return error_set(err, -EBUSY, "the database %s is already open in this process", file->given);
	char name[PATH_MAX + sizeof ".lock"];
	snprintf(name, sizeof name, "%s.lock", file->path);
	cleanup_fd int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_errno(err, "open %s", name);
	pid_t owner = 0;
	int code = lock_or_name_owner(fd, &owner);
	if (code == -EBUSY)
		return error_set(err, code, "the database %s is in use by another arena (pid %d)",
				 file->given, (int)owner);
	if (code < 0)
		return error_set(err, code, "lock %s: %s", name, strerror(-code));
	file->lock = take_fd(&fd);
	file->locked_by = getpid();
	file->next_locked = locked_files;
	locked_files = file;
	return 0;
}

int sqlite_file_open(const char *given, struct sqlite_file *file, struct error *err)
{
	file->lock = -1;
	file->given = strdup(given);
	if (!file->given)
		return error_set(err, -ENOMEM, "out of memory");
	if (!*given)
		return error_set(err, -EINVAL, "the database URL names no file");
	int code = make_parents(given, err);
	if (code == 0)
		code = make_file(file, err);
	if (code == 0) {
		pthread_mutex_lock(&locked_mutex);
		code = take_lock(file, err);
		pthread_mutex_unlock(&locked_mutex);
	}
	return code;
}

int sqlite_file_check(const struct sqlite_file *file, struct error *err)
{
	struct stat status;
	bool found = stat(file->path, &status) == 0;
	if (!found && errno != ENOENT)
		return error_errno(err, "find the database %s", file->given);
	if (found && status.st_dev == file->device && status.st_ino == file->inode)
		return 0;
	return error_set(err, -ESTALE,
			 "the database %s was %s while it was in use: put it back and start again",
			 file->given, found ? "replaced" : "deleted");
}

void sqlite_file_close(struct sqlite_file *file)
{
	if (file->lock >= 0) {
		pthread_mutex_lock(&locked_mutex);
		struct sqlite_file **at = &locked_files;
		while (*at != file)
			at = &(*at)->next_locked;
		*at = file->next_locked;
		close_fd(&file->lock);
		pthread_mutex_unlock(&locked_mutex);
	}
	free(file->given);
}
