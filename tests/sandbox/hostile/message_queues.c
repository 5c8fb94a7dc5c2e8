/* POSIX queues: kernel objects with names, which outlive processes. */
#include <fcntl.h>
#include <mqueue.h>

#include "attempt.h"

int main(void)
{
	refused("mq_open", mq_open("/left", O_CREAT | O_RDWR, 0600, NULL));
	refused("mq_unlink", mq_unlink("/left"));
	refused("mq_notify", syscall(SYS_mq_notify, 0, NULL));
	refused("mq_timedsend", syscall(SYS_mq_timedsend, 0, "x", 1, 0, NULL));
	refused("mq_timedreceive", syscall(SYS_mq_timedreceive, 0, "x", 1, 0, NULL));
	refused("mq_getsetattr", syscall(SYS_mq_getsetattr, 0, NULL, NULL));
	return verdict();
}
