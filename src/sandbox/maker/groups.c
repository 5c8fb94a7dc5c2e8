#include "groups.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

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

void groups_sweep(const char *parent)
{
	DIR *entries = opendir(parent);
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		int pid;
		char path[CGROUP_PATH_BYTES + 256];
		if (sscanf(entry->d_name, "arena-%d", &pid) != 1 || kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
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
