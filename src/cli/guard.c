#include "guard.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "child.h"
#include "command.h"

enum {
	YOUNG_US = 5000000,
	STOP_MS = 4700, /* what a worker takes by itself (role.c); serve.c has a little more patience */
};

static int status_of(const struct child *child)
{
	return WIFEXITED(child->status) ? WEXITSTATUS(child->status) : STATUS_FAILED;
}

/* Until the child has died; ends this process when that was the last. */
static void watch(struct child *child, const sigset_t *signals)
{
	struct child *const children[] = { child };
	char end[64];
	int number = SIGCHLD;
	while (child->pid > 0 && number == SIGCHLD) {
		sigwait(signals, &number);
		child_reap(children, 1);
	}
	if (child->pid > 0)
		child_stop(child, STOP_MS);
	if (number != SIGCHLD)
		exit(status_of(child));
	log_error("a process is gone", LOG_TEXT("process", child->name),
		  LOG_TEXT("how", child_end(child, end)));
	if (clock_monotonic_us() - child->started_us < YOUNG_US)
		exit(STATUS_FAILED);
}

void guard(const char *name, int ready[1])
{
	struct child child = { .name = "worker" };
	struct error err = { 0 };
	sigset_t signals, before;
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	for (;;) {
		pid_t pid = child_fork(&child, &err);
		if (pid == 0) {
			sigprocmask(SIG_SETMASK, &before, NULL);
			return;
		}
		close_fd(ready);
		prctl(PR_SET_NAME, name); /* for ps(1) */
		if (pid < 0) {
			log_error("a process could not be started", LOG_TEXT("why", err.text));
			exit(STATUS_FAILED);
		}
		watch(&child, &signals);
	}
}
