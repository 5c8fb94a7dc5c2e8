#include "groups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "find.h"

int groups_remove(const char *folder)
{
	DIR *entries = opendir(folder);
	int code = 0;
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		char path[CGROUP_PATH_BYTES + 256];
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		int removed = groups_remove(path);
		code = removed < 0 ? removed : code;
	}
	if (entries)
		closedir(entries);
	return rmdir(folder) < 0 && errno != ENOENT ? -errno : code;
}

/* 0, or -EAGAIN: somebody else's, or swept away meanwhile. */
static int try_hold(const char *folder, int *hold)
{
	struct stat there, held;
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return -errno;
	cleanup_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (fstat(fd, &held) < 0 || stat(folder, &there) < 0 || there.st_ino != held.st_ino)
		return -EAGAIN;
	*hold = take_fd(&fd);
	return 0;
}

int groups_hold(const char *parent, char folder[CGROUP_PATH_BYTES], int *hold, struct error *err)
{
	const int tries_max = 100;
	int code = -EAGAIN;
	for (int tries = 0; code == -EAGAIN && tries < tries_max; tries++) {
		char again[16] = ""; /* another pid namespace's lane maker may have our number */
		if (tries > 0)
			snprintf(again, sizeof again, "-%d", tries);
		if (snprintf(folder, CGROUP_PATH_BYTES, "%.480s/arena-%d%s", parent, (int)getpid(), again) >=
		    CGROUP_PATH_BYTES)
			return error_set(err, -ENAMETOOLONG, "cgroup path too long: %s", parent);
		code = try_hold(folder, hold);
	}
	return code < 0 ? error_set(err, code, "make the cgroup %s: %s", folder, strerror(-code)) : 0;
}

static bool is_held(const char *folder)
{
	cleanup_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0;
}

void groups_sweep(const char *parent)
{
	DIR *entries = opendir(parent);
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		char path[CGROUP_PATH_BYTES + 256];
		if (strncmp(entry->d_name, "arena-", 6) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
		if (!is_held(path))
			groups_remove(path);
	}
	if (entries)
		closedir(entries);
}

static int none_open(struct error *err)
{
	return error_set(err, -ENOSYS,
			 "this host offers no control groups with memory, pids and CPU accounting; "
			 "`arena doctor` says what to do");
}

static void none_close(void) {}

static int64_t none_cpu_us(void)
{
	return -ENOSYS;
}

/* A host on which no lane is made: open() says so. */
static const struct group_ops groups_none = {
	.version = SANDBOX_CGROUP_NONE,
	.open = none_open,
	.close = none_close,
	.lanes_cpu_us = none_cpu_us,
};

const struct group_ops *groups_detect(void)
{
	switch (cgroup_find_version()) {
	case SANDBOX_CGROUP_V1: return &groups_v1;
	case SANDBOX_CGROUP_V2: return &groups_v2;
	case SANDBOX_CGROUP_NONE: break;
	}
	return &groups_none;
}
