/* attempt.h - how a hostile program says what became of its attempts.
 *
 * One line an attempt ("mount: ENOSYS"); verdict() is 0 when every one was refused and 1 when one worked, so
 * that the runner needs no list of errors. A call counts as refused only by an error that means "no": EFAULT,
 * EINVAL or EBADF say that it came as far as its arguments, and is reported as a breach. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int breaches;

static inline bool means_no(int code)
{
	static const int refusals[] = {
		ENOSYS, EPERM,  EACCES, EAFNOSUPPORT, EOPNOTSUPP, EROFS, ENOENT,
		ESRCH,  ENODEV, ENXIO,  ENOTTY,       EXDEV,      EBUSY, ECONNREFUSED
	};
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (code == refusals[i])
			return true;
	return false;
}

/* The usual way: refused("mount", mount(...)). */
static inline void refused(const char *what, long result)
{
	const char *name = result < 0 ? strerrorname_np(errno) : "WORKED";
	bool no = result < 0 && means_no(errno);
	breaches += !no;
	printf("%s: %s%s\n", what, name ? name : "?", no ? "" : " (breach)");
	fflush(stdout);
}

/* For what is no call: must("no descriptor but 0, 1, 2", ...). */
static inline void must(const char *what, bool held)
{
	breaches += !held;
	printf("%s: %s\n", what, held ? "yes" : "NO (breach)");
	fflush(stdout);
}

/* An attempt that may kill the caller by SIGSYS: refused that way too. */
static inline void refused_or_killed(const char *what, long (*attempt)(void))
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		long result = attempt();
		_exit(result == -ENOSYS || (result == -1 && errno == ENOSYS) ? 0 : 1);
	}
	int status = 0;
	waitpid(child, &status, 0);
	must(what, child > 0 && (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == 31)));
}

static inline int verdict(void)
{
	printf(breaches ? "%d breaches\n" : "all refused\n", breaches);
	return breaches ? 1 : 0;
}
