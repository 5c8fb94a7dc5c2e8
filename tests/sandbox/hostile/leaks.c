/* What a program can see of where it runs: only what it was given. Argument: the host's name. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "attempt.h"

extern char **environ;

static bool status_has(const char *line)
{
	static char text[8192];
	if (!text[0]) {
		int file = open("/proc/self/status", O_RDONLY);
		if (read(file, text, sizeof text - 1) < 0)
			return false;
		close(file);
	}
	return strstr(text, line) != NULL;
}

int main(int argc, char **argv)
{
	for (int fd = 0; fd < 4096; fd++)
		if ((fcntl(fd, F_GETFD) >= 0) != (fd < 3))
			must("descriptors 0, 1, 2 and no other", false);
	must("the environment is what was given",
	     environ[0] && strcmp(environ[0], "PATH=/usr/bin:/bin") == 0 && environ[1] &&
		     strcmp(environ[1], "HOME=/box") == 0 && !environ[2]);
	char folder[64] = "", given[128] = "";
	must("the folder is /box", getcwd(folder, sizeof folder) && strcmp(folder, "/box") == 0);
	int file = open("/proc/self/environ", O_RDONLY);
	must("nothing behind the environment",
	     read(file, given, sizeof given) == sizeof "PATH=/usr/bin:/bin" + sizeof "HOME=/box");
	close(file);

	struct utsname name;
	uname(&name);
	must("not the host's name", argc == 2 && strcmp(name.nodename, argv[1]) != 0);
	must("no domain name", strcmp(name.domainname, "(none)") == 0 || !name.domainname[0]);

	gid_t groups[64];
	must("not root", getuid() != 0 && geteuid() != 0 && getgid() != 0 && getegid() != 0);
	int count = getgroups(64, groups);
	must("no further groups", count == 0 || (count == 1 && groups[0] == getgid()));
	must("child of init", getppid() == 1 || getppid() == 0);
	must("no capability",
	     status_has("CapInh:\t0000000000000000") && status_has("CapPrm:\t0000000000000000") &&
		     status_has("CapEff:\t0000000000000000") && status_has("CapBnd:\t0000000000000000") &&
		     status_has("CapAmb:\t0000000000000000"));
	must("no new privileges", status_has("NoNewPrivs:\t1"));
	must("filtered", status_has("Seccomp:\t2"));
	must("no signal blocked or ignored",
	     status_has("SigBlk:\t0000000000000000") && status_has("SigIgn:\t0000000000000000"));
	must("umask is 022", umask(0) == 022);
	must("not nice", getpriority(PRIO_PROCESS, 0) == 0);
	return verdict();
}
