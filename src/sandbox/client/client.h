/* client.h - the worker's side: its connection to the lane maker, and lanes. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "../protocol.h"
#include "sandbox/box.h"

struct sandbox {
	int socket;
	pid_t maker, owner; /* the lane maker started here, and by whom; 0: it was there */
	enum sandbox_cgroup cgroup;
	pthread_mutex_t lock; /* one question to the lane maker at a time */
};

struct lane {
	struct sandbox *sandbox;
	pthread_mutex_t lock; /* guards `socket` against box_cancel() */
	int socket;           /* to the keeper; -1: to be made again */
	uint64_t sequence;
	_Atomic uint64_t running; /* sequence of the run under way, 0: none */
	uint64_t placed_session;  /* whose files the keeper has */
};

/* Asks the lane maker; *fd receives a descriptor that came along, or -1. */
int sandbox_ask(struct sandbox *sandbox, enum maker_kind kind, struct maker_reply *reply, int *fd,
		struct error *err);
/* (Re)connects a lane that has no keeper. */
int lane_connect(struct lane *lane, struct error *err);
void lane_disconnect(struct lane *lane);
