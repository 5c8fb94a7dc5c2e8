/* Uses no processor at all. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	puts("good night");
	fflush(stdout);
	for (;;)
		sleep(600);
}
