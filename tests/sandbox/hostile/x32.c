/* The x32 bit turns an allowed number into another call, and a denied one into an unlisted number. */
#include "attempt.h"

enum { X32_BIT = 0x40000000 };

static long ask_getpid(void)
{
	return syscall(X32_BIT | SYS_getpid);
}
static long ask_mount(void)
{
	return syscall(X32_BIT | SYS_mount, 0, 0, 0, 0, 0);
}
static long ask_ptrace(void)
{
	return syscall(X32_BIT | 521, 0, 0, 0, 0);
}
static long ask_execve(void)
{
	return syscall(X32_BIT | 520, "/usr/bin/true", 0, 0);
}
static long ask_negative(void)
{
	return syscall(-1L);
}
static long ask_upper_half(void)
{
	return syscall(1L << 32 | SYS_unshare, 0);
}

int main(void)
{
	refused_or_killed("getpid", ask_getpid);
	refused_or_killed("mount", ask_mount);
	refused_or_killed("ptrace", ask_ptrace);
	refused_or_killed("execve", ask_execve);
	refused_or_killed("-1", ask_negative);
	refused_or_killed("unshare with an upper half", ask_upper_half);
	return verdict();
}
