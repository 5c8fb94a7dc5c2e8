/* Processes that signal each other as fast as they can, with every number that can be caught. */
#include <signal.h>
#include <unistd.h>

static void handler(int number)
{
	kill(0, number);
}

int main(void)
{
	for (int number = 1; number < 65; number++)
		signal(number, handler);
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			break;
	for (;;)
		kill(0, SIGUSR1);
}
