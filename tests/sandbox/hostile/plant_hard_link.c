/* Hard links to what is not the program's: the host's files, and the files placed for the next run. */
#include <fcntl.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	refused("link to the host's file", link("/usr/bin/env", "/box/out"));
	refused("link to a device", link("/dev/null", "/box/null"));
	refused("link to /proc", link("/proc/version", "/box/version"));
	link(argv[0], "/box/out");
	refused("write through a link to a placed file", open("/box/out", O_WRONLY));
	linkat(AT_FDCWD, "/proc/self/fd/0", AT_FDCWD, "/box/stdin", AT_SYMLINK_FOLLOW);
	return verdict();
}
