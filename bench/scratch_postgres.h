/* scratch_postgres.h - a PostgreSQL of one's own for the time of a measurement, in a temporary folder, with its disk
 * writes real. Needs Debian's package `postgresql`; started by root it runs as the user `postgres`. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

struct scratch_postgres {
	char folder[64], url[160];
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

int scratch_postgres_start(struct scratch_postgres *postgres, struct error *err);
/* Stops it and removes the folder. Accepts one that did not start. */
void scratch_postgres_stop(struct scratch_postgres *postgres);
