/* A default access list on /box would be inherited by the files that are placed for the next run; one that grows
 * is kernel memory, an attribute at a time. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "attempt.h"

int main(void)
{
	/* version 2; one entry: everybody may do everything */
	static const unsigned char list[] = { 2, 0, 0, 0, 0x20, 0, 7, 0, 0xff, 0xff, 0xff, 0xff };
	static const char *const folders[] = { "/box", "/tmp", "/box/own" };
	mkdir("/box/own", 0700);
	for (int i = 0; i < 3; i++) {
		refused("access list", setxattr(folders[i], "system.posix_acl_access", list, sizeof list, 0));
		refused("default list",
			setxattr(folders[i], "system.posix_acl_default", list, sizeof list, 0));
	}
	int kept = 0, file = open("/box/own/file", O_CREAT | O_RDWR, 0600);
	static char value[4096];
	for (int i = 0; i < 5000; i++) {
		char name[32];
		snprintf(name, sizeof name, "user.%d", i);
		kept += fsetxattr(file, name, value, sizeof value, XATTR_CREATE) == 0;
	}
	must("no attribute in five thousand tries", kept == 0);
	must("none is listed", flistxattr(file, NULL, 0) <= 0);
	return verdict();
}
