/* membarrier(2) for everybody: GLOBAL interrupts the processors of others, and waits for all of them. Only what a
 * process may ask of its own threads is let through. */
#include <linux/membarrier.h>

#include "attempt.h"

int main(void)
{
	refused("GLOBAL", syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
	refused("GLOBAL_EXPEDITED", syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
	refused("REGISTER_GLOBAL_EXPEDITED",
		syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
	must("its own threads, registered",
	     syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0);
	int worked = 0;
	for (int i = 0; i < 20000; i++)
		worked += syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
	must("its own threads, in a loop", worked == 20000);
	return verdict();
}
