/* A sparse file, mapped, and touched beyond what the disk holds: the program gets SIGBUS, in the middle of wherever
 * it is. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 64; i++) {
		char path[] = { '/', 't', 'm', 'p', '/', (char)('0' + i), '\0' };
		int file = open(path, O_CREAT | O_RDWR, 0600);
		ftruncate(file, 4 << 20);
		char *map = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		if (map == MAP_FAILED)
			return 1;
		for (int at = 0; at < 4 << 20; at += 4096)
			map[at] = 1;
	}
	return 1;
}
