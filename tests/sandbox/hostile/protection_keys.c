/* Memory that even the kernel may not read on the program's behalf, and code that is written and run at once: what
 * the judge hands over must not depend on reading it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "attempt.h"

int main(void)
{
	char *block = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(block, 'x', 4096);
	int key = pkey_alloc(0, PKEY_DISABLE_ACCESS), taken = 0;
	must("a key, or none of them here",
	     key < 0 || pkey_mprotect(block, 4096, PROT_READ | PROT_WRITE, key) == 0);
	must("a write from there does not hang", write(2, block, 16) <= 16);
	while (pkey_alloc(0, 0) >= 0)
		taken++;
	must("keys have an end", taken < 64);
	mprotect(block, 4096, PROT_NONE);
	must("nor does one from nowhere", write(2, block, 16) < 0 && errno == EFAULT);
	must("nor from beyond", write(2, (void *)-4096L, 4096) < 0);
	refused("memory that nobody can read", (long)syscall(447, 0));
	return verdict();
}
