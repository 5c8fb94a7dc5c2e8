/* CVE-2022-0185: fsconfig(2) overflowed a buffer, for whoever had a user namespace to call it in. No namespace, and
 * none of the calls of the mount interface. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>

#include "attempt.h"

int main(void)
{
	static char long_value[4000];
	memset(long_value, 'A', sizeof long_value - 1);
	refused("a user namespace", unshare(CLONE_NEWUSER | CLONE_NEWNS));
	int context = (int)syscall(430, "ext4", 0);
	refused("fsopen", context);
	for (int i = 0; i < 3; i++)
		refused("fsconfig", syscall(431, 0, 1, long_value, long_value, 0));
	refused("fsmount", syscall(432, 0, 0, 0));
	refused("fspick", syscall(433, AT_FDCWD, "/", 0));
	refused("open_tree", syscall(428, AT_FDCWD, "/", 1));
	refused("move_mount", syscall(429, AT_FDCWD, "/", AT_FDCWD, "/tmp", 0));
	refused("mount_setattr", syscall(442, AT_FDCWD, "/", 0, long_value, 32));
	refused("listmount", syscall(458, long_value, long_value, 1, 0));
	refused("statmount", syscall(457, long_value, long_value, 64, 0));
	return verdict();
}
