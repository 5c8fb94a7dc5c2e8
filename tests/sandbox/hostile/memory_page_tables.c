/* Reads one page of every 2 MiB: no page of its own, but a page table each. */
#include <stddef.h>
#include <sys/mman.h>

int main(void)
{
	size_t step = 2 << 20, span = (size_t)64 << 30;
	volatile char *space =
		mmap(NULL, span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return 2;
	int sum = 0;
	for (size_t at = 0; at < span; at += step)
		sum += space[at];
	return sum;
}
