/* Every process leaves its session and its group, so that no kill(-group) finds it, ignores what can be
 * ignored, and forks on. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
	for (int number = 1; number < 65; number++)
		signal(number, SIG_IGN);
	for (;;)
		if (fork() == 0) {
			setsid();
			setpgid(0, 0);
		}
}
