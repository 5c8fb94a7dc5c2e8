/* faults.c - the wrapped calls of arena-lane-maker-faulty (faults.h). */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static struct fault_plan *plan;

static const int errors[] = {
#define CALL(name, error) error,
	FAULT_CALLS(CALL)
#undef CALL
};

extern void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);

__attribute__((constructor)) static void find_plan(void)
{
	void *mapped =
		__real_mmap64(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, FAULT_PLAN_FD, 0);
	if (mapped == MAP_FAILED)
		_exit(99);
	close(FAULT_PLAN_FD);
	plan = mapped;
}

/* 1, and errno set: this one fails. */
static int due(enum fault_call call)
{
	if (!plan) /* libc's own, before the constructor */
		return 0;
	atomic_fetch_add(&plan->seen[call], 1);
	if (atomic_load(&plan->call) != (int)call || atomic_fetch_sub(&plan->countdown, 1) != 1)
		return 0;
	atomic_store(&plan->fired, 1);
	errno = errors[call];
	return 1;
}

#define WRAP(type, name, failure, parameters, arguments)                      \
	extern type __real_##name parameters;                                 \
	type __wrap_##name parameters;                                        \
	type __wrap_##name parameters                                         \
	{                                                                     \
		return due(FAULT_##name) ? failure : __real_##name arguments; \
	}

/* clang-format off */
WRAP(int, __open64_2, -1, (const char *a, int b), (a, b))
WRAP(int, __openat64_2, -1, (int a, const char *b, int c), (a, b, c))
WRAP(int, accept4, -1, (int a, void *b, void *c, int d), (a, b, c, d))
WRAP(int, chdir, -1, (const char *a), (a))
WRAP(int, chown, -1, (const char *a, uid_t b, gid_t c), (a, b, c))
WRAP(int, dup2, -1, (int a, int b), (a, b))
WRAP(int, execve, -1, (const char *a, char *const *b, char *const *c), (a, b, c))
WRAP(int, fcntl64, -1, (int a, int b, long c), (a, b, c))
WRAP(DIR *, fdopendir, NULL, (int a), (a))
WRAP(FILE *, fopen64, NULL, (const char *a, const char *b), (a, b))
WRAP(int, fsconfig, -1, (int a, unsigned int b, const char *c, const void *d, int e), (a, b, c, d, e))
WRAP(int, fsmount, -1, (int a, unsigned int b, unsigned int c), (a, b, c))
WRAP(int, fsopen, -1, (const char *a, unsigned int b), (a, b))
WRAP(int, fspick, -1, (int a, const char *b, unsigned int c), (a, b, c))
WRAP(int, fstat64, -1, (int a, void *b), (a, b))
WRAP(int, fstatat64, -1, (int a, const char *b, void *c, int d), (a, b, c, d))
WRAP(int, memfd_create, -1, (const char *a, unsigned int b), (a, b))
WRAP(int, mkdir, -1, (const char *a, mode_t b), (a, b))
WRAP(int, mkdirat, -1, (int a, const char *b, mode_t c), (a, b, c))
WRAP(int, mknod, -1, (const char *a, mode_t b, dev_t c), (a, b, c))
WRAP(int, mount, -1, (const char *a, const char *b, const char *c, unsigned long d, const void *e), (a, b, c, d, e))
WRAP(int, mount_setattr, -1, (int a, const char *b, unsigned int c, void *d, size_t e), (a, b, c, d, e))
WRAP(int, move_mount, -1, (int a, const char *b, int c, const char *d, unsigned int e), (a, b, c, d, e))
WRAP(int, open64, -1, (const char *a, int b, mode_t c), (a, b, c))
WRAP(int, open_tree, -1, (int a, const char *b, unsigned int c), (a, b, c))
WRAP(int, openat64, -1, (int a, const char *b, int c, mode_t d), (a, b, c, d))
WRAP(DIR *, opendir, NULL, (const char *a), (a))
WRAP(int, pipe2, -1, (int *a, int b), (a, b))
WRAP(int, poll, -1, (void *a, unsigned long b, int c), (a, b, c))
WRAP(int, ppoll, -1, (void *a, unsigned long b, const void *c, const void *d), (a, b, c, d))
WRAP(int, prctl, -1, (int a, unsigned long b, unsigned long c, unsigned long d, unsigned long e), (a, b, c, d, e))
WRAP(ssize_t, pread64, -1, (int a, void *b, size_t c, off_t d), (a, b, c, d))
WRAP(ssize_t, pwrite64, -1, (int a, const void *b, size_t c, off_t d), (a, b, c, d))
WRAP(ssize_t, read, -1, (int a, void *b, size_t c), (a, b, c))
WRAP(ssize_t, readlink, -1, (const char *a, char *b, size_t c), (a, b, c))
WRAP(void *, realloc, NULL, (void *a, size_t b), (a, b))
WRAP(ssize_t, recvmsg, -1, (int a, struct msghdr *b, int c), (a, b, c))
WRAP(int, rmdir, -1, (const char *a), (a))
WRAP(ssize_t, sendfile64, -1, (int a, int b, off_t *c, size_t d), (a, b, c, d))
WRAP(ssize_t, sendmsg, -1, (int a, const struct msghdr *b, int c), (a, b, c))
WRAP(int, sethostname, -1, (const char *a, size_t b), (a, b))
WRAP(int, setresgid, -1, (gid_t a, gid_t b, gid_t c), (a, b, c))
WRAP(int, setresuid, -1, (uid_t a, uid_t b, uid_t c), (a, b, c))
WRAP(int, setrlimit64, -1, (int a, const void *b), (a, b))
WRAP(pid_t, setsid, -1, (void), ())
WRAP(int, signalfd, -1, (int a, const void *b, int c), (a, b, c))
WRAP(int, socketpair, -1, (int a, int b, int c, int *d), (a, b, c, d))
WRAP(int, stat64, -1, (const char *a, void *b), (a, b))
WRAP(int, symlink, -1, (const char *a, const char *b), (a, b))
WRAP(int, umount2, -1, (const char *a, int b), (a, b))
WRAP(int, unlinkat, -1, (int a, const char *b, int c), (a, b, c))
WRAP(int, unshare, -1, (int a), (a))
WRAP(pid_t, wait4, -1, (pid_t a, int *b, int c, void *d), (a, b, c, d))
WRAP(pid_t, waitpid, -1, (pid_t a, int *b, int c), (a, b, c))
WRAP(ssize_t, write, -1, (int a, const void *b, size_t c), (a, b, c))
/* clang-format on */

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return due(FAULT_mmap64) ? MAP_FAILED : __real_mmap64(at, size, protection, flags, fd, offset);
}

