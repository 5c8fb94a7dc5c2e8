/* ids.h - which of its own user and group ids the lane maker gives to a lane. */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "sandbox/box.h"

enum { LANES_MAX = 256 };

struct ids {
	/* FULL: 65536 a lane, far above everybody's. DELEGATED: a lane's root and its program, of the few that a user
	 * namespace has. ONE_ID: lane maker, keepers, inits and programs share it. */
	enum sandbox_tier tier;
	unsigned int first;
	int lanes; /* for how many they last */
};

/* What /proc/self/uid_map and gid_map leave. */
int ids_find(struct ids *ids, struct error *err);

/* The id of the lane's root: its keeper's, who owns the lane's cgroups. */
uid_t ids_owner(const struct ids *ids, int lane);

/* Maps the lane's ids in the new user namespace of `keeper`. */
int ids_map(const struct ids *ids, int lane, pid_t keeper, struct error *err);
