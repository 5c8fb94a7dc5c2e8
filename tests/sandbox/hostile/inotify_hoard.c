/* inotify instances are counted by user, and the host's root is every lane's user: whoever takes them all
 * takes them from everybody. Argument "one": a victim, which needs one while a hoarder holds its own. */
#include <sys/inotify.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	if (argc == 2) {
		must("one instance can be had", inotify_init1(0) >= 0);
		return verdict();
	}
	int got = 0;
	for (int process = 0; process < 16; process++) {
		while (inotify_init1(0) >= 0)
			got++;
		if (fork() > 0)
			pause(); /* and holds what it has */
		close_range(3, ~0u, 0);
	}
	printf("%d and more\n", got);
	fflush(stdout);
	pause();
}
