/* backend.h - the main application: users, problems, contests, courses; its own database. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "model/language.h"

struct backend;
struct db;

struct backend_options {
	const struct config *config;
	const struct offered_language *languages;
	size_t language_count;
	/* Taken over: the socket by which it asks for a worker of its own (cli/nursery.h); -1: none. */
	int direct;
	const char *direct_missing; /* why there is none, for the log and the status; NULL otherwise */
};

/* Opens the database, migrates it, makes the first admin, takes up what was under way, listens. */
int backend_start(const struct backend_options *options, struct backend **backend, struct error *err);
const char *const *backend_addresses(const struct backend *backend);
/* Whether this start made the database's first user: there was nothing before. */
bool backend_is_first_start(const struct backend *backend);
/* Its own, for who imports problems (import.h) while it runs. */
struct db *backend_database(struct backend *backend);
void backend_stop(struct backend *backend, int64_t grace_ms); /* and frees it */
