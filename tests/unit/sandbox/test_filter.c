/* The filter's table becomes a program, and the program is loaded for real, in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

/* What `call` answers under the filter: 0, or its errno; -1 when the filter could not be loaded. */
static int under_filter(bool for_cgroup_v2, long (*call)(void))
{
	pid_t child = fork();
	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    filter_load(filter_program(for_cgroup_v2)) < 0)
			_exit(255);
		errno = 0;
		_exit(call() < 0 ? errno : 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

static long call_getpid(void)
{
	return syscall(SYS_getpid);
}
static long call_ptrace(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0);
}
static long call_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}
static long call_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0);
}
static long call_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}
static long call_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}
static long call_namespace(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0);
}
static long call_unknown(void)
{
	return syscall(100000);
}
static long call_seccomp(void)
{
	return syscall(SYS_seccomp, 99, 0, NULL);
}
static long call_affinity(void)
{
	return syscall(SYS_sched_setaffinity, 0, 0, NULL);
}
static long call_fsync(void)
{
	return syscall(SYS_fsync, -1);
}

static long call_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}
static long call_wide_family(void)
{
	return syscall(SYS_socket, 1ull << 32 | AF_UNIX, SOCK_STREAM, 0);
}
static long call_device(void)
{
	return syscall(SYS_mknodat, AT_FDCWD, "/nowhere/null", S_IFCHR | 0600, 0x103);
}
static long call_lock(void)
{
	return syscall(SYS_fcntl, -1, F_SETLK, NULL);
}
static long call_owner(void)
{
	return syscall(SYS_fcntl, 0, F_SETOWN, 1);
}
static long call_type_ahead(void)
{
	return syscall(SYS_ioctl, 0, TIOCSTI, "x");
}
static long call_huge_page(void)
{
	return syscall(SYS_mmap, NULL, 1 << 21, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
}
static long call_socket_filter(void)
{
	return syscall(SYS_setsockopt, 0, SOL_SOCKET, SO_ATTACH_FILTER, NULL, 0);
}
static long call_attribute(void)
{
	return syscall(SYS_fsetxattr, 0, "user.x", "x", 1, 0);
}
static long call_own_filter(void)
{
	return syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL);
}

static void calls_answer_as_the_table_says(void **state)
{
	static const struct {
		const char *story;
		long (*call)(void);
		int answer, answer_for_v2;
	} cases[] = {
		{ "getpid is allowed", call_getpid, 0, 0 },
		{ "ptrace is unknown", call_ptrace, ENOSYS, ENOSYS },
		{ "unshare is unknown", call_unshare, ENOSYS, ENOSYS },
		{ "clone with a namespace is unknown", call_namespace, ENOSYS, ENOSYS },
		{ "clone3 is unknown but to inits of cgroup v2", call_clone3, ENOSYS, EINVAL },
		{ "seccomp the same", call_seccomp, ENOSYS, EINVAL },
		{ "the internet is no family", call_inet, EAFNOSUPPORT, EAFNOSUPPORT },
		{ "local sockets are", call_unix, 0, 0 },
		{ "nor is netlink", call_netlink, EAFNOSUPPORT, EAFNOSUPPORT },
		{ "all 64 bits of a family count", call_wide_family, EAFNOSUPPORT, EAFNOSUPPORT },
		{ "no devices are made", call_device, ENOSYS, ENOSYS },
		{ "record locks are pretended, even on nothing", call_lock, 0, 0 },
		{ "nobody is made a file's owner", call_owner, ENOSYS, ENOSYS },
		{ "nothing is typed ahead", call_type_ahead, ENOSYS, ENOSYS },
		{ "no huge pages", call_huge_page, ENOSYS, ENOSYS },
		{ "no socket filters", call_socket_filter, ENOSYS, ENOSYS },
		{ "no attributes", call_attribute, EOPNOTSUPP, EOPNOTSUPP },
		{ "no filters of its own", call_own_filter, ENOSYS, ENOSYS },
		{ "a number that nobody has", call_unknown, ENOSYS, ENOSYS },
		{ "processors are not chosen", call_affinity, EPERM, EPERM },
		{ "fsync is pretended, even of nothing", call_fsync, 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int v1 = under_filter(false, cases[i].call);
		int v2 = under_filter(true, cases[i].call);
		if (v1 != cases[i].answer || v2 != cases[i].answer_for_v2)
			fail_msg("%s: %d and %d, expected %d and %d", cases[i].story, v1, v2, cases[i].answer,
				 cases[i].answer_for_v2);
	}
}

static long call_both(void)
{
	if (filter_load(&filter_program_only) < 0)
		_exit(254);
	if (call_clone3() != -1 || errno != ENOSYS)
		_exit(253);
	return call_seccomp();
}

static void a_program_loses_what_its_init_had(void **state)
{
	assert_int_equal(under_filter(true, call_both), ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_answer_as_the_table_says),
		cmocka_unit_test(a_program_loses_what_its_init_had),
	};
	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
