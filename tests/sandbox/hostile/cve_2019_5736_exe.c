/* CVE-2019-5736 (runc): the program that starts the box could be overwritten through /proc/self/exe. The program's
 * own file, the starter's, and the loader's, for writing. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	char path[64];
	static const char *const files[] = { "/proc/self/exe", "/proc/1/exe", "/proc/thread-self/exe",
					     "/proc/self/task/1/exe" };
	for (int i = 0; i < 4; i++) {
		refused(files[i], open(files[i], O_WRONLY));
		refused(files[i], open(files[i], O_RDWR | O_TRUNC));
		refused(files[i], open(files[i], O_WRONLY | O_APPEND));
	}
	int path_only = open("/proc/self/exe", O_PATH);
	snprintf(path, sizeof path, "/proc/self/fd/%d", path_only);
	refused("through a path descriptor", open(path, O_WRONLY));
	refused("by its name", truncate("/proc/self/exe", 0));
	static const char *const loaders[] = { "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
					       "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
					       "/usr/bin/env" };
	for (int i = 0; i < 3; i++)
		refused(loaders[i], open(loaders[i], O_WRONLY));
	return verdict();
}
