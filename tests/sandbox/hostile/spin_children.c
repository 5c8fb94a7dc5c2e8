/* Each child lives for a moment only: no single process ever uses much time. */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		if (fork() == 0) {
			while (clock() < CLOCKS_PER_SEC / 100) {
			}
			_exit(0);
		}
		wait(NULL);
	}
}
