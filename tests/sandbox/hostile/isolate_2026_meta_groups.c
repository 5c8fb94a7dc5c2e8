/* isolate, 2026: the file about the run was written with groups that the caller had and the box should not: what a
 * group may read or write, the program could. Every file of the host that a group may read and others may not. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

static int closed_files, opened;

static void look_into(const char *path)
{
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		struct stat status;
		if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(status.st_mode) || (status.st_mode & 04) || !(status.st_mode & 060))
			continue;
		closed_files++;
		opened += openat(dirfd(folder), entry->d_name, O_RDONLY) >= 0;
		opened += openat(dirfd(folder), entry->d_name, O_WRONLY | O_APPEND) >= 0;
	}
	if (folder)
		closedir(folder);
}

int main(void)
{
	gid_t groups[64];
	struct stat status;
	int count = getgroups(64, groups);
	must("no group but its own", count == 0 || (count == 1 && groups[0] == getgid()));
	static const char *const folders[] = {
		"/", "/etc", "/usr/bin", "/usr/sbin", "/usr/lib/dbus-1.0", "/usr/lib/openssh", "/var", "/opt"
	};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		look_into(folders[i]);
	printf("%d files for groups alone\n", closed_files);
	must("none of them opens", opened == 0);
	int file = open("/box/made", O_CREAT | O_WRONLY, 0660);
	must("what it makes is its own group's", fstat(file, &status) == 0 && status.st_gid == getgid());
	refused("given to a group of the host's", fchown(file, (uid_t)-1, 0));
	mkdir("/box/shared", 02777);
	must("a set-group folder too", stat("/box/shared", &status) == 0 && status.st_gid == getgid());
	refused("a group of the system's", setgid(4));
	return verdict();
}
