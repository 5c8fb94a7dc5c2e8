/* execution.h - the execution service: submissions, jobs, results; the queue's owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "model/language.h"

struct execution;

struct execution_options {
	const struct config *config;
	const struct offered_language *languages; /* the service itself touches no tools */
	size_t language_count;
	const char *worker_token;  /* what workers may show in place of a key; NULL or "": nothing */
	const char *backend_token; /* the same of the backend, for all but workers' routes */
};

/* Opens the database, migrates it, takes back what a dead predecessor's workers held, listens. */
int execution_start(const struct execution_options *options, struct execution **execution, struct error *err);
const char *const *execution_addresses(const struct execution *execution);
void execution_stop(struct execution *execution, int64_t grace_ms); /* and frees it */
