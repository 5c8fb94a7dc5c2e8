/* load.h - other work on this machine: a process a processor that never rests. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

enum { LOAD_MAX = 64 };

struct load {
	pid_t pids[LOAD_MAX];
	size_t count;
};

/* With that niceness, 0 to 19. They also end when this process does. On failure none are left. */
int load_start(struct load *load, int niceness, struct error *err);
void load_end(struct load *load);

/* Processors that this process may use; at most LOAD_MAX. */
size_t load_processors(void);
