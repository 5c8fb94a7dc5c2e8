/* client.h - the worker's side: its connection to the lane maker, and lanes. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "../protocol.h"
#include "base/buffer.h"
#include "sandbox/box.h"

struct sandbox {
	int socket;
	pid_t maker, owner; /* the lane maker started here, and by whom; 0: it was there */
	enum sandbox_cgroup cgroup;
	enum sandbox_tier tier;
	pthread_mutex_t lock; /* one question to the lane maker at a time */
};

struct stream {
	int read_end, write_end; /* -1 where the caller gave a descriptor */
	struct buffer bytes;
	bool cut;
};

/* One run, from box_begin() to box_end(). */
struct run {
	uint64_t sequence;
	struct box_spec spec;     /* what it points to is the caller's, and gone after box_begin() */
	struct stream streams[2]; /* stdout, stderr */
	int stdin_fd;             /* to hand over */
	bool stdin_owned;
	bool flood_told;
	bool sent; /* false: cancelled before */
	bool lost; /* its keeper is gone */
};

struct lane {
	struct sandbox *sandbox;
	pthread_mutex_t lock; /* guards `socket` against box_cancel() */
	int socket;           /* to the keeper; -1: to be made again */
	uint64_t sequence;
	_Atomic uint64_t newest; /* sequence of the last run that was begun, 0: none is under way */
	struct run runs[BOX_AHEAD_MAX];
	size_t first_run, run_count;
	struct buffer request; /* kept for its memory */
};

/* ---- before a lane maker is started ---- */

struct id_range {
	unsigned int first, count;
};

struct namespace_plan {
	bool needed; /* we are not root */
	struct id_range users, groups;
	const char *one_id; /* why all lanes will share the user's own id; NULL: they will not */
};

bool namespace_is_root(void); /* with the rights of one */
void namespace_plan(struct namespace_plan *plan);
/* In the process that will be the lane maker, which has one thread: makes it root of a user namespace. */
int namespace_enter(const struct namespace_plan *plan, struct error *err);
/* Whether the kernel lets this user make namespaces, with a /proc of their own. Says which it does not. */
int namespace_check(struct error *err);
/* Whether there is a control group for lanes; says what to do where there is none. */
int place_check(struct error *err);
/* Finds the control group for lanes and clears it of processes. */
int place_prepare(struct error *err);

/* ---- lanes ---- */

/* Asks the lane maker; *fd receives a descriptor that came along, or -1. */
int sandbox_ask(struct sandbox *sandbox, enum maker_kind kind, struct maker_reply *reply, int *fd,
		struct error *err);
/* (Re)connects a lane that has no keeper. */
int lane_connect(struct lane *lane, struct error *err);
void lane_disconnect(struct lane *lane); /* its runs are lost */
void run_end(struct run *run);           /* gives back what it holds */
