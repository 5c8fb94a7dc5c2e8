/* Where the judge collects, a link to the host's file; where it places the next files, links to elsewhere. */
#include "attempt.h"

int main(void)
{
	must("plant", symlink("/etc/passwd", "/box/out") == 0);
	symlink("/tmp", "/box/lib");
	symlink("/proc/1/root/etc/shadow", "/tmp/out");
	symlink("loop", "/box/loop");
	return verdict();
}
