/* probe.h - which tools of a pack this host has. */
#pragma once

#include "pack.h"

/* Sets available, version, unavailable_reason, and turns `visible` into paths that exist. */
void pack_probe(struct pack *pack, struct pool *pool);
