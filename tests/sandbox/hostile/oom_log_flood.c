/* Children that run out of memory, each in their turn: fifty lines in the host's log for every one of them, which
 * drive everything else out of it. The first is the last. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		if (fork() == 0)
			for (;;) {
				char *block = malloc(1 << 20);
				if (block)
					memset(block, 1, 1 << 20);
			}
		wait(NULL);
	}
}
