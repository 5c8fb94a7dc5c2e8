/* host.c - what this host gives to boxes, asked one thing at a time, for `arena doctor`. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../maker/find.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "client.h"

static void say(struct host_check *check, bool ok, const char *advice, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void say(struct host_check *check, bool ok, const char *advice, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(check->found, sizeof check->found, format, args);
	va_end(args);
	check->ok = ok;
	snprintf(check->advice, sizeof check->advice, "%s", ok ? "" : advice);
}

/* The first line of a small file; "" when it cannot be read. */
static const char *first_line(const char *path, char line[160])
{
	struct buffer text = { 0 };
	line[0] = '\0';
	if (file_read_all(path, 4096, &text, NULL) == 0)
		snprintf(line, 160, "%.*s", (int)strcspn(buffer_text(&text), "\n"), buffer_text(&text));
	buffer_free(&text);
	return line;
}

static void check_kernel(struct host_check *check)
{
	struct utsname name;
	int major = 0, minor = 0;
	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	say(check, major > 5 || (major == 5 && minor >= 12),
	    "Linux 5.12 or newer is needed (mount_setattr, clone3, openat2); Debian 12 has 6.1", "Linux %s",
	    name.release);
}

static void check_architecture(struct host_check *check)
{
	struct utsname name;
	uname(&name);
	say(check, strcmp(name.machine, "x86_64") == 0 || strcmp(name.machine, "aarch64") == 0,
	    "x86-64 and arm64 are supported", "%s", name.machine);
}

static bool has_capability(unsigned int number)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	syscall(SYS_capget, &header, data);
	return data[number / 32].effective & 1u << number % 32;
}

static void check_root(struct host_check *check)
{
	static const struct {
		unsigned int number;
		const char *name;
	} needed[] = { { CAP_SYS_ADMIN, "SYS_ADMIN" }, { CAP_SETUID, "SETUID" },
		       { CAP_SETGID, "SETGID" },       { CAP_KILL, "KILL" },
		       { CAP_CHOWN, "CHOWN" },         { CAP_DAC_OVERRIDE, "DAC_OVERRIDE" } };
	char missing[160] = "";
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (!has_capability(needed[i].number))
			snprintf(missing + strlen(missing), sizeof missing - strlen(missing), " CAP_%s",
				 needed[i].name);
	const char *socket = getenv("SANDBOX_SOCKET");
	if (missing[0] && socket && *socket && access(socket, W_OK) == 0)
		say(check, true, "", "a lane maker at %s", socket);
	else if (missing[0] && place_check(NULL) == 0 && namespace_check(NULL) == 0)
		say(check, true, "", "a user namespace and a cgroup of one's own");
	else if (missing[0])
		say(check, false,
		    "`make serve` and `arena serve --sudo` start the one process that needs them through "
		    "sudo; or "
		    "see the tier 'delegated'",
		    "not root: lacking%s", missing);
	else
		say(check, true, "", "all that the lane maker needs");
}

static void check_user_namespaces(struct host_check *check)
{
	char line[160];
	long most = strtol(first_line("/proc/sys/user/max_user_namespaces", line), NULL, 10);
	say(check, most > 0 && access("/proc/self/ns/user", F_OK) == 0,
	    "sysctl user.max_user_namespaces=10000 (and a kernel with CONFIG_USER_NS)", "%ld allowed", most);
}

static void check_cgroup(struct host_check *check)
{
	enum sandbox_cgroup version = cgroup_find_version();
	static const char *const names[] = { "none usable", "version 1", "version 2" };
	say(check, version != SANDBOX_CGROUP_NONE,
	    "memory, pids and CPU accounting controllers are needed; in a container mount cgroups writable",
	    "%s", names[version]);
}

static void check_controllers(struct host_check *check)
{
	char path[CGROUP_PATH_BYTES];
	if (cgroup_find_version() != SANDBOX_CGROUP_V1) {
		char file[CGROUP_PATH_BYTES + 32], line[160];
		bool found = cgroup_find_top(path);
		snprintf(file, sizeof file, "%s/cgroup.controllers", found ? path : "/sys/fs/cgroup");
		first_line(file, line);
		say(check, strstr(line, "memory") && strstr(line, "pids"),
		    "boot with the memory controller on (cgroup_enable=memory), or delegate memory and pids",
		    "%s", line[0] ? line : "none");
		return;
	}
	static const char *const wanted[] = { "memory", "pids", "cpuacct", "cpu", "cpuset" };
	char found[160] = "";
	bool all = true;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		bool there = cgroup_find(wanted[i], path);
		all = all && (there || i > 2);
		if (there)
			snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s",
				 found[0] ? " " : "", wanted[i]);
	}
	say(check, all, "mount the v1 controllers memory, pids and cpuacct", "%s", found);
}

