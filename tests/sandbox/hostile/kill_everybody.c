/* Every signal to init by every call, then to all. */
#include <signal.h>

#include "attempt.h"

int main(void)
{
	static const int numbers[] = { SIGKILL, SIGTERM, SIGCHLD, SIGSEGV, SIGUSR1, 34, 64 };
	siginfo_t info = { .si_code = SI_QUEUE };
	int init = (int)syscall(SYS_pidfd_open, 1, 0);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		refused("kill 1", kill(1, numbers[i]));
		refused("kill parent", kill(getppid(), numbers[i]));
		refused("tkill 1", syscall(SYS_tkill, 1, numbers[i]));
		refused("tgkill 1", syscall(SYS_tgkill, 1, 1, numbers[i]));
		info.si_signo = numbers[i];
		refused("rt_sigqueueinfo 1", syscall(SYS_rt_sigqueueinfo, 1, numbers[i], &info));
		if (init >= 0)
			refused("pidfd_send_signal 1",
				syscall(SYS_pidfd_send_signal, init, numbers[i], NULL, 0));
	}
	for (pid_t other = 2; other < 1000; other++)
		if (other != getpid() && kill(other, 0) == 0)
			must("no other process", false);
	kill(-1, SIGKILL);
	return verdict();
}
