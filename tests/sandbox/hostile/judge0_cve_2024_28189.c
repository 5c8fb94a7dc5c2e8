/* Judge0, CVE-2024-28189: the mended judge ran chown on what lay in the box, which follows links too: the program
 * was given the host's file. Links to the host's files, hard links to its toolchains, and a folder that becomes a
 * link while somebody looks. Arguments: files of the host. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char path[64];
		snprintf(path, sizeof path, "/box/own%d", i);
		must("a link to a host's file", symlink(argv[i], path) == 0);
		refused("chown through it", chown(path, getuid(), getgid()));
	}
	refused("hard link to a toolchain's", link("/usr/bin/env", "/box/env"));
	refused("hard link to a placed one", link("/proc/self/exe", "/box/self"));
	refused("chown a toolchain's", chown("/usr/bin/env", getuid(), getgid()));
	refused("lchown the folder", lchown("/box", getuid(), getgid()));
	close(open("/box/mine", O_CREAT | O_WRONLY, 0644));
	refused("give its own away", chown("/box/mine", 0, 0));
	mkdir("/box/out", 0777);
	if (fork() == 0)
		for (int i = 0; i < 20000; i++) {
			rename("/box/out", "/box/aside");
			symlink("/etc", "/box/out");
			unlink("/box/out");
			rename("/box/aside", "/box/out");
		}
	usleep(20000);
	return verdict();
}