static void check_swap(struct host_check *check)
{
	struct buffer text = { 0 };
	file_read_all("/proc/swaps", 65536, &text, NULL);
	const char *second = strchr(buffer_text(&text), '\n');
	bool swap = second && second[1];
	buffer_free(&text);
	char path[CGROUP_PATH_BYTES], file[CGROUP_PATH_BYTES + 64];
	bool v1 = cgroup_find_version() == SANDBOX_CGROUP_V1 && cgroup_find("memory", path);
	snprintf(file, sizeof file, "%s/memory.memsw.limit_in_bytes", v1 ? path : "");
	bool counted = !v1 || access(file, F_OK) == 0;
	say(check, !swap || counted,
	    "boot with swapaccount=1 or without swap, or a box can use more than its memory limit",
	    swap ? counted ? "on, and counted" : "on, not counted" : "none");
}

static void check_seccomp(struct host_check *check)
{
	unsigned int action = SECCOMP_RET_ERRNO;
	bool ok = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
	say(check, ok, "a kernel with CONFIG_SECCOMP_FILTER is needed", ok ? "filters" : "no filters");
}

static void check_mounts(struct host_check *check)
{
	cleanup_fd int tree = open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLOEXEC);
	cleanup_fd int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
	cleanup_fd int root = open("/", O_PATH | O_CLOEXEC);
	cleanup_fd int beneath = (int)syscall(SYS_openat2, root, "usr", &how, sizeof how);
	bool ok = tree >= 0 && beneath >= 0 && (context >= 0 || errno == EPERM || geteuid() != 0);
	say(check, ok,
	    "Linux 5.6 or newer; in a container the seccomp profile must allow open_tree, fsopen, openat2",
	    ok ? "open_tree, fsopen, openat2" : "not all of open_tree, fsopen, openat2");
}

static void check_core_pattern(struct host_check *check)
{
	char line[160];
	first_line("/proc/sys/kernel/core_pattern", line);
	say(check, true, "", "%.100s%s", line, line[0] == '|' ? " (a pipe; boxes never feed it)" : "");
}

static void check_resource(struct host_check *check)
{
	say(check, true, "", has_capability(CAP_SYS_RESOURCE) ? "present, not needed" : "absent, not needed");
}

static void check_nice(struct host_check *check)
{
	bool has = has_capability(CAP_SYS_NICE);
	say(check, has,
	    "with CAP_SYS_NICE limits take effect on time on a busy host too; verdicts go by exact CPU time "
	    "either way",
	    has ? "present" : "absent");
}

/* What a container takes away unless it is told not to is in docs/hosts.md. */
static void check_container(struct host_check *check)
{
	static const struct {
		const char *path, *name;
	} marks[] = { { "/.dockerenv", "Docker" },
		      { "/run/.containerenv", "Podman" },
		      { "/var/run/secrets/kubernetes.io", "Kubernetes" },
		      { "/run/systemd/container", "systemd-nspawn or another" } };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (access(marks[i].path, F_OK) == 0) {
			say(check, true, "", "inside one (%s)", marks[i].name);
			return;
		}
	say(check, true, "", "none noticed");
}

size_t sandbox_check_host(struct host_check checks[HOST_CHECKS_MAX])
{
	static const struct {
		const char *name;
		bool required;
		void (*check)(struct host_check *check);
	} table[] = {
		{ "kernel", true, check_kernel },
		{ "architecture", true, check_architecture },
		{ "rights", true, check_root },
		{ "user namespaces", true, check_user_namespaces },
		{ "cgroup", true, check_cgroup },
		{ "cgroup controllers", true, check_controllers },
		{ "swap", false, check_swap },
		{ "seccomp", true, check_seccomp },
		{ "mounts", true, check_mounts },
		{ "core_pattern", false, check_core_pattern },
		{ "CAP_SYS_RESOURCE", false, check_resource },
		{ "CAP_SYS_NICE", false, check_nice },
		{ "container", false, check_container },
	};
	size_t count = sizeof table / sizeof table[0];
	for (size_t i = 0; i < count; i++) {
		checks[i] = (struct host_check){ .name = table[i].name, .required = table[i].required };
		table[i].check(&checks[i]);
	}
	return count;
}
