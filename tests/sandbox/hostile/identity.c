/* Another user, another group, a capability; then all again in a setuid copy of itself. */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	static const gid_t groups[] = { 0, 42 };
	refused("setuid 0", setuid(0));
	refused("seteuid 0", seteuid(0));
	refused("setresuid 0", setresuid(0, 0, 0));
	refused("setuid 65534", setuid(65534));
	refused("setgid 0", setgid(0));
	refused("setresgid 0", setresgid(0, 0, 0));
	refused("setgroups", setgroups(2, groups));
	setfsuid(0);
	must("file system user as before", setfsuid((uid_t)-1) == (int)getuid());
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct all[2] = { { ~0u, ~0u, ~0u }, { ~0u, ~0u, ~0u } };
	refused("capset", syscall(SYS_capset, &head, all));
	must("user and group are the same in effect",
	     getuid() == geteuid() && getgid() == getegid() && getuid() != 0);
	if (argc == 2)
		return verdict();

	int from = open("/proc/self/exe", O_RDONLY), to = open("/box/raised", O_CREAT | O_WRONLY, 0755);
	must("copy", sendfile(to, from, NULL, 1 << 24) > 0 && close(to) == 0);
	chmod("/box/raised", 06755);
	if (breaches == 0)
		execl("/box/raised", "raised", "again", NULL);
	return verdict();
}
