/* inside.h - what the files of the backend share.
 *
 * Which file does what: backend.c starts and stops; routes.c is the table of routes and what every request must pass;
 * session.c knows who asks, auth.c signs them in, token.c and password.c are what both stand on; reply.c has the shapes
 * of errors. Resources have one file each for their routes
 * (problems.c) and one for their rows (problem_store.c), whose functions run inside a transaction of the caller's.
 * runner.c runs programs; remote.c speaks to the execution service, mirror.c keeps it of
 * one mind with us. */
#pragma once

#include "names.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "backend/database.h"
#include "backend/users.h"
#include "db/bus.h"
#include "db/db.h"
#include "net/server.h"

struct backend {
	const struct config *config;
	const struct offered_language *languages;
	size_t language_count;
	int64_t started_us;

	struct db *db;
	struct db_bus *bus;
	_Atomic(struct http_server *) server; /* its handlers may run before it is here */
	struct metrics *metrics;
	struct rate_limits *rates;
	struct sign_in *sign_in; /* session.h: secrets of tokens, passwords, throttles */
	struct test_data *data;  /* test_data.h */
	struct runner *runner;   /* runner.h */
	struct remote *remote;   /* remote.h */
	struct mirror *mirror;   /* mirror.h */
	struct judging *judging; /* judging.h */
	struct http_route *routes;
	bool is_first_start;  /* it made the first user */
	atomic_bool disk_low; /* at the last look */
};

/* Who asks: set by routes.c before the handler. Nobody: { 0 }. */
struct caller {
	int64_t user_id;
	enum role role;
};
struct caller caller_of(const struct http_exchange *x);
void caller_set(struct http_exchange *x, struct caller caller);

/* Runs what is parked under this key again, at every replica; nothing while the server is not there yet. */
void backend_wake(struct backend *backend, const char *key);
enum { KEY_BYTES = 96 };
const char *key_submission(int64_t submission_id, char key[KEY_BYTES]); /* who waits for it, or watches it */
