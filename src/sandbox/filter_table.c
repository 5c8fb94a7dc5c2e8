/* filter_table.c - which system calls a program in a box may make, and why.
 *
 * An allow-list: what is not in it answers ENOSYS. Rows of one call are alternatives; a row with conditions
 * speaks only of calls whose arguments meet all of them. Calls that an architecture does not have (open on
 * arm64) are passed over there.
 *
 * How to add a call: a row, with the reason; then `make docs`. test_filter_walk.c tries every row. */
#include "filter_table.h"

#include "filter.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/membarrier.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* clang-format off */
#define IS(n, v)             { EQUALS, (n), 0, (uint64_t)(v), "", #v }
#define NOT(n, v)            { DIFFERS, (n), 0, (uint64_t)(v), "", #v }
#define BITS(n, mask, value) { MASKED, (n), (mask), (value), #mask, #value }
#define WITHOUT(n, mask)     { MASKED, (n), (mask), 0, #mask, "" }

const struct rule filter_rules[] = {
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
	{ "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat umask",
	  ALLOWED, {}, "its own files; nosuid mounts" },
	{ "getdents getdents64 dup dup2 dup3", ALLOWED, {}, "its own folders and descriptors" },
	{ "flock", PRETENDED, {}, "locks on the host's files would be a channel between boxes" },
	{ "fsync fdatasync sync_file_range fadvise64 readahead",
	  PRETENDED, {}, "nothing to sync in memory; on host files they would load the host's disk" },
	{ "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr", ALLOWED, {}, "reading" },
	{ "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
	  EOPNOTSUPP, {}, "would survive a wipe of the box" },
	{ "mknod", ALLOWED, { BITS(1, S_IFMT, S_IFIFO) }, "FIFOs, no devices" },
	{ "mknodat", ALLOWED, { BITS(2, S_IFMT, S_IFIFO) }, "FIFOs, no devices" },
	{ "memfd_create",
	  ALLOWED, { WITHOUT(1, MFD_HUGETLB) }, "memory that is counted; huge pages are a pool of the host's" },
	{ "inotify_init1 inotify_rm_watch", ALLOWED, {}, "runtimes make one at start; bounded for the lane" },
	{ "inotify_add_watch", ENOSPC, {}, "watching the host's files would tell what other boxes open" },

	/* fcntl: F_SETOWN and leases signal others; pipes keep their size */
	{ "fcntl", ALLOWED, { IS(1, F_DUPFD) }, "its own descriptors" },
	{ "fcntl", ALLOWED, { IS(1, F_DUPFD_CLOEXEC) }, "its own descriptors" },
	{ "fcntl", ALLOWED, { IS(1, F_GETFD) }, "close on exec" },
	{ "fcntl", ALLOWED, { IS(1, F_SETFD) }, "close on exec" },
	{ "fcntl", ALLOWED, { IS(1, F_GETFL) }, "asking" },
	{ "fcntl", ALLOWED, { IS(1, F_SETFL) }, "non-blocking, append" },
	{ "fcntl", ALLOWED, { IS(1, F_GETLK) }, "asking; nobody holds a lock" },
	{ "fcntl", PRETENDED, { IS(1, F_SETLK) }, "record locks are the host's memory by the ten thousand" },
	{ "fcntl", PRETENDED, { IS(1, F_SETLKW) }, "the same; after ENOLCK SQLite would wait for 5 s" },
	{ "fcntl", PRETENDED, { IS(1, F_OFD_SETLK) }, "record locks are the host's memory by the ten thousand" },
	{ "fcntl", PRETENDED, { IS(1, F_OFD_SETLKW) }, "record locks are the host's memory by the ten thousand" },
	{ "fcntl", ALLOWED, { IS(1, F_OFD_GETLK) }, "asking; nobody holds a lock" },
	{ "fcntl", ALLOWED, { IS(1, F_GETPIPE_SZ) }, "asking" },
	{ "fcntl", ALLOWED, { IS(1, F_ADD_SEALS) }, "its own memory files" },
	{ "fcntl", ALLOWED, { IS(1, F_GET_SEALS) }, "asking" },

	/* ioctl: what terminals, pipes and runtimes ask; TIOCSTI and the rest stay out */
	{ "ioctl", ALLOWED, { IS(1, TCGETS) }, "isatty" },
	{ "ioctl", ALLOWED, { IS(1, TCGETS2) }, "isatty of newer libraries" },
	{ "ioctl", ALLOWED, { IS(1, TIOCGWINSZ) }, "width of a terminal" },
	{ "ioctl", ALLOWED, { IS(1, TIOCGPGRP) }, "shells" },
	{ "ioctl", ALLOWED, { IS(1, FIONREAD) }, "bytes waiting" },
	{ "ioctl", ALLOWED, { IS(1, FIONBIO) }, "non-blocking" },
	{ "ioctl", ALLOWED, { IS(1, FIOASYNC) }, "harmless without F_SETOWN" },
	{ "ioctl", ALLOWED, { IS(1, FIOCLEX) }, "close on exec" },
	{ "ioctl", ALLOWED, { IS(1, FIONCLEX) }, "the reverse" },
	{ "ioctl", ENOTTY, { IS(1, FICLONE) }, "cp tries it, then copies" },

	/* memory: counted by the cgroup */
	{ "brk munmap mremap mprotect madvise msync mincore mlock munlock mlock2", ALLOWED, {}, "its own memory" },
	{ "mmap", ALLOWED, { WITHOUT(3, MAP_HUGETLB) }, "huge pages are a pool of the host's" },
	{ "get_mempolicy pkey_alloc pkey_free pkey_mprotect", ALLOWED, {}, "runtimes" },
	{ "membarrier", ALLOWED, { IS(0, MEMBARRIER_CMD_QUERY) }, "asking" },
	{ "membarrier", ALLOWED, { IS(0, MEMBARRIER_CMD_PRIVATE_EXPEDITED) }, "its own threads; others interrupt everybody" },
	{ "membarrier", ALLOWED, { IS(0, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) }, "before that" },

	/* processes and threads: counted by the cgroup, seen by nobody else */
	{ "clone",
	  ALLOWED, { WITHOUT(0, CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
				CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE) }, "no namespace, no tracing" },
	{ "fork vfork execve execveat exit exit_group wait4 waitid", ALLOWED, {}, "processes" },
	{ "getpid getppid gettid getpgid getpgrp setpgid setsid getsid", ALLOWED, {}, "processes" },
	{ "getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid "
	  "setresuid setresgid setgroups setfsuid setfsgid capget",
	  ALLOWED, {}, "no capability, no other owner that it could become" },
	{ "sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_getattr "
	  "sched_get_priority_max sched_get_priority_min getpriority setpriority",
	  ALLOWED, {}, "asking; priority goes down only" },
	{ "sched_setaffinity", EPERM, {}, "a judged run keeps its one processor" },
	{ "sched_setscheduler", ALLOWED, { IS(1, SCHED_OTHER) }, "no real time" },
	{ "sched_setscheduler", ALLOWED, { IS(1, SCHED_BATCH) }, "no real time" },
	{ "sched_setscheduler", ALLOWED, { IS(1, SCHED_IDLE) }, "no real time" },
	{ "prlimit64 getrlimit setrlimit getrusage", ALLOWED, {}, "limits go down only" },
	{ "set_tid_address set_robust_list get_robust_list futex futex_waitv rseq arch_prctl getcpu "
	  "restart_syscall",
	  ALLOWED, {}, "threads" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_NAME) }, "thread names" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_NAME) }, "thread names" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_PDEATHSIG) }, "children that end with their parent" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_PDEATHSIG) }, "asking" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_DUMPABLE) }, "asking" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_DUMPABLE) }, "ptrace is refused; no core is written" },
	{ "prctl", ALLOWED, { IS(0, PR_CAPBSET_READ) }, "looking at capabilities" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_TIMERSLACK) }, "its own timers" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_TIMERSLACK) }, "asking" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_NO_NEW_PRIVS) }, "already so" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_NO_NEW_PRIVS) }, "asking" },
	{ "prctl", ALLOWED, { IS(0, PR_GET_SECCOMP) }, "asking" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_THP_DISABLE) }, "runtimes" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_CHILD_SUBREAPER) }, "within the box" },
	{ "prctl", ALLOWED, { IS(0, PR_SET_VMA) }, "names for mappings" },
	{ "personality", ALLOWED, { IS(0, PER_LINUX) }, "the usual one" },
	{ "personality", ALLOWED, { IS(0, 0xffffffff) }, "asking" },

	/* signals: nobody else can be seen */
	{ "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending rt_sigtimedwait "
	  "rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack",
	  ALLOWED, {}, "signals; queued ones are bounded by RLIMIT_SIGPENDING" },
	{ "kill tkill tgkill pause signalfd signalfd4 pidfd_open pidfd_send_signal",
	  ALLOWED, {}, "its own processes" },

	/* time */
	{ "nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times alarm getitimer "
	  "setitimer",
	  ALLOWED, {}, "time; clocks cannot be set" },
	{ "timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create "
	  "timerfd_settime timerfd_gettime",
	  ALLOWED, {}, "bounded by RLIMIT_SIGPENDING and open files" },

	/* talking within the box */
	{ "pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
	  "epoll_pwait2 eventfd eventfd2",
	  ALLOWED, {}, "pipes and waiting" },
	{ "socket", ALLOWED, { IS(0, AF_UNIX) }, "the only family; an empty network namespace besides" },
	{ "socket", EAFNOSUPPORT, { NOT(0, AF_UNIX) }, "no network: INET, NETLINK, PACKET, VSOCK and all others" },
	{ "socketpair", ALLOWED, { IS(0, AF_UNIX) }, "pipes both ways" },
	{ "connect bind listen accept accept4 recvmsg recvfrom shutdown getsockname getpeername getsockopt",
	  ALLOWED, {}, "local sockets" },
	{ "sendmsg", ALLOWED, { WITHOUT(2, MSG_OOB) }, "no urgent bytes: used by nobody, and often broken" },
	{ "sendto", ALLOWED, { WITHOUT(3, MSG_OOB) }, "the same" },
	/* and no socket filters: the memory of compiled ones escapes the count */
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_REUSEADDR) }, "means nothing here, is often set" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_SNDBUF) }, "bounded by the host" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_RCVBUF) }, "bounded by the host" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_PASSCRED) }, "who speaks" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_LINGER) }, "means nothing here, is often set" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_RCVTIMEO) }, "time limits" },
	{ "setsockopt", ALLOWED, { IS(1, SOL_SOCKET), IS(2, SO_SNDTIMEO) }, "time limits" },

	{ "uname sysinfo getrandom", ALLOWED, {}, "asking" },
};
/* clang-format on */

