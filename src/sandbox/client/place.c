/* place.c - the control group in which lanes are made: found, and made ready, by whoever starts a lane maker.
 *
 * In version 2 a group hands controllers down or holds processes, never both, the root of the hierarchy excepted. It is
 *     our own, when systemd's Delegate=yes gave it to us (or the one above, with DelegateSubgroup=);
 *     the highest, as root: systemd does not look after groups that it did not make;
 *     the nearest to our own that may be written, as anybody else.
 * What stands in the first and the last is arena and who was started with it; they move on into a group below,
 * "arena-processes", which is also how the lane maker knows the place (../maker/find.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../maker/find.h"
#include "base/cleanup.h"
#include "client.h"

enum { PASSES_MAX = 100 };

static bool is_writable(const char *path)
{
	static const char *const files[] = { "", "/cgroup.procs", "/cgroup.subtree_control" };
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char file[CGROUP_PATH_BYTES + 32];
		snprintf(file, sizeof file, "%s%s", path, files[i]);
		if (access(file, W_OK) != 0)
			return false;
	}
	return true;
}

/* systemd marks what it gave away, for the system's manager and for everybody to see (systemd.resource-control(5)). */
static bool is_marked(const char *path)
{
	char value;
	return (getxattr(path, "user.delegate", &value, 1) == 1 ||
		getxattr(path, "trusted.delegate", &value, 1) == 1) &&
	       value == '1';
}

static bool find_place(char path[CGROUP_PATH_BYTES], bool *ours)
{
	char own[CGROUP_PATH_BYTES];
	*ours = true;
	if (!cgroup_find("", own))
		return false;
	const char *name = strrchr(own, '/');
	if (name && strcmp(name + 1, cgroup_processes) == 0) /* where an earlier start put us */
		cgroup_go_up(own);
	memcpy(path, own, CGROUP_PATH_BYTES);
	for (int i = 0; i < 2; i++)
		if ((i == 0 || cgroup_go_up(path)) && is_marked(path) && is_writable(path) &&
		    cgroup_has_controllers(path))
			return true;
	if (!cgroup_find_top(path))
		return false;
	if (is_writable(path) && cgroup_has_controllers(path)) {
		*ours = false;
		return true;
	}
	memcpy(path, own, CGROUP_PATH_BYTES);
	do
		if (is_writable(path) && cgroup_has_controllers(path))
			return true;
	while (cgroup_go_up(path));
	return false;
}

/* Arena itself and whoever is with it move on into a group below, so that this one can hand controllers down. One
 * pass may miss who was forked meanwhile. */
static int make_room(const char *parent, struct error *err)
{
	char list[CGROUP_PATH_BYTES + 32], below[CGROUP_PATH_BYTES + 32], pid[16];
	snprintf(list, sizeof list, "%s/cgroup.procs", parent);
	snprintf(below, sizeof below, "%s/%s", parent, cgroup_processes);
	if (mkdir(below, 0755) < 0 && errno != EEXIST)
		return error_errno(err, "make the cgroup %s", below);
	int code = cgroup_write_text(below, "cgroup.procs", "0"); /* we may stand elsewhere */
	if (code < 0)
		return error_set(err, code, "move into %s: %s", below, strerror(-code));
	for (int pass = 0, found = 1; found && pass < PASSES_MAX; pass++) {
		cleanup_file FILE *processes = fopen(list, "re");
		for (found = 0; processes && fgets(pid, sizeof pid, processes); found++) {
			code = cgroup_write_text(below, "cgroup.procs", pid);
			if (code < 0 && code != -ESRCH)
				return error_set(err, code, "move process %d into %s: %s", atoi(pid), below,
						 strerror(-code));
		}
	}
	return 0;
}

static int find(char place[CGROUP_PATH_BYTES], bool *ours, struct error *err)
{
	if (cgroup_find_version() != SANDBOX_CGROUP_V2)
		return error_set(
			err, -ENOSYS,
			"without root, cgroups of version 2 are needed, with the controllers memory and "
			"pids");
	if (!find_place(place, ours))
		return error_set(err, -EACCES,
				 "no cgroup here may be written by this user: start with `systemd-run --user "
				 "--scope -p "
				 "Delegate=yes arena ...`, in a unit with Delegate=yes, or in a container "
				 "with cgroups "
				 "mounted writable");
	return 0;
}

int place_check(struct error *err)
{
	char place[CGROUP_PATH_BYTES];
	bool ours;
	return find(place, &ours, err);
}

int place_prepare(struct error *err)
{
	char place[CGROUP_PATH_BYTES];
	bool ours;
	if (namespace_is_root() && cgroup_find_version() != SANDBOX_CGROUP_V2)
		return 0;
	int code = find(place, &ours, err);
	return code < 0 || !ours ? code : make_room(place, err);
}
