/* As many mappings as the kernel lets one process have: page tables and trees that are the kernel's memory. */
#include <sys/mman.h>

#include "attempt.h"

int main(void)
{
	int maps = 0;
	for (; maps < 200000; maps++)
		if (mmap(NULL, 4096, maps % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		    MAP_FAILED)
			break;
	printf("%d mappings\n", maps);
	must("there is an end of it", maps < 200000);
	return verdict();
}
