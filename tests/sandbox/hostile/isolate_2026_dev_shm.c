/* isolate, 2026: /dev/shm was one for all boxes. What one program left there another could read, and what it filled
 * all others lacked. "write" leaves it, "look" in another box must find nothing and have room. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "attempt.h"

static int entries(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	return folder ? closedir(folder), count : -1;
}

int main(int argc, char **argv)
{
	bool look = argc == 2 && strcmp(argv[1], "look") == 0;
	must("nothing in /dev/shm", entries("/dev/shm") == 0);
	if (look)
		refused("shm_open what the other made", shm_open("/isolate-2026", O_RDWR, 0));
	int shared = shm_open("/isolate-2026", O_CREAT | O_EXCL | O_RDWR, 0666);
	must("a segment of its own", shared >= 0 && ftruncate(shared, 1 << 20) == 0);
	static char block[1 << 16];
	memset(block, 'x', sizeof block);
	if (look)
		must("there is room", write(shared, block, sizeof block) == sizeof block);
	else
		while (write(shared, block, sizeof block) > 0) {
		}
	while (argc == 2 && !look)
		pause();
	return verdict();
}
