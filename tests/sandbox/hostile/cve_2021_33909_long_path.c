/* CVE-2021-33909 ("sequoia"): a path of a gigabyte overflowed an int where /proc prints it. As long as the box's
 * inodes allow, with the program standing at its end, reading what /proc says of it. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	char name[251], text[8192];
	memset(name, 'd', sizeof name - 1);
	name[250] = '\0';
	int depth = 0;
	while (depth < 3000 && mkdir(name, 0700) == 0 && chdir(name) == 0)
		depth++;
	printf("%d bytes of path\n", depth * 251);
	must("long enough", depth > 500);
	must("its name is too long to say", readlink("/proc/self/cwd", text, sizeof text) < 0);
	must("getcwd fails", !getcwd(text, sizeof text));
	int held = open("here", O_CREAT | O_RDWR, 0600), tables = open("/proc/self/mountinfo", O_RDONLY);
	must("a file at its end", held >= 0);
	must("/proc still answers", read(tables, text, sizeof text) > 0);
	return verdict();
}
