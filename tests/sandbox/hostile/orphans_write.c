/* Orphans that go on writing while their parent has ended: the run ends with the parent. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	puts("parent done");
	fflush(stdout);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			for (;;)
				if (write(1, "x", 1) < 0)
					_exit(0);
	return 0;
}
