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

/* Notes the end of every child that has ended. */
void child_reap(struct child *const *children, size_t count);

/* SIGCHLD must be blocked. Both do nothing for one that does not run. */
void child_stop(struct child *child, int64_t grace_ms);  /* SIGTERM, so long to end, then SIGKILL */
void child_await(struct child *child, int64_t grace_ms); /* the same without the SIGTERM */

/* "ended with status 1", "was killed by SIGKILL" */
const char *child_end(const struct child *child, char text[64]);
