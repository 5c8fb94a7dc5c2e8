/* Recursion without end: the stack's limit is the memory's. */
#include <string.h>

static int sink(int depth)
{
	volatile char frame[4096];
	memset((char *)frame, depth, sizeof frame);
	return depth < 0 ? 0 : sink(depth + 1) + frame[depth % 4096];
}

int main(void)
{
	return sink(1);
}
