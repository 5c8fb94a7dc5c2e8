/* Rings that do system calls behind the filter's back, and their ancestor. */
#include "attempt.h"

int main(void)
{
	char parameters[256] = "";
	unsigned long context = 0;
	refused("io_uring_setup", syscall(425, 8, parameters));
	refused("io_uring_enter", syscall(426, 0, 1, 0, 0, NULL, 0));
	refused("io_uring_register", syscall(427, 0, 0, NULL, 0));
	refused("io_setup", syscall(SYS_io_setup, 8, &context));
	refused("io_submit", syscall(SYS_io_submit, context, 0, NULL));
	refused("io_destroy", syscall(SYS_io_destroy, context));
	return verdict();
}
