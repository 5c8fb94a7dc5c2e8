/* The parent sleeps while its orphans burn: their time is charged to the run. */
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			if (fork() == 0)
				for (;;) {
				}
			_exit(0);
		}
	sleep(600);
}
