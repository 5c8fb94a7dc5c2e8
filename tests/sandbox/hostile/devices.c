/* Only harmless device nodes, and no way to make one. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "attempt.h"

static bool is_harmless(dev_t number)
{
	static const unsigned minors[] = { 3, 5, 7, 8, 9 }; /* null zero full random urandom */
	for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++)
		if (number == makedev(1, minors[i]))
			return true;
	return false;
}

int main(void)
{
	static const char *const absent[] = {
		"/dev/mem",    "/dev/kmem",      "/dev/port",        "/dev/kmsg", "/dev/sda",
		"/dev/vda",    "/dev/kvm",       "/dev/fuse",        "/dev/tty",  "/dev/ptmx",
		"/dev/pts",    "/dev/console",   "/dev/loop0",       "/dev/net",  "/dev/vsock",
		"/dev/hpet",   "/dev/uinput",    "/dev/vhost-vsock", "/dev/cuse", "/dev/userfaultfd",
		"/dev/mqueue", "/dev/hugepages", "/dev/log"
	};
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		refused(absent[i], open(absent[i], O_RDWR));

	DIR *dev = opendir("/dev");
	for (struct dirent *entry; dev && (entry = readdir(dev));) {
		struct stat status;
		if (fstatat(dirfd(dev), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISBLK(status.st_mode) || (S_ISCHR(status.st_mode) && !is_harmless(status.st_rdev)))
			must(entry->d_name, false);
	}

	static const mode_t kinds[] = { S_IFCHR | 0666, S_IFBLK | 0666 };
	for (int i = 0; i < 2; i++) {
		refused("mknod memory", mknod("/box/memory", kinds[i], makedev(1, 1)));
		refused("mknodat null", mknodat(AT_FDCWD, "/tmp/null", kinds[i], makedev(1, 3)));
		refused("mknod disk", mknod("/dev/shm/disk", kinds[i], makedev(254, 0)));
	}
	refused("chmod /dev/null", chmod("/dev/null", 0));
	refused("unlink /dev/null", unlink("/dev/null"));
	refused("create /dev/x", open("/dev/x", O_CREAT | O_WRONLY, 0600));
	return verdict();
}
