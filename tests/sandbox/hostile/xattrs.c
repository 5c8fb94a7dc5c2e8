/* Attributes on the box's own folders would survive a wipe of their contents. */
#include <fcntl.h>
#include <sys/xattr.h>

#include "attempt.h"

int main(void)
{
	static const char *const names[] = { "user.left", "trusted.left", "security.capability",
					     "system.posix_acl_access" };
	static const char *const paths[] = { "/box", "/tmp", "/box/own", "/usr/bin/env" };
	close(open("/box/own", O_CREAT | O_WRONLY, 0600));
	for (int path = 0; path < 4; path++)
		for (int name = 0; name < 4; name++) {
			refused(names[name], setxattr(paths[path], names[name], "left", 4, 0));
			refused(names[name], lsetxattr(paths[path], names[name], "left", 4, 0));
		}
	refused("fsetxattr", fsetxattr(open("/box", O_RDONLY), "user.left", "left", 4, 0));
	refused("removexattr", removexattr("/box", "user.left"));
	refused("setxattrat", syscall(463, AT_FDCWD, "/box", 0, "user.left", NULL, 0));
	return verdict();
}
