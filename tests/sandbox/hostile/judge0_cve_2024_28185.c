/* Judge0, CVE-2024-28185: the judge wrote its files into the box as root, and followed a link that the program had
 * put in their place; so the host's crontab was the program's to write. Links under every name that a judge here or
 * elsewhere might write or read after the run. Arguments: files of the host that must stay as they are. */
#include <sys/stat.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	static const char *const names[] = { "out",          "main",           "run",
					     "run.sh",       "compile.sh",     "stdin.txt",
					     "stdout.txt",   "stderr.txt",     "meta.txt",
					     "metadata.txt", "compile_output", "core",
					     "result",       "a.out",          "main.c" };
	const char *target = argc > 1 ? argv[1] : "/etc/crontab";
	int planted = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[64];
		snprintf(path, sizeof path, "/box/%s", names[i]);
		planted += symlink(target, path) == 0;
		snprintf(path, sizeof path, "/tmp/%s", names[i]);
		planted += symlink(target, path) == 0;
	}
	must("links everywhere", planted >= 20);
	must("they lead to nothing in here", access("/box/out", F_OK) < 0);
	refused("replace the program itself", unlink("/proc/self/exe"));
	refused("move the folder away", rename("/box", "/tmp/box"));
	return verdict();
}
