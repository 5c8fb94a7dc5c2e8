/* Memory files that are never mapped and never written: fallocate(2) alone makes the pages. Their memory belongs
 * to no process, so that a sum over processes does not see it. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		int file = memfd_create("hoard", MFD_ALLOW_SEALING);
		if (file < 0 || fallocate(file, 0, 0, 4 << 20) < 0)
			continue;
		fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	}
}
