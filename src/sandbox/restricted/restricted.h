/* restricted.h - the tier without namespaces and without cgroups: what its lane maker, keepers and inits share.
 *
 * For hosts that give neither (a container without privileges), and only where SANDBOX_ALLOW_RESTRICTED says so: a box
 * has the worker's own user id, sees the host's processes and the names of its files, and its limits are watched
 * instead of enforced. What stands between a program and the rest:
 *
 *     Landlock    files: reads the toolchains, writes in its own folder; ptrace, and with it /proc/<pid>/mem of everybody;
 *                 from Linux 6.12 on signals
 *     seccomp     the table of every box, and above it what one user id makes dangerous (../filter_table.c)
 *     init        a subreaper, from which nobody escapes; it kills whoever is left when a run ends
 *     keeper      looks at memory, folder and CPU time of the tree of processes, every 20 ms
 *
 * The keeper is ../keeper's, of which cell.c, and the control groups (polling.c), are other ones here. The rejected
 * alternative is a filter that asks a supervisor about paths (SECCOMP_RET_USER_NOTIF): it would answer about a path that
 * another thread changes before the kernel looks at it. */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../cgroup.h"
#include "base/error.h"

enum { RESTRICTED_SCOPES = 6 }; /* the version of Landlock (its ABI) that keeps signals in */

/* What is the same for all lanes of a lane maker. */
struct restricted {
	const char *const *visible; /* "HOST" or "HOST:BOX", NULL-ended */
	char folder[PATH_MAX - 64]; /* where the boxes' folders are made */
	int landlock;               /* its ABI, 0: none */
};
extern struct restricted restricted;

/* What an init tells its keeper in memory that both see; a program, which was executed since, does not. */
struct tally {
	_Atomic int64_t cpu_us;        /* of what it has reaped in this run */
	_Atomic int64_t largest_bytes; /* resident, of any process among them */
};

/* polling.c: figures in place of a cgroup's */
extern const struct cgroup_ops cgroup_polling;
void polling_track(const struct cgroup_box *box, pid_t init, struct tally *tally, int folder);

/* tree.c: the processes below one */
typedef void tree_visitor(pid_t pid, void *context);
/* Calls `visit` for each, parents first, for some thousands at most. Their number. */
size_t tree_visit(pid_t root, tree_visitor *visit, void *context);
/* Stops, then kills, whatever is below `root`, `but` (0: nobody) and what is below it excepted. */
void tree_kill(pid_t root, pid_t but);

/* landlock.c */
int landlock_version(void); /* 0: there is none */
/* A set of rules for programs in the box with `folder`; the descriptor, or -errno. */
int landlock_rules(int folder);
/* In a new process: its own folder of /proc is added, then the rules hold for it. 0 or -errno. */
int landlock_enter(int rules);
/* Keeps this process's signals, and those of its children, among them. Nothing before RESTRICTED_SCOPES. */
int landlock_keep_signals_in(void);

/* paths.c: a box's paths as they are here */
/* `text` with /box and /tmp, and visible folders that have another place in boxes, replaced where a path begins; written
 * to *at, which moves. NULL: no room before `end`. */
const char *paths_replace(const char *text, const char *folder, char **at, const char *end);

/* init.c */
struct box_setup {
	int socket; /* to the keeper */
	int folder; /* of the box; "box" and "tmp" are in it */
	char path[PATH_MAX];
	struct tally *tally;
};
const char *restricted_step_name(int step); /* of its set-up */
_Noreturn void restricted_init(const struct box_setup *setup);
