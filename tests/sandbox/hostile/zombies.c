/* Children that nobody reaps, up to the limit and beyond. */
#include "attempt.h"

int main(void)
{
	int made = 0;
	for (pid_t child = 0; made < 10000; made++) {
		child = fork();
		if (child == 0)
			_exit(0);
		if (child < 0)
			break;
	}
	must("stopped by the limit", made < 10000 && errno == EAGAIN);
	return verdict();
}
