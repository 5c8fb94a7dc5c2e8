/* Transparent huge pages on request: 2 MiB for each byte that is touched. Memory like any other, and counted. */
#include <stddef.h>
#include <sys/mman.h>

int main(void)
{
	enum { PIECE = 2 << 20 };
	for (;;) {
		char *block =
			mmap(NULL, 2 * PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (block == MAP_FAILED)
			continue;
		madvise(block, 2 * PIECE, MADV_HUGEPAGE);
		for (int i = 0; i < 2 * PIECE; i += 4096)
			block[i] = 1;
	}
}
