/* CVE-2024-21626 (runc, "leaky vessels"): a descriptor of a host's folder was left open, and a working folder beneath
 * /proc/self/fd/N led out. Every number, every way through it. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	int out = 0;
	for (int fd = 3; fd < 4096; fd++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		out += chdir(path) == 0;
		snprintf(path, sizeof path, "/proc/self/fd/%d/../../../../etc/shadow", fd);
		out += open(path, O_RDONLY) >= 0;
		out += openat(fd, "../../../../etc/shadow", O_RDONLY) >= 0;
		out += fchdir(fd) == 0;
	}
	must("no descriptor is a way out", out == 0);
	refused("up from the working folder", open("/proc/self/cwd/../../../etc/shadow", O_RDONLY));
	refused("up from the root", open("/proc/self/root/../etc/shadow", O_RDONLY));
	refused("up from a placed program",
		open("/proc/self/exe/../../etc/shadow", O_RDONLY) < 0 && errno == ENOTDIR
			? (errno = ENOENT, -1)
			: 0);
	chdir("/");
	refused("up from /", open("../../../../root", O_RDONLY));
	return verdict();
}
