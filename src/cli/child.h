/* child.h - the processes that `arena serve` starts and watches. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct child {
	const char *name; /* for messages */
	pid_t pid;        /* 0: not running */
	int status;       /* as waitpid(2) gave it, once it has ended */
	int64_t started_us;
};

/* Forks; the child ends by SIGKILL with this process, however that ends, so that no orphan holds the port or
 * the data folder. 0 in the child, which never returns from what it does next; its pid here. */
pid_t child_fork(struct child *child, struct error *err);

/* In the child, when it has become another user: the kernel forgets that it is to end with its parent. 0, or -1
 * when the parent is gone already. */
int child_die_with_parent(void);

/* Notes the end of every child that has ended. */
void child_reap(struct child *const *children, size_t count);

/* SIGCHLD must be blocked. Both do nothing for one that does not run. */
void child_stop(struct child *child, int64_t grace_ms);  /* SIGTERM, so long to end, then SIGKILL */
void child_await(struct child *child, int64_t grace_ms); /* the same without the SIGTERM */

/* "ended with status 1", "was killed by SIGKILL" */
const char *child_end(const struct child *child, char text[64]);

/* In a process that its starter may not be allowed to signal: standard input is a pipe that the starter holds
 * open, and its end is the starter's end, however that came, or its wish. The kernel sends SIGTERM for it (F_SETSIG,
 * O_ASYNC in fcntl(2)), so that no thread has to watch. -1, and `who` complained, when that cannot be. */
int stop_at_end_of_input(const char *who);
