/* filter.c - which system calls a program in a box may make, and why.
 *
 * An allow-list. What is not in it answers ENOSYS, so that libraries fall back instead of dying: clone3 is
 * refused so, and libc uses clone, whose flags can be looked at. A call of another architecture's entry
 * (32-bit, x32) kills the process: its numbers mean something else. Rows of one call are alternatives; a
 * row with conditions allows only calls whose arguments meet all of them.
 *
 * How to add a call: a row, with the reason. The tests walk the interesting ones. */
#include "filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { ALLOWED = 0, PRETENDED = -1 }; /* PRETENDED: answers 0 and does nothing */

struct condition {
	enum { NO_CONDITION, EQUALS, DIFFERS, MASKED } kind;
	unsigned int argument;
	uint64_t mask, value;
};

struct rule {
	const char *names; /* separated by spaces */
	int answer;        /* ALLOWED, PRETENDED, or an errno */
	struct condition conditions[2];
	const char *reason;
};

/* clang-format off */
#define IS(n, v)             { EQUALS, (n), 0, (uint64_t)(v) }
#define NOT(n, v)            { DIFFERS, (n), 0, (uint64_t)(v) }
#define BITS(n, mask, value) { MASKED, (n), (mask), (value) }
#define WITHOUT(n, mask)     { MASKED, (n), (mask), 0 }

enum { NAMESPACES = 0x7e020000, REFUSED_CLONE = NAMESPACES | CLONE_PTRACE };

