/* Anonymous mappings, populated inside the call. */
#include <stddef.h>
#include <sys/mman.h>

int main(void)
{
	for (;;)
		mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
		     0);
}
