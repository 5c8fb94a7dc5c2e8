/* Two boxes at once: locks on a file of the host that both see would be a channel between them, and a way to
 * make the host's own programs wait. "hold" takes the lock, "try" must not notice. */
#include <fcntl.h>
#include <sys/file.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	int file = open("/usr/bin/env", O_RDONLY);
	bool hold = argc == 2 && strcmp(argv[1], "hold") == 0;
	int locked = flock(file, LOCK_EX | LOCK_NB);
	must("nobody's lock is in the way", locked == 0 || errno != EWOULDBLOCK);
	while (hold)
		pause();
	return verdict();
}
