/* Process limits by user (RLIMIT_NPROC), in boxes that share one: the first box's processes were the second's limit.
 * "hoard" takes all that it may have, "try" in another box must have as many as ever. */
#include <signal.h>
#include <sys/resource.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	bool hoard = argc < 2 || strcmp(argv[1], "hoard") == 0;
	int made = 0;
	for (pid_t child; made < 200; made++) {
		child = fork();
		if (child < 0)
			break;
		if (child == 0)
			for (;;)
				pause();
	}
	must("as many as it was given", made >= 20 && made < 200);
	refused("limit of init by user", prlimit(1, RLIMIT_NPROC, &(struct rlimit){ 1, 1 }, NULL));
	setrlimit(RLIMIT_NPROC, &(struct rlimit){ 1, 1 });
	while (argc == 2 && hoard)
		pause();
	return verdict();
}
