/* watch.h - the watchman: a thread of the keeper that ends a run when one of its limits is reached. */
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "../cgroup.h"
#include "../protocol.h"
#include "base/error.h"
#include "base/limits.h"

struct cell;

enum stop { STOP_NONE, STOP_CANCEL, STOP_FLOOD, STOP_CPU, STOP_WALL, STOP_MEMORY };

struct watch {
	const struct cgroup_ops *cgroups;
	int timer;               /* timerfd: when to look next */
	int machine_processors;  /* that anybody in the lane may use */
	pthread_mutex_t lock;    /* of all that follows */
	const struct cell *cell; /* NULL: no run is under way */
	uint64_t sequence;
	struct limits limits;
	int processors; /* that the run may use at once */
	int64_t start_us;
	enum stop stop; /* the first reason to end the run */
	int64_t stopped_us;
};

/* Starts the watchman, with the priority of the calling thread; once, for good. */
int watch_open(struct watch *watch, const struct cgroup_ops *cgroups, struct error *err);

/* Hands the run over to the cell's init (0 or -errno) and has it watched: until watch_end the watchman uses the
 * cell's socket, pidfd and cgroup. */
int watch_begin(struct watch *watch, const struct cell *cell, const struct run_message *message,
		const int *fds, size_t fd_count);
/* Ends the run for a reason of the caller's, unless there was another before. */
void watch_stop(struct watch *watch, enum stop reason);
/* `stop` and `stopped_us` are final after this. */
void watch_end(struct watch *watch);

/* When to look again at a run that has used so much: the earliest time at which a limit can be reached. */
int64_t watch_pause_us(const struct limits *limits, int processors, int64_t cpu_us, int64_t wall_us);
