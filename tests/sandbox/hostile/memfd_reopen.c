/* A sealed memory file, opened again for writing through /proc: the judge hands its inputs over as such. Seals
 * belong to the file and must hold for every way to it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "attempt.h"

int main(void)
{
	int file = memfd_create("sealed", MFD_ALLOW_SEALING);
	write(file, "as it was", 9);
	must("sealed",
	     fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0);
	char path[64], bytes[16] = "";
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	static const int flags[] = { O_RDWR, O_WRONLY, O_RDWR | O_TRUNC, O_RDWR | O_APPEND };
	for (int i = 0; i < 4; i++) {
		int again = open(path, flags[i]);
		if (again < 0)
			continue;
		must("no write", write(again, "changed", 7) < 0 && pwrite(again, "changed", 7, 0) < 0);
		must("no cut", ftruncate(again, 0) < 0);
		must("no hole", fallocate(again, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 9) < 0);
		must("no map", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0) == MAP_FAILED);
		must("no seal less", fcntl(again, F_ADD_SEALS, 0) < 0);
		close(again);
	}
	must("as it was", pread(file, bytes, 9, 0) == 9 && memcmp(bytes, "as it was", 9) == 0);
	return verdict();
}
