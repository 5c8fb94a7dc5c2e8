#include "connections.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

enum { WAIT_S = 10, PAUSE_MIN_US = 20000, PAUSE_MAX_US = 1000000 };

struct connections {
	struct db_store *store;
	enum db_access access;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t given;
	size_t made, idle_count;
	int64_t try_again_us, pause_us; /* after a failure to connect */
	struct error failure;
	struct db_connection *idle[]; /* room for store->backend->connections */
};

int db_connections_new(struct db_store *store, enum db_access access, struct connections **ret_connections,
		       struct error *err)
{
	struct connections *connections =
		calloc(1, sizeof *connections + store->backend->connections * sizeof(struct db_connection *));
	if (!connections)
		return error_set(err, -ENOMEM, "out of memory");
	connections->store = store;
	connections->access = access;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&connections->mutex, NULL);
	pthread_cond_init(&connections->given, &attributes);
	pthread_condattr_destroy(&attributes);
	*ret_connections = connections;
	return 0;
}

void db_connections_free(struct connections *connections)
{
	if (!connections)
		return;
	while (connections->idle_count > 0)
		connections->store->backend->disconnect(connections->idle[--connections->idle_count]);
	pthread_cond_destroy(&connections->given);
	pthread_mutex_destroy(&connections->mutex);
	free(connections);
}

/* Longer after each failure, and never the same for two processes. */
static void note_failure(struct connections *connections, const struct error *err)
{
	unsigned char random;
	random_bytes(&random, sizeof random);
	int64_t pause = connections->pause_us * 2;
	pause = pause < PAUSE_MIN_US ? PAUSE_MIN_US : pause > PAUSE_MAX_US ? PAUSE_MAX_US : pause;
	connections->pause_us = pause;
	connections->try_again_us = clock_monotonic_us() + pause / 2 + pause * random / 512;
	connections->failure = *err;
}

static int make_one(struct connections *connections, struct db_connection **connection, struct error *err)
{
	struct db_store *store = connections->store;
	struct error failure;
	int code = store->backend->connect(store, connections->access, connection, &failure);
	pthread_mutex_lock(&connections->mutex);
	if (code < 0) {
		connections->made--;
		note_failure(connections, &failure);
		pthread_cond_signal(&connections->given);
	} else {
		connections->pause_us = 0;
	}
	pthread_mutex_unlock(&connections->mutex);
	return code < 0 ? error_set(err, code, "%s", failure.text) : 0;
}

/* With the mutex held. 0: there is an idle one, or room to make one. */
static int wait_for_room(struct connections *connections, struct error *err)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_S;
	while (connections->idle_count == 0 && connections->made == connections->store->backend->connections)
		if (pthread_cond_timedwait(&connections->given, &connections->mutex, &until) == ETIMEDOUT)
			return error_set(err, -EAGAIN, "all %zu connections to the database are in use",
					 connections->made);
	if (connections->idle_count == 0 && clock_monotonic_us() < connections->try_again_us)
		return error_set(err, connections->failure.code, "%s", connections->failure.text);
	return 0;
}

static int take_once(struct connections *connections, struct db_connection **ret_connection,
		     struct error *err)
{
	pthread_mutex_lock(&connections->mutex);
	int code = wait_for_room(connections, err);
	bool idle = code == 0 && connections->idle_count > 0;
	if (idle)
		*ret_connection = connections->idle[--connections->idle_count];
	else if (code == 0)
		connections->made++;
	pthread_mutex_unlock(&connections->mutex);
	return code < 0 || idle ? code : make_one(connections, ret_connection, err);
}

static void throw_away(struct connections *connections, struct db_connection *connection)
{
	connection->backend->disconnect(connection);
	pthread_mutex_lock(&connections->mutex);
	connections->made--;
	pthread_cond_signal(&connections->given);
	pthread_mutex_unlock(&connections->mutex);
}

int db_connections_take(struct connections *connections, struct db_connection **ret_connection,
			struct error *err)
{
	for (;;) {
		struct db_connection *connection;
		int code = take_once(connections, &connection, err);
		if (code < 0)
			return code;
		if (connection->backend->usable(connection)) {
			*ret_connection = connection;
			return 0;
		}
		throw_away(connections, connection);
	}
}

void db_connections_give(struct connections *connections, struct db_connection *connection)
{
	if (!connection->backend->usable(connection)) {
		throw_away(connections, connection);
		return;
	}
	pthread_mutex_lock(&connections->mutex);
	connections->idle[connections->idle_count++] = connection;
	pthread_cond_signal(&connections->given);
	pthread_mutex_unlock(&connections->mutex);
}
