/* Arguments and environment that double with every start: kernel memory between two programs, and a list that
 * whoever shows processes must read. */
#include <stdlib.h>

#include "attempt.h"

extern char **environ;

int main(int argc, char **argv)
{
	size_t size = argc > 1 ? 2 * strlen(argv[1]) : 1 << 10;
	char *more = malloc(size + 1);
	memset(more, 'x', size);
	more[size] = '\0';
	char *next[66] = { argv[0] };
	for (int i = 1; i < 65; i++)
		next[i] = more;
	execve("/proc/self/exe", next, next);
	must("the kernel says too much", errno == E2BIG);
	must("not before 64 KiB", size >= 64 << 10);
	return verdict();
}
