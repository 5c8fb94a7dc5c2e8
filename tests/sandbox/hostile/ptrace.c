/* Debugging: others, itself, its children. */
#include <sys/ptrace.h>

#include "attempt.h"

int main(void)
{
	refused("PTRACE_TRACEME", ptrace(PTRACE_TRACEME, 0, 0, 0));
	refused("PTRACE_ATTACH init", ptrace(PTRACE_ATTACH, 1, 0, 0));
	refused("PTRACE_SEIZE init", ptrace(PTRACE_SEIZE, 1, 0, PTRACE_O_EXITKILL));
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	refused("PTRACE_ATTACH child", ptrace(PTRACE_ATTACH, child, 0, 0));
	refused("PTRACE_SEIZE child", ptrace(PTRACE_SEIZE, child, 0, 0));
	refused("clone CLONE_PTRACE", syscall(SYS_clone, 0x00002000 | 17, 0, 0, 0, 0));
	return verdict();
}