static enum fault_call by_number(long number)
{
	switch (number) {
#define BY_NUMBER(name) \
	case name: return FAULT_##name
		BY_NUMBER(SYS_capset);
		BY_NUMBER(SYS_clone3);
		BY_NUMBER(SYS_close_range);
		BY_NUMBER(SYS_openat2);
		BY_NUMBER(SYS_pivot_root);
		BY_NUMBER(SYS_rt_sigaction);
		BY_NUMBER(SYS_seccomp);
		BY_NUMBER(SYS_setgroups);
		BY_NUMBER(SYS_setresgid);
		BY_NUMBER(SYS_setresuid);
	default: return FAULT_COUNT;
	}
}

extern long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	enum fault_call call = by_number(number);
	return call != FAULT_COUNT && due(call) ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

/* A function that calls vfork(2) may not return in the child before its parent: a jump, not a call. */
int fault_vfork_due(void);
int fault_vfork_due(void)
{
	return due(FAULT_vfork);
}
#if defined(__x86_64__)
__asm__(".text\n.globl __wrap_vfork\n__wrap_vfork:\n"
	"\tsubq $8, %rsp\n\tcall fault_vfork_due\n\taddq $8, %rsp\n"
	"\ttestl %eax, %eax\n\tjnz 1f\n\tjmp __real_vfork\n"
	"1:\tmovl $-1, %eax\n\tret\n");
#elif defined(__aarch64__)
__asm__(".text\n.globl __wrap_vfork\n__wrap_vfork:\n"
	"\tstp x29, x30, [sp, #-16]!\n\tbl fault_vfork_due\n\tldp x29, x30, [sp], #16\n"
	"\tcbnz w0, 1f\n\tb __real_vfork\n"
	"1:\tmov w0, #-1\n\tret\n");
#endif
