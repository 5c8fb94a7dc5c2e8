/* New namespaces, one by one, by each call that makes or enters one. */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>

#include "attempt.h"

static const struct {
	unsigned long flag;
	const char *name;
} kinds[] = {
	{ CLONE_NEWNS, "mnt" },        { CLONE_NEWUSER, "user" }, { CLONE_NEWPID, "pid" },
	{ CLONE_NEWNET, "net" },       { CLONE_NEWUTS, "uts" },   { CLONE_NEWIPC, "ipc" },
	{ CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWTIME, "time" },
};

static void clone_with(unsigned long flags, const char *name)
{
	long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(0);
	refused(name, child);
}

int main(void)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char path[64];
		refused(kinds[i].name, unshare((int)kinds[i].flag));
		if (kinds[i].flag != CLONE_NEWTIME) /* there it is a part of the exit signal */
			clone_with(kinds[i].flag, kinds[i].name);
		snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i].name);
		int own = open(path, O_RDONLY);
		refused("setns", setns(own >= 0 ? own : 0, 0));
		struct clone_args args = { .flags = kinds[i].flag, .exit_signal = SIGCHLD };
		long child = syscall(SYS_clone3, &args, sizeof args);
		if (child == 0)
			_exit(0);
		refused("clone3", child);
	}
	clone_with(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID, "all at once");
	refused("unshare files", unshare(CLONE_FILES));
	refused("unshare fs", unshare(CLONE_FS));
	refused("setns of init", setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS));
	struct clone_args into = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	refused("clone3 into a cgroup", syscall(SYS_clone3, &into, sizeof into));
	return verdict();
}
