/* /proc/N/mem of everybody, for every number there can be: whoever writes another's memory is that other. Also
 * their environment, maps, folders and descriptors. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	static const char *const names[] = {
		"mem",  "environ", "maps",   "auxv",  "root/etc/shadow", "cwd/x",
		"fd/0", "exe",     "ns/mnt", "stack", "syscall",         "task"
	};
	int opened = 0;
	for (int pid = 1; pid <= 33000; pid++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d", pid);
		if (pid == getpid() || access(path, F_OK) < 0)
			continue;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
			opened += open(path, O_RDONLY) >= 0;
			opened += open(path, O_RDWR) >= 0;
		}
		printf("%d is there\n", pid);
		opened++;
	}
	must("nobody else is there", opened == 0);
	refused("own memory through /proc, for writing", open("/proc/self/mem", O_RDWR));
	refused("of the thread", open("/proc/thread-self/mem", O_RDWR));
	return verdict();
}
