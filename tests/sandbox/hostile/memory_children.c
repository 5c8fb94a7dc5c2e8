/* Each child stays below the limit, together they do not; the parent takes no notice and exits with 0. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			char *block = malloc(8 << 20);
			if (block)
				memset(block, 1, 8 << 20);
			usleep(300 * 1000);
			_exit(0);
		}
	while (wait(NULL) > 0) {
	}
	return 0;
}
