/* Blocks and ignores every signal, SIGXCPU and SIGTERM too, and spins. */
#include <signal.h>
#include <stddef.h>

int main(void)
{
	for (int number = 1; number < 65; number++)
		signal(number, SIG_IGN);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;) {
	}
}
