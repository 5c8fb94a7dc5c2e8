/* CVE-2022-0492: a cgroup's release_agent is a program of the host's root; whoever can mount or write the cgroup
 * tree names it. Also its own limits, and another group to live in. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	static const char *const files[] = {
		"/sys/fs/cgroup/cgroup.procs",         "/sys/fs/cgroup/release_agent",
		"/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/memory.max",
		"/sys/fs/cgroup/pids/cgroup.procs",    "/sys/kernel/uevent_helper"
	};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		refused(files[i], open(files[i], O_WRONLY));
		refused(files[i], open(files[i], O_RDONLY));
	}
	mkdir("/tmp/groups", 0777);
	refused("mount cgroup", mount("cgroup", "/tmp/groups", "cgroup", 0, "memory"));
	refused("mount cgroup2", mount("cgroup2", "/tmp/groups", "cgroup2", 0, NULL));
	char own[512] = "";
	int file = open("/proc/self/cgroup", O_RDONLY);
	must("its group is named", read(file, own, sizeof own - 1) > 0);
	must("and the host's path to it is not", !strstr(own, "system.slice") && !strstr(own, "user.slice"));
	return verdict();
}
