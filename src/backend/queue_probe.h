/* queue_probe.h - whether the queue service answers, for a backend that does not use it: asked when somebody wants to
 * know, and then not for some seconds. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/config.h"
#include "base/error.h"

struct queue_probe;

int queue_probe_new(const struct config *config, struct queue_probe **probe, struct error *err);
void queue_probe_free(struct queue_probe *probe); /* accepts NULL */

bool queue_probe_last(struct queue_probe *probe); /* asks nobody; false before the first look */
void queue_probe_look(struct queue_probe *probe); /* blocks for at most two seconds */
