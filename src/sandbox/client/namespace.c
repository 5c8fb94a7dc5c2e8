/* namespace.c - a lane maker without root's rights: root of a user namespace that its starter makes for it.
 *
 * Unprivileged code, so that nothing of it is in the lane maker: which ids the user has is read here, and two
 * set-user-id programs of the package uidmap map them (newuidmap(1), subuid(5)). They look at the process from outside
 * of its namespace, which is what the helper is for:
 *
 *     starter ──fork──▶ becomes the lane maker: unshare ─────────▶ waits ──▶ exec
 *                              └──fork──▶ helper: waits ─▶ newuidmap, newgidmap ─┘
 *
 * Without subordinate ids, or without these programs, the one id that everybody may map is used for all. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "client.h"

enum { IDS_LEAST = 3 }; /* fewer are of no use: a lane's root, and its program */

static const char map_users[] = "/usr/bin/newuidmap", map_groups[] = "/usr/bin/newgidmap";

bool namespace_is_root(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	syscall(SYS_capget, &header, data);
	return geteuid() == 0 && (data[0].effective & 1u << CAP_SYS_ADMIN);
}

/* ---- which ids ---- */

/* subuid(5): "NAME:FIRST:COUNT", or the number for the name. */
static struct id_range find_range(const char *path, const char *name, unsigned int id)
{
	cleanup_file FILE *file = fopen(path, "re");
	struct id_range best = { 0 };
	char line[512], number[16];
	snprintf(number, sizeof number, "%u", id);
	while (file && fgets(line, sizeof line, file)) {
		struct id_range range;
		char *colon = strchr(line, ':');
		if (!colon || sscanf(colon, ":%u:%u", &range.first, &range.count) != 2)
			continue;
		*colon = '\0';
		if ((strcmp(line, name) == 0 || strcmp(line, number) == 0) && range.count > best.count)
			best = range;
	}
	return best;
}

void namespace_plan(struct namespace_plan *plan)
{
	*plan = (struct namespace_plan){ .needed = !namespace_is_root(), .one_id = "" };
	if (!plan->needed)
		return;
	const struct passwd *user = getpwuid(getuid());
	plan->users = find_range("/etc/subuid", user ? user->pw_name : "", getuid());
	plan->groups = find_range("/etc/subgid", user ? user->pw_name : "", getuid());
	if (plan->users.count < IDS_LEAST || plan->groups.count < IDS_LEAST)
		plan->one_id = "/etc/subuid and /etc/subgid give this user no ids";
	else if (access(map_users, X_OK) < 0 || access(map_groups, X_OK) < 0)
		plan->one_id = "newuidmap and newgidmap are not installed (package uidmap)";
	else if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		plan->one_id = "under no_new_privs newuidmap cannot work";
	else
		plan->one_id = NULL;
}

/* ---- mapping them ---- */

static int run_helper(const char *program, pid_t target, unsigned int own, const struct id_range *range)
{
	char numbers[4][16];
	int status = -1;
	snprintf(numbers[0], sizeof numbers[0], "%d", (int)target);
	snprintf(numbers[1], sizeof numbers[1], "%u", own);
	snprintf(numbers[2], sizeof numbers[2], "%u", range->first);
	snprintf(numbers[3], sizeof numbers[3], "%u", range->count);
	const char *argv[] = { program, numbers[0], "0", numbers[1], "1", "1", numbers[2], numbers[3], NULL };
	pid_t child = fork();
	if (child == 0) {
		execve(program, (char *const *)(uintptr_t)argv, (char *const[]){ NULL });
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return status;
}

/* Begins when the other end of `start` is closed. */
static _Noreturn void help(const struct namespace_plan *plan, pid_t target, int start)
{
	char byte;
	while (read(start, &byte, 1) < 0 && errno == EINTR) {
	}
	bool mapped = run_helper(map_users, target, geteuid(), &plan->users) == 0 &&
		      run_helper(map_groups, target, getegid(), &plan->groups) == 0;
	_exit(mapped ? 0 : 1);
}

static int map_one(unsigned int uid, unsigned int gid)
{
	static const char *const files[] = { "/proc/self/setgroups", "/proc/self/uid_map",
					     "/proc/self/gid_map" };
	char texts[3][32] = { "deny" };
	snprintf(texts[1], sizeof texts[1], "0 %u 1\n", uid);
	snprintf(texts[2], sizeof texts[2], "0 %u 1\n", gid);
	for (size_t i = 0; i < 3; i++) {
		cleanup_fd int fd = open(files[i], O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, texts[i], strlen(texts[i])) < 0)
			return -errno;
	}
	return 0;
}

static int unshare_users(struct error *err)
{
	if (unshare(CLONE_NEWUSER) == 0)
		return 0;
	return error_errno(err, "make a user namespace, which it takes without root%s",
			   errno == EPERM ? " (refused by a sysctl, AppArmor, a container, or below a chroot)"
			   : errno == ENOSPC ? " (sysctl user.max_user_namespaces)"
					     : "");
}

static int map_many(const struct namespace_plan *plan, struct error *err)
{
	int start[2], status = -1;
	if (pipe2(start, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	pid_t self = getpid(), helper = fork();
	if (helper == 0) {
		close(start[1]);
		help(plan, self, start[0]);
	}
	int code = helper < 0 ? error_errno(err, "fork") : unshare_users(err);
	close(start[0]);
	close(start[1]);
	while (helper > 0 && waitpid(helper, &status, 0) < 0 && errno == EINTR) {
	}
	if (code == 0 && status != 0)
		code = error_set(err, -EPERM,
				 "newuidmap and newgidmap did not map the ids of /etc/subuid and "
				 "/etc/subgid; they say why on standard error");
	return code;
}

int namespace_enter(const struct namespace_plan *plan, struct error *err)
{
	unsigned int uid = geteuid(), gid = getegid();
	if (!plan->needed)
		return 0;
	if (!plan->one_id)
		return map_many(plan, err);
	int code = unshare_users(err);
	if (code == 0 && (code = map_one(uid, gid)) < 0)
		error_set(err, code, "map the user's own id: %s", strerror(-code));
	return code;
}

/* ---- asking ---- */

/* In a child. The errno of what failed; `proc_failed` is added where that is the mount. */
enum { PROC_FAILED = 128 };

static int try_namespaces(void)
{
	unsigned int uid = geteuid(), gid = getegid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) <
	    0)
		return errno;
	if (map_one(uid, gid) < 0)
		return EPERM;
	pid_t child = fork(); /* the first in the new namespace of processes */
	if (child == 0) {
		bool mounted = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
			       mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
		_exit(mounted ? 0 : PROC_FAILED + (errno & 127));
	}
	int status = -1;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

int namespace_check(struct error *err)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(try_namespaces());
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	int failed = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
	if (failed == 0)
		return 0;
	if (failed >= PROC_FAILED)
		return error_set(
			err, -EPERM,
			"a /proc of one's own cannot be mounted: %s (a container that masks parts of "
			"/proc; Docker: --security-opt systempaths=unconfined, Kubernetes: procMount: "
			"Unmasked)",
			strerror(failed - PROC_FAILED));
	return error_set(err, -failed,
			 "user namespaces cannot be made: %s (sysctls user.max_user_namespaces, "
			 "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; a "
			 "container's seccomp profile; below a chroot)",
			 strerror(failed));
}
