/* Memory files: memory that belongs to a descriptor. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 20];
	memset(block, 1, sizeof block);
	for (;;) {
		int file = memfd_create("hoard", 0);
		for (int i = 0; file >= 0 && i < 4; i++)
			if (write(file, block, sizeof block) < 0)
				break;
	}
}
