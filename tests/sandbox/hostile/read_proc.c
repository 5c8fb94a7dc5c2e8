/* Other processes and the kernel's own files in /proc. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "attempt.h"

static const char *const to_read[] = {
	"/proc/1",         "/proc/1/environ", "/proc/1/maps",    "/proc/1/mem",         "/proc/1/exe",
	"/proc/1/cmdline", "/proc/1/root/",   "/proc/1/fd",      "/proc/1/task/1/stat", "/proc/kcore",
	"/proc/kmsg",      "/proc/2",         "/proc/1/ns/user", "/proc/1/cwd/",        "/proc/kpagecount",
};
static const char *const to_write[] = {
	"/proc/sysrq-trigger",
	"/proc/sys/kernel/core_pattern",
	"/proc/sys/kernel/hostname",
	"/proc/sys/kernel/modprobe",
	"/proc/sys/vm/overcommit_memory",
	"/proc/sys/fs/file-max",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/user/max_user_namespaces",
	"/proc/self/oom_score_adj",
	"/proc/self/uid_map",
	"/proc/self/gid_map",
	"/proc/self/setgroups",
	"/proc/self/loginuid",
	"/proc/self/attr/current",
	"/proc/self/coredump_filter",
	"/proc/self/clear_refs",
	"/proc/self/mem",
	"/proc/self/comm",
	"/proc/irq/0/smp_affinity",
	"/proc/self/timens_offsets",
	"/proc/self/projid_map",
};

static bool is_mine(const char *name)
{
	return atoi(name) == 0 || atoi(name) == getpid();
}

int main(void)
{
	for (size_t i = 0; i < sizeof to_read / sizeof to_read[0]; i++)
		if (getpid() != 2 || strcmp(to_read[i], "/proc/2") != 0)
			refused(to_read[i], open(to_read[i], O_RDONLY));
	for (size_t i = 0; i < sizeof to_write / sizeof to_write[0]; i++)
		refused(to_write[i], open(to_write[i], O_WRONLY));

	DIR *proc = opendir("/proc");
	must("/proc opens", proc != NULL);
	for (struct dirent *entry; proc && (entry = readdir(proc));)
		if (!is_mine(entry->d_name))
			must("no other process is listed", false);
	return verdict();
}
