/* Huge pages are not charged to the memory group. */
#include <linux/memfd.h>
#include <sys/mman.h>

#include "attempt.h"

int main(void)
{
	void *map = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
	refused("mmap MAP_HUGETLB", map == MAP_FAILED ? -1 : 0);
	refused("memfd_create MFD_HUGETLB", memfd_create("huge", MFD_HUGETLB));
	refused("memfd_create MFD_HUGE_2MB", memfd_create("huge", MFD_HUGETLB | MFD_HUGE_2MB));
	refused("memfd_secret", syscall(447, 0));
	return verdict();
}
