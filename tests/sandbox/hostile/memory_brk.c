/* The heap as the kernel gives it: no library, one call. */
#include <unistd.h>

int main(void)
{
	for (;;) {
		char *block = sbrk(1 << 20);
		for (int i = 0; block != (char *)-1 && i < 1 << 20; i += 4096)
			block[i] = 1;
	}
}
