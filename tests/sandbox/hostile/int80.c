/* The 32-bit entry: other numbers, so a filter that looks at numbers alone lets the wrong calls through. */
#include "attempt.h"

static long entry(long number)
{
	long result;
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(0L), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static long ask_getpid(void)
{
	return entry(20);
}
static long ask_mount(void)
{
	return entry(21);
}
static long ask_ptrace(void)
{
	return entry(26);
}
static long ask_unshare(void)
{
	return entry(310);
}
static long ask_write(void)
{
	return entry(4);
}

int main(void)
{
	refused_or_killed("getpid", ask_getpid);
	refused_or_killed("mount", ask_mount);
	refused_or_killed("ptrace", ask_ptrace);
	refused_or_killed("unshare", ask_unshare);
	refused_or_killed("write", ask_write);
	return verdict();
}
