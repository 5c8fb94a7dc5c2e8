/* A byte now and then on both streams: alive, but never done. */
#include <unistd.h>

int main(void)
{
	while (write(1, "d", 1) == 1 && write(2, "r", 1) == 1)
		usleep(5000);
}
