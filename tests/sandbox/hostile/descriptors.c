/* Every descriptor that there is, in every process that there may be. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	int opened = 0;
	while (opened < 1000000 && open("/dev/null", O_RDONLY) >= 0)
		opened++;
	must("ended by EMFILE", errno == EMFILE);
	must("three less than the limit", opened == 64 - 3);
	for (pid_t child = 1; child > 0;)
		if ((child = fork()) == 0)
			for (;;)
				pause();
	return verdict();
}
