#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static const int64_t killed_us =
	500000; /* the lane maker is root's and may not be ours to kill: no waiting for ever */

static pid_t parent;

int child_die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return getppid() == parent ? 0 : -1;
}

pid_t child_fork(struct child *child, struct error *err)
{
	parent = getpid();
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(err, "start the %s", child->name);
	if (pid == 0) {
		if (child_die_with_parent() < 0) /* it ended before we could ask */
			_exit(1);
		return 0;
	}
	child->pid = pid;
	child->status = 0;
	child->started_us = clock_monotonic_us();
	return pid;
}

static void note_end(struct child *const *children, size_t count, pid_t pid, int status)
{
	for (size_t i = 0; i < count; i++)
		if (children[i]->pid == pid) {
			children[i]->pid = 0;
			children[i]->status = status;
		}
}

void child_reap(struct child *const *children, size_t count)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		note_end(children, count, pid, status);
}

static bool wait_for_end(struct child *child, int64_t until_us)
{
	sigset_t ended;
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	for (;;) {
		int status;
		if (waitpid(child->pid, &status, WNOHANG) != 0) {
			child->pid = 0;
			child->status = status;
			return true;
		}
		int64_t left_us = until_us - clock_monotonic_us();
		if (left_us <= 0)
			return false;
		struct timespec timeout = { left_us / 1000000, left_us % 1000000 * 1000 };
		sigtimedwait(&ended, NULL, &timeout);
	}
}

void child_await(struct child *child, int64_t grace_ms)
{
	if (child->pid == 0 || wait_for_end(child, clock_monotonic_us() + grace_ms * 1000))
		return;
	log_error("does not end by itself; killed", LOG_TEXT("process", child->name));
	kill(child->pid, SIGKILL);
	wait_for_end(child, clock_monotonic_us() + killed_us);
}

void child_stop(struct child *child, int64_t grace_ms)
{
	if (child->pid > 0)
		kill(child->pid, SIGTERM);
	child_await(child, grace_ms);
}

const char *child_end(const struct child *child, char text[64])
{
	if (WIFSIGNALED(child->status))
		snprintf(text, 64, "was killed by SIG%s", sigabbrev_np(WTERMSIG(child->status)));
	else
		snprintf(text, 64, "ended with status %d", WEXITSTATUS(child->status));
	return text;
}

int stop_at_end_of_input(const char *who)
{
	struct pollfd input = { .fd = STDIN_FILENO };
	if (fcntl(STDIN_FILENO, F_SETOWN, getpid()) < 0 || fcntl(STDIN_FILENO, F_SETSIG, SIGTERM) < 0 ||
	    fcntl(STDIN_FILENO, F_SETFL, O_RDONLY | O_ASYNC) < 0) {
		fprintf(stderr, "%s: watch standard input for its end: %s\n", who, strerror(errno));
		return -1;
	}
	if (poll(&input, 1, 0) > 0) /* it ended before */
		raise(SIGTERM);
	return 0;
}
