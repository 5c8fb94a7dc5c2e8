/* Both generations of the mount calls. */
#include <fcntl.h>
#include <linux/mount.h>

#include "attempt.h"

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

int main(void)
{
	refused("mount tmpfs", mount("none", "/tmp", "tmpfs", 0, NULL));
	refused("mount proc", mount("none", "/tmp", "proc", 0, NULL));
	refused("mount sysfs", mount("none", "/tmp", "sysfs", 0, NULL));
	refused("mount cgroup2", mount("none", "/tmp", "cgroup2", 0, NULL));
	refused("mount overlay",
		mount("none", "/tmp", "overlay", 0, "lowerdir=/usr,upperdir=/box,workdir=/tmp"));
	refused("bind", mount("/usr", "/tmp", NULL, 4096, NULL));
	refused("remount /usr writable", mount(NULL, "/usr", NULL, 32 | 4096, NULL));
	refused("remount /box setuid", mount(NULL, "/box", NULL, 32, NULL));
	refused("make private", mount(NULL, "/", NULL, 1 << 18, NULL));
	refused("umount /proc", umount2("/proc", 2));
	refused("umount /usr", umount2("/usr", 2));
	refused("umount /box", umount2("/box", 8));
	refused("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/usr", 1));
	refused("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/usr", AT_FDCWD, "/tmp", 0));
	refused("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
	refused("fspick", syscall(SYS_fspick, AT_FDCWD, "/usr", 0));
	refused("fsconfig", syscall(SYS_fsconfig, 0, 0, "a", "b", 0));
	refused("fsmount", syscall(SYS_fsmount, 0, 0, 0));
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	refused("mount_setattr", syscall(442, AT_FDCWD, "/usr", 0, &writable, sizeof writable));
	refused("pivot_root", syscall(SYS_pivot_root, "/box", "/box"));
	refused("statmount", syscall(457, "", "", 0, 0));
	refused("listmount", syscall(458, "", "", 0, 0));
	return verdict();
}
