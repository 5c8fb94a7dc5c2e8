/* Reads toolchains until the box's memory holds nothing else: the page cache that a program filled is not what it
 * uses, it must not be killed for it, and the next one must not miss it. */
#include <dirent.h>
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	static char block[1 << 17];
	long total = 0;
	DIR *folder = opendir("/usr/bin");
	for (struct dirent *entry; folder && (entry = readdir(folder)) && total < 200l << 20;) {
		int file = openat(dirfd(folder), entry->d_name, O_RDONLY);
		for (ssize_t size; file >= 0 && (size = read(file, block, sizeof block)) > 0;)
			total += size;
		close(file);
	}
	printf("%ld MiB\n", total >> 20);
	must("more than its memory", total > 40l << 20);
	return verdict();
}
