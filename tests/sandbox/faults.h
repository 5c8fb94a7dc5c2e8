/* faults.h - the seam by which one system call of a lane maker, keeper or init fails once.
 *
 * arena-lane-maker-faulty is the lane maker with the calls below wrapped (ld's --wrap). It and all its children share
 * a plan with the test: which call fails, the how many-th of all of them, and with what. What it has seen is counted
 * there too, so that a test knows how often there is something to fail. */
#pragma once

#include <stdatomic.h>

/* NAME, as the linker knows it, and the error that it fails with. SYS_ rows are syscall(2)'s, by number. */
#define FAULT_CALLS(CALL)              \
	CALL(__open64_2, ENFILE)       \
	CALL(__openat64_2, ENFILE)     \
	CALL(accept4, ECONNABORTED)    \
	CALL(chdir, EACCES)            \
	CALL(chown, EPERM)             \
	CALL(dup2, EMFILE)             \
	CALL(execve, ENOMEM)           \
	CALL(fcntl64, EMFILE)          \
	CALL(fdopendir, ENOMEM)        \
	CALL(fopen64, EMFILE)          \
	CALL(fsconfig, ENOMEM)         \
	CALL(fsmount, ENOMEM)          \
	CALL(fsopen, ENOMEM)           \
	CALL(fspick, ENOMEM)           \
	CALL(fstat64, EOVERFLOW)       \
	CALL(fstatat64, ENOMEM)        \
	CALL(memfd_create, ENFILE)     \
	CALL(mkdir, ENOSPC)            \
	CALL(mkdirat, ENOSPC)          \
	CALL(mknod, ENOSPC)            \
	CALL(mmap64, ENOMEM)           \
	CALL(mount, ENOMEM)            \
	CALL(mount_setattr, EINVAL)    \
	CALL(move_mount, ENOMEM)       \
	CALL(open64, ENFILE)           \
	CALL(open_tree, ENOMEM)        \
	CALL(openat64, ENFILE)         \
	CALL(opendir, ENFILE)          \
	CALL(pipe2, ENFILE)            \
	CALL(poll, ENOMEM)             \
	CALL(ppoll, EINTR)             \
	CALL(prctl, EPERM)             \
	CALL(pread64, EIO)             \
	CALL(pwrite64, EIO)            \
	CALL(read, EIO)                \
	CALL(readlink, EACCES)         \
	CALL(realloc, ENOMEM)          \
	CALL(recvmsg, ENOMEM)          \
	CALL(rmdir, EBUSY)             \
	CALL(sendfile64, EIO)          \
	CALL(sendmsg, ENOBUFS)         \
	CALL(sethostname, EPERM)       \
	CALL(setresgid, EAGAIN)        \
	CALL(setresuid, EAGAIN)        \
	CALL(setrlimit64, EPERM)       \
	CALL(setsid, EPERM)            \
	CALL(signalfd, EMFILE)         \
	CALL(socketpair, ENFILE)       \
	CALL(stat64, EACCES)           \
	CALL(symlink, ENOSPC)          \
	CALL(umount2, EBUSY)           \
	CALL(unlinkat, EBUSY)          \
	CALL(unshare, ENOSPC)          \
	CALL(vfork, EAGAIN)            \
	CALL(wait4, EINTR)             \
	CALL(waitpid, EINTR)           \
	CALL(write, EIO)               \
	CALL(SYS_capset, EPERM)        \
	CALL(SYS_clone3, EAGAIN)       \
	CALL(SYS_close_range, ENOMEM)  \
	CALL(SYS_openat2, ENFILE)      \
	CALL(SYS_pivot_root, EBUSY)    \
	CALL(SYS_rt_sigaction, EINVAL) \
	CALL(SYS_seccomp, ENOMEM)      \
	CALL(SYS_setgroups, EPERM)     \
	CALL(SYS_setresgid, EAGAIN)    \
	CALL(SYS_setresuid, EAGAIN)

enum fault_call {
#define CALL(name, error) FAULT_##name,
	FAULT_CALLS(CALL)
#undef CALL
		FAULT_COUNT,
};

struct fault_plan {
	_Atomic int call;      /* which fails; -1: none */
	_Atomic int countdown; /* 1: the next one */
	_Atomic int fired;
	_Atomic int seen[FAULT_COUNT];
};

enum { FAULT_PLAN_FD = 100 }; /* where the faulty lane maker finds it, to map and close it */