static const struct rule rules[] = {
	/* files: the mounts and owners decide what they reach */
	{ "read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek",
	  ALLOWED, {}, "I/O on what is open" },
	{ "open openat openat2 creat close close_range", ALLOWED, {}, "the box's mounts hold nothing else" },
	{ "stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs fstatfs",
	  ALLOWED, {}, "looking at files" },
	{ "getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2",
	  ALLOWED, {}, "folders of its own tmpfs" },
	{ "link linkat symlink symlinkat", ALLOWED, {}, "the trusted side never follows them" },
	{ "truncate ftruncate fallocate copy_file_range sendfile splice tee",
	  ALLOWED, {}, "bounded by the tmpfs and the memory limit" },
	{ "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat umask",
	  ALLOWED, {}, "its own files; nosuid mounts" },
	{ "getdents getdents64 dup dup2 dup3", ALLOWED, {}, "plain" },
	{ "flock", PRETENDED, {}, "locks on the host's files would be a channel between boxes" },
	{ "fsync fdatasync sync_file_range fadvise64 readahead",
	  PRETENDED, {}, "nothing to sync in memory; on host files they would load the host's disk" },
	{ "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr", ALLOWED, {}, "reading" },
	{ "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
	  EOPNOTSUPP, {}, "survives a wipe of the box" },
	{ "mknod", ALLOWED, { BITS(1, S_IFMT, S_IFIFO) }, "FIFOs" },
	{ "mknodat", ALLOWED, { BITS(2, S_IFMT, S_IFIFO) }, "FIFOs" },
	{ "memfd_create",
	  ALLOWED, { WITHOUT(1, MFD_HUGETLB) }, "memory that is counted; huge pages are a pool of the host's" },
	{ "inotify_init1 inotify_rm_watch", ALLOWED, {}, "runtimes make one at start; bounded for the lane" },
	{ "inotify_add_watch", ENOSPC, {}, "watching the host's files would tell what other boxes open" },

	/* fcntl: record locks are pretended: they are host memory by the ten thousand, and ENOLCK makes SQLite
	 * in a program wait for 5 s. F_SETOWN and leases signal others; pipes keep their size. */
	{ "fcntl", ALLOWED, { IS(1, F_DUPFD) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_DUPFD_CLOEXEC) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_GETFD) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_SETFD) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_GETFL) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_SETFL) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_GETLK) }, "plain" },
	{ "fcntl", PRETENDED, { IS(1, F_SETLK) }, "see above" },
	{ "fcntl", PRETENDED, { IS(1, F_SETLKW) }, "see above" },
	{ "fcntl", PRETENDED, { IS(1, F_OFD_SETLK) }, "see above" },
	{ "fcntl", PRETENDED, { IS(1, F_OFD_SETLKW) }, "see above" },
	{ "fcntl", ALLOWED, { IS(1, F_OFD_GETLK) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_GETPIPE_SZ) }, "plain" },
	{ "fcntl", ALLOWED, { IS(1, F_ADD_SEALS) }, "its own memory files" },
	{ "fcntl", ALLOWED, { IS(1, F_GET_SEALS) }, "plain" },

	/* ioctl: what terminals, pipes and runtimes ask; TIOCSTI and the rest stay out */
	{ "ioctl", ALLOWED, { IS(1, TCGETS) }, "isatty" },
	{ "ioctl", ALLOWED, { IS(1, 0x802c542a) }, "TCGETS2, isatty of newer libraries" },
	{ "ioctl", ALLOWED, { IS(1, TIOCGWINSZ) }, "width of a terminal" },
	{ "ioctl", ALLOWED, { IS(1, TIOCGPGRP) }, "shells" },
	{ "ioctl", ALLOWED, { IS(1, FIONREAD) }, "bytes waiting" },
	{ "ioctl", ALLOWED, { IS(1, FIONBIO) }, "non-blocking" },
	{ "ioctl", ALLOWED, { IS(1, FIOASYNC) }, "harmless without F_SETOWN" },
	{ "ioctl", ALLOWED, { IS(1, FIOCLEX) }, "close on exec" },
	{ "ioctl", ALLOWED, { IS(1, FIONCLEX) }, "the reverse" },
	{ "ioctl", ENOTTY, { IS(1, 0x40049409) }, "FICLONE: cp tries it and copies" },

	/* memory: counted by the cgroup */
	{ "brk munmap mremap mprotect madvise msync mincore mlock munlock mlock2", ALLOWED, {}, "its own memory" },
	{ "mmap", ALLOWED, { WITHOUT(3, MAP_HUGETLB) }, "huge pages are a pool of the host's" },
	{ "membarrier get_mempolicy pkey_alloc pkey_free pkey_mprotect", ALLOWED, {}, "runtimes" },

	/* processes and threads: counted by the cgroup, seen by nobody else */
	{ "clone", ALLOWED, { WITHOUT(0, REFUSED_CLONE) }, "no namespace, no tracing" },
	{ "fork vfork execve execveat exit exit_group wait4 waitid", ALLOWED, {}, "processes" },
	{ "getpid getppid gettid getpgid getpgrp setpgid setsid getsid", ALLOWED, {}, "processes" },
	{ "getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid " "setresuid setresgid setgroups setfsuid setfsgid capget",
	  ALLOWED, {}, "no capability, no other mapped owner" },
	{ "sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_getattr " "sched_get_priority_max sched_get_priority_min getpriority setpriority",
	  ALLOWED, {}, "downwards only" },
	{ "sched_setaffinity", EPERM, {}, "a judged run keeps its one processor" },
	{ "sched_setscheduler", ALLOWED, { IS(1, SCHED_OTHER) }, "no real time" },
	{ "sched_setscheduler", ALLOWED, { IS(1, SCHED_BATCH) }, "no real time" },
	{ "sched_setscheduler", ALLOWED, { IS(1, SCHED_IDLE) }, "no real time" },
	{ "prlimit64 getrlimit setrlimit getrusage", ALLOWED, {}, "downwards only" },
	{ "set_tid_address set_robust_list get_robust_list futex futex_waitv rseq arch_prctl getcpu " "restart_syscall",
	  ALLOWED, {}, "threads" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_NAME) }, "thread names" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_NAME) }, "thread names" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_PDEATHSIG) }, "children that end with their parent" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_PDEATHSIG) }, "the same" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_DUMPABLE) }, "plain" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_DUMPABLE) }, "plain" },
	{ "prctl", ALLOWED, { IS(0, PR_CAPBSET_READ) }, "looking at capabilities" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_TIMERSLACK) }, "plain" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_TIMERSLACK) }, "plain" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_NO_NEW_PRIVS) }, "already so" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_NO_NEW_PRIVS) }, "plain" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_SECCOMP) }, "plain" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_THP_DISABLE) }, "runtimes" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_CHILD_SUBREAPER) }, "within the box" },
	{ "prctl", ALLOWED, { IS(0, 0x53564d41) }, "PR_SET_VMA: names for mappings" },
	{ "personality", ALLOWED, { IS(0, 0) }, "the usual one" },
	{ "personality", ALLOWED, { IS(0, 0xffffffff) }, "asking" },

	/* signals: nobody else can be seen */
	{ "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending rt_sigtimedwait " "rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack",
	  ALLOWED, {}, "signals" },
	{ "kill tkill tgkill pause signalfd signalfd4 pidfd_open pidfd_send_signal",
	  ALLOWED, {}, "its own processes" },

	/* time */
	{ "nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times alarm getitimer " "setitimer",
	  ALLOWED, {}, "time" },
	{ "timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create " "timerfd_settime timerfd_gettime",
	  ALLOWED, {}, "bounded by RLIMIT_SIGPENDING and open files" },

	/* talking within the box */
	{ "pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait " "epoll_pwait2 eventfd eventfd2",
	  ALLOWED, {}, "pipes and waiting" },
	{ "socket", ALLOWED, { IS(0, AF_UNIX) }, "the only family; an empty network namespace besides" },
	{ "socket", EAFNOSUPPORT, { NOT(0, AF_UNIX) }, "no network: INET, NETLINK, PACKET, VSOCK and all others" },
	{ "socketpair", ALLOWED, { IS(0, AF_UNIX) }, "pipes both ways" },
	{ "connect bind listen accept accept4 sendmsg recvmsg sendto recvfrom shutdown getsockname " "getpeername getsockopt",
	  ALLOWED, {}, "local sockets" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_REUSEADDR) }, "plain" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_SNDBUF) }, "bounded by the host" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_RCVBUF) }, "bounded by the host" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_PASSCRED) }, "plain" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_LINGER) }, "plain" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_RCVTIMEO) }, "plain" },
	{ "setsockopt",
	  ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_SNDTIMEO) }, "plain; socket filters stay out: JIT memory escapes the count" },

	{ "uname sysinfo getrandom", ALLOWED, {}, "asking" },
};
/* clang-format on */

