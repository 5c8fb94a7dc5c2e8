/* execution.h - the execution service: submissions, jobs, results; the queue's owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"

struct execution;

/* What the languages are, told by whoever starts the service (the service itself touches no tools). */
struct execution_language {
	const char *id, *name, *version; /* version NULL: not on this host */
	const char *const *aliases;      /* NULL-ended */
	const char *const *extensions;
	const char *unavailable_reason; /* NULL when available */
};

struct execution_options {
	const struct config *config;
	const struct execution_language *languages;
	size_t language_count;
	const char *worker_token; /* what workers may show in place of a key; NULL or "": nothing */
};

/* Opens the database, migrates it, takes back what a dead predecessor's workers held, listens. */
int execution_start(const struct execution_options *options, struct execution **execution, struct error *err);
const char *const *execution_addresses(const struct execution *execution);
void execution_stop(struct execution *execution, int64_t grace_ms); /* and frees it */
