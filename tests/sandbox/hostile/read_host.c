/* The host's files, straight and around corners. Arguments: files that the runner made on the host. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "attempt.h"

static const char *const hidden[] = {
	"/etc/shadow",
	"/etc/gshadow",
	"/etc/ssh",
	"/etc/sudoers",
	"/root",
	"/home",
	"/var/lib",
	"/var/run",
	"/run",
	"/boot",
	"/mnt",
	"/media",
	"/srv",
	"/work",
	"/data",
	"/lost+found",
	"/sys",
	"/sys/kernel",
	"/sys/fs/cgroup",
	"/proc/self/root/root",
	"/box/../../../root",
	"/../root",
	"/usr/../root",
	"/proc/self/cwd/../root",
	"/tmp/../root",
	"/var/lib/dpkg",
};
static const char *const allowed[] = { "box",    "tmp", "usr",  "bin", "sbin", "lib", "lib32", "lib64",
				       "libx32", "dev", "proc", "etc", "opt",  "var", ".",     ".." };

static bool is_allowed(const char *name)
{
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		if (strcmp(name, allowed[i]) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		refused(hidden[i], open(hidden[i], O_RDONLY));
	for (int i = 1; i < argc; i++) {
		char around[4096];
		refused(argv[i], open(argv[i], O_RDONLY));
		snprintf(around, sizeof around, "/proc/self/root%s", argv[i]);
		refused(around, open(around, O_RDONLY));
		snprintf(around, sizeof around, "/box/../..%s", argv[i]);
		refused(around, open(around, O_RDWR));
	}
	DIR *root = opendir("/");
	for (struct dirent *entry; root && (entry = readdir(root));)
		if (!is_allowed(entry->d_name)) {
			printf("/%s ", entry->d_name);
			must("belongs into a box", false);
		}
	return verdict();
}
