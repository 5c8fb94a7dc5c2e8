/* disk.h - room for what is new. */
#pragma once

#include <stdbool.h>

#include "service.h"

/* Less than DISK_MIN_FREE is free where the data folder or SQLite's database is. What was accepted may still be
 * finished then: that is what the rest is for. Says so in the log when it changes. */
bool disk_is_low(struct execution *service);
