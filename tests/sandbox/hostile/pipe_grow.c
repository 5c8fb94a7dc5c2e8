/* Pipes of a megabyte each, and the judge's own: output that waits in a bigger pipe is memory that outlives the
 * program. Also the judge's pipe as a pair of ends of its own. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	for (int fd = 0; fd < 3; fd++) {
		refused("F_SETPIPE_SZ", fcntl(fd, F_SETPIPE_SZ, 1 << 20));
		refused("F_SETPIPE_SZ, high bits", syscall(SYS_fcntl, fd, F_SETPIPE_SZ | 1L << 32, 1 << 20));
	}
	int made = 0, ends[2];
	for (int i = 0; i < 20 && pipe(ends) == 0; i++)
		made += fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) >= 0;
	must("no pipe grew", made == 0);
	must("packets stay its own", pipe2(ends, O_DIRECT) < 0 || write(ends[1], "x", 1) == 1);
	struct stat status;
	must("stdout is a pipe, or what it was given", fstat(1, &status) == 0);
	return verdict();
}
