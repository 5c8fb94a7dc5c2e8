/* landlock.c - which files a program reaches, and whom its signals reach (landlock(7)).
 *
 * Rules name folders and files by what they are, not by their paths: a box's own folder is no way to another's. What
 * Landlock does not look at (chmod, chown, utime, truncate before Linux 6.2, sockets with a name) the filter refuses. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "restricted.h"

/* Newer than the headers of Debian 12: Documentation/userspace-api/landlock.rst. */
enum {
	FS_REFER = 1 << 13,     /* ABI 2 */
	FS_TRUNCATE = 1 << 14,  /* 3 */
	FS_IOCTL_DEV = 1 << 15, /* 5 */
	NET_ALL = 3,            /* 4: bind and connect TCP */
	SCOPE_ALL = 3,          /* 6: abstract sockets, signals */
};
struct ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

static const uint64_t read_file = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;

/* Read by libraries and runtimes. What of it is not there is passed over. */
static const char *const read_only[] = {
	"/usr",
	"/bin",
	"/sbin",
	"/lib",
	"/lib32",
	"/lib64",
	"/libx32",
	"/etc/ld.so.cache",
	"/etc/passwd",
	"/etc/group",
	"/etc/nsswitch.conf",
	"/etc/hosts",
	"/etc/localtime",
	"/etc/alternatives",
	"/etc/ssl/openssl.cnf",
	"/proc/cpuinfo",
	"/proc/filesystems",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/uptime",
	"/proc/version",
	"/proc/sys/kernel",
	"/proc/sys/vm",
	"/sys/devices/system/cpu",
};
static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom" };

int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return version < 0 ? 0 : (int)version;
}

static uint64_t all_rights(void)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* ABI 1 has them up to there */
	rights |= restricted.landlock >= 2 ? FS_REFER : 0;
	rights |= restricted.landlock >= 3 ? FS_TRUNCATE : 0;
	return rights | (restricted.landlock >= 5 ? FS_IOCTL_DEV : 0);
}

static int create(const struct ruleset *set)
{
	size_t size = restricted.landlock >= 6   ? sizeof *set
		      : restricted.landlock >= 4 ? offsetof(struct ruleset, scoped)
						 : offsetof(struct ruleset, handled_access_net);
	long fd = syscall(SYS_landlock_create_ruleset, set, size, 0);
	return fd < 0 ? -errno : (int)fd;
}

static int allow(int rules, int file, uint64_t rights)
{
	struct stat status;
	const uint64_t of_files = read_file | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;
	if (fstat(file, &status) < 0)
		return -errno;
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & all_rights() & (S_ISDIR(status.st_mode) ? ~0ull : of_files),
		.parent_fd = file,
	};
	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
}

static int allow_path(int rules, const char *path, uint64_t rights)
{
	cleanup_fd int file = open(path, O_PATH | O_CLOEXEC);
	return file < 0 ? 0 : allow(rules, file, rights);
}

static int allow_all(int rules, int folder)
{
	const uint64_t reading = read_file | LANDLOCK_ACCESS_FS_READ_DIR;
	int code = allow(rules, folder, all_rights());
	for (size_t i = 0; code == 0 && i < sizeof read_only / sizeof read_only[0]; i++)
		code = allow_path(rules, read_only[i], reading);
	for (size_t i = 0; code == 0 && i < sizeof devices / sizeof devices[0]; i++)
		code = allow_path(rules, devices[i],
				  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
					  FS_IOCTL_DEV);
	for (const char *const *visible = restricted.visible; code == 0 && visible && *visible; visible++) {
		char path[PATH_MAX];
		const char *colon = strstr(*visible, ":/");
		snprintf(path, sizeof path, "%.*s", colon ? (int)(colon - *visible) : PATH_MAX - 1, *visible);
		code = allow_path(rules, path, reading);
	}
	return code;
}

int landlock_rules(int folder)
{
	const struct ruleset set = {
		.handled_access_fs = all_rights(),
		.handled_access_net = restricted.landlock >= 4 ? NET_ALL : 0,
		.scoped = restricted.landlock >= RESTRICTED_SCOPES ? SCOPE_ALL : 0,
	};
	cleanup_fd int rules = create(&set);
	int code = rules < 0 ? rules : allow_all(rules, folder);
	return code < 0 ? code : take_fd(&rules);
}

static int restrict_self(int rules)
{
	return syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0;
}

int landlock_enter(int rules)
{
	cleanup_fd int own = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int code = own < 0 ? -errno : allow(rules, own, read_file | LANDLOCK_ACCESS_FS_READ_DIR);
	return code < 0 ? code : restrict_self(rules);
}

int landlock_keep_signals_in(void)
{
	const struct ruleset set = { .scoped = SCOPE_ALL };
	if (restricted.landlock < RESTRICTED_SCOPES)
		return 0;
	cleanup_fd int rules = create(&set);
	return rules < 0 ? rules : restrict_self(rules);
}
