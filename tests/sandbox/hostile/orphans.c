/* Double-forked orphans that hold stdout and stderr open: nobody may wait for their pipes. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 5; i++)
		if (fork() == 0) {
			setsid();
			if (fork() == 0)
				sleep(600);
			_exit(0);
		}
	puts("parent done");
	return 0;
}
