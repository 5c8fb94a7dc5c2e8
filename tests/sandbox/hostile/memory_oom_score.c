/* Tries to become the last one that the kernel would kill, then eats. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	const char *files[] = { "/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/1/oom_score_adj" };
	for (int i = 0; i < 3; i++) {
		int file = open(files[i], O_WRONLY);
		if (file >= 0 && write(file, i == 2 ? "1000" : "-17", 3) > 0) {
			puts("score changed");
			return 1;
		}
	}
	for (;;) {
		char *block = malloc(1 << 20);
		if (block)
			memset(block, 1, 1 << 20);
	}
}