const size_t filter_rule_count = sizeof filter_rules / sizeof filter_rules[0];

const struct rule filter_init_rule = {
	"clone3 seccomp", ALLOWED, {}, "an init under cgroup v2 alone; taken away before exec"
};

/* clang-format off */
static const struct rule one_id_rules[] = {
	{ "prlimit64", EPERM, { NOT(0, 0) }, "limits of its init's, and where there are no namespaces of the worker's" },
	{ "setpriority", EPERM, { NOT(0, PRIO_PROCESS) }, "priorities of all of the user's processes" },
	{ "setpriority", EPERM, { NOT(1, 0) }, "priorities of others" },
	{ "sched_setscheduler", PRETENDED, { NOT(0, 0) }, "the same; mono sets what its threads have already" },
};

#define TRUNCATING (O_ACCMODE | O_TRUNC) /* is O_TRUNC: while only reading */

/* No mount, pid, network namespace around it; Landlock looks at opening, making, removing and renaming, not at these. */
static const struct rule restricted_rules[] = {
	{ "chmod fchmodat fchmodat2 chown lchown fchownat utime utimes futimesat",
	  PRETENDED, {}, "by path they would reach the worker's files" },
	{ "utimensat", PRETENDED, { NOT(1, 0) }, "by path; 0 means the descriptor" },
	{ "truncate", EACCES, {}, "Landlock looks at it from Linux 6.2 on" },
	{ "open", EACCES, { BITS(1, TRUNCATING, O_TRUNC) }, "the same" },
	{ "openat", EACCES, { BITS(2, TRUNCATING, O_TRUNC) }, "the same" },
	{ "openat2", ENOSYS, {}, "its flags are in memory, which the filter cannot read" },
	{ "getxattr lgetxattr listxattr llistxattr", EOPNOTSUPP, {}, "by path" },
	{ "socket", EAFNOSUPPORT, {}, "the host's sockets have names here" },
	{ "socketpair", EPROTONOSUPPORT, { BITS(1, 0xf, SOCK_DGRAM) }, "could send to a name" },
	{ "socketpair", EPROTONOSUPPORT, { BITS(1, 0xf, SOCK_RAW) }, "the same" },
	{ "connect bind", EACCES, {}, "names" },
	{ "memfd_create", ENOSYS, {}, "memory that nobody maps is not seen" },
	{ "inotify_init1", EMFILE, {}, "counted by user, who is the worker" },
};

static const struct rule no_signals_rules[] = {
	{ "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo",
	  EPERM, { NOT(0, FIRST_PROCESS) }, "they reach every process of the user; abort(3) means itself" },
	{ "pidfd_send_signal", EPERM, {}, "the same" },
};
/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
const struct rules filter_above[] = {
	{ "ONE_ID",
	  "where a program's user is also its init's (delegated without subordinate ids, restricted)",
	  one_id_rules, COUNT(one_id_rules) },
	{ "RESTRICTED", "in the restricted tier", restricted_rules, COUNT(restricted_rules) },
	{ "NO_SIGNALS", "in the restricted tier, before Linux 6.12", no_signals_rules,
	  COUNT(no_signals_rules) },
};
const size_t filter_above_count = COUNT(filter_above);
