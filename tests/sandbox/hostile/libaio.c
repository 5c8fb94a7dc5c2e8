/* libaio: contexts are counted for the whole host (aio-max-nr), so that one program could take them from every
 * database there; and requests run on behind the filter's back. */
#include <linux/aio_abi.h>

#include "attempt.h"

int main(void)
{
	aio_context_t context = 0;
	struct iocb request = { .aio_lio_opcode = IOCB_CMD_PREAD };
	struct iocb *requests[] = { &request };
	struct io_event event;
	int made = 0;
	for (int i = 0; i < 10000; i++) {
		context = 0;
		made += syscall(SYS_io_setup, 64, &context) == 0;
	}
	must("no context in ten thousand tries", made == 0);
	refused("io_submit", syscall(SYS_io_submit, context, 1, requests));
	refused("io_getevents", syscall(SYS_io_getevents, context, 0, 1, &event, NULL));
	refused("io_pgetevents", syscall(SYS_io_pgetevents, context, 0, 1, &event, NULL, NULL));
	refused("io_cancel", syscall(SYS_io_cancel, context, &request, &event));
	return verdict();
}
