/* init.h - pid 1 of a box: spawns each run of one submission, reaps, kills all between runs.
 *
 * It lives under the same filter as the programs it spawns (loaded once, inherited), with CAP_KILL,
 * CAP_SETUID, CAP_SETGID and CAP_CHECKPOINT_RESTORE (for process numbers) of the lane's user namespace and
 * nothing else. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>

#include "../cgroup.h"

enum { PROGRAM_UID = 1000, PROGRAM_GID = 1000 };

struct init_setup {
	const struct cgroup_ops *cgroups;
	const struct cgroup_box *group;
	const struct sock_fprog *filter;
	int socket;         /* to the keeper */
	int box_fd, tmp_fd; /* tmpfs, not yet attached */
	bool one_id;        /* the program's user is the init's own */
};

/* Names the steps of its set-up, for the keeper's error messages. */
const char *init_step_name(int step);

/* The whole life; never returns. */
_Noreturn void init_main(const struct init_setup *setup);