/* What an init may do besides, on hosts where it has to name a cgroup for its children. */
static const struct rule init_rule = { "clone3 seccomp", ALLOWED, {}, "taken away before exec" };

static struct scmp_arg_cmp comparison(const struct condition *condition)
{
	struct scmp_arg_cmp compare = { .arg = condition->argument };
	switch (condition->kind) {
	case DIFFERS:
		compare.op = SCMP_CMP_NE;
		compare.datum_a = condition->value;
		break;
	case MASKED:
		compare.op = SCMP_CMP_MASKED_EQ;
		compare.datum_a = condition->mask;
		compare.datum_b = condition->value;
		break;
	case EQUALS:
	case NO_CONDITION:
		compare.op = SCMP_CMP_EQ;
		compare.datum_a = condition->value;
		break;
	}
	return compare;
}

static uint32_t action(int answer)
{
	switch (answer) {
	case ALLOWED: return SCMP_ACT_ALLOW;
	case PRETENDED: return SCMP_ACT_ERRNO(0);
	default: return SCMP_ACT_ERRNO((uint32_t)answer);
	}
}

/* Calls that this architecture does not have (open on arm64) are passed over. */
static int add_call(scmp_filter_ctx context, const char *name, const struct rule *rule, struct error *err)
{
	struct scmp_arg_cmp compare[2];
	unsigned int count = 0;
	int number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return error_set(err, -EINVAL, "system call filter: the library does not know '%s'", name);
	if (number < 0)
		return 0;
	while (count < 2 && rule->conditions[count].kind != NO_CONDITION) {
		compare[count] = comparison(&rule->conditions[count]);
		count++;
	}
	int code = seccomp_rule_add_array(context, action(rule->answer), number, count, compare);
	return code < 0 ? error_set(err, code, "system call filter: rule for %s: %s", name, strerror(-code))
			: 0;
}

static int add_rule(scmp_filter_ctx context, const struct rule *rule, struct error *err)
{
	char names[512], *save = NULL;
	strncpy(names, rule->names, sizeof names - 1);
	names[sizeof names - 1] = '\0';
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		if (add_call(context, name, rule, err) < 0)
			return err ? err->code : -EINVAL;
	return 0;
}

/* Newer than the library's table. */
static int add_numbers(scmp_filter_ctx context, struct error *err)
{
	const int fchmodat2 = 452;
	int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, fchmodat2, 0);
	return code < 0 ? error_set(err, code, "system call filter: fchmodat2: %s", strerror(-code)) : 0;
}

static int export_program(scmp_filter_ctx context, struct sock_fprog *program, struct error *err)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	int code = fd < 0 ? -errno : seccomp_export_bpf(context, fd);
	off_t size = code < 0 ? -1 : lseek(fd, 0, SEEK_END);
	struct sock_filter *instructions = size > 0 ? malloc((size_t)size) : NULL;
	if (!instructions || pread(fd, instructions, (size_t)size, 0) != size) {
		free(instructions);
		return error_set(err, code < 0 ? code : -ENOMEM, "system call filter: cannot be generated");
	}
	*program = (struct sock_fprog){ (unsigned short)((size_t)size / sizeof *instructions), instructions };
	return 0;
}

int filter_generate(bool for_cgroup_v2, struct sock_fprog *program, struct error *err)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!context)
		return error_set(err, -ENOMEM, "system call filter: out of memory");
	seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
	int code = 0;
	for (size_t i = 0; code == 0 && i < sizeof rules / sizeof rules[0]; i++)
		code = add_rule(context, &rules[i], err);
	if (code == 0 && for_cgroup_v2)
		code = add_rule(context, &init_rule, err);
	if (code == 0)
		code = add_numbers(context, err);
	if (code == 0)
		code = export_program(context, program, err);
	seccomp_release(context);
	return code;
}

int filter_load(const struct sock_fprog *program)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) < 0 ? -errno : 0;
}

static struct sock_filter program_instructions[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
const struct sock_fprog filter_program_only = { sizeof program_instructions / sizeof program_instructions[0],
						program_instructions };
