#include "readers.h"

#include <pthread.h>
#include <stdlib.h>

struct readers {
	struct db_store *store;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t given;
	size_t made, idle_count;
	struct db_connection *idle[]; /* room for store->backend->readers */
};

int readers_new(struct db_store *store, struct readers **ret_readers, struct error *err)
{
	struct readers *readers =
		calloc(1, sizeof *readers + store->backend->readers * sizeof(struct db_connection *));
	if (!readers)
		return error_set(err, -ENOMEM, "out of memory");
	readers->store = store;
	pthread_mutex_init(&readers->mutex, NULL);
	pthread_cond_init(&readers->given, NULL);
	*ret_readers = readers;
	return 0;
}

void readers_free(struct readers *readers)
{
	if (!readers)
		return;
	while (readers->idle_count > 0)
		readers->store->backend->disconnect(readers->idle[--readers->idle_count]);
	pthread_cond_destroy(&readers->given);
	pthread_mutex_destroy(&readers->mutex);
	free(readers);
}

static int make_one(struct readers *readers, struct db_connection **connection, struct error *err)
{
	int code = readers->store->backend->connect(readers->store, DB_READ, connection, err);
	if (code < 0) {
		pthread_mutex_lock(&readers->mutex);
		readers->made--;
		pthread_cond_signal(&readers->given);
		pthread_mutex_unlock(&readers->mutex);
	}
	return code;
}

int readers_take(struct readers *readers, struct db_connection **connection, struct error *err)
{
	pthread_mutex_lock(&readers->mutex);
	while (readers->idle_count == 0 && readers->made == readers->store->backend->readers)
		pthread_cond_wait(&readers->given, &readers->mutex);
	bool idle = readers->idle_count > 0;
	if (idle)
		*connection = readers->idle[--readers->idle_count];
	else
		readers->made++;
	pthread_mutex_unlock(&readers->mutex);
	return idle ? 0 : make_one(readers, connection, err);
}

void readers_give(struct readers *readers, struct db_connection *connection)
{
	pthread_mutex_lock(&readers->mutex);
	readers->idle[readers->idle_count++] = connection;
	pthread_cond_signal(&readers->given);
	pthread_mutex_unlock(&readers->mutex);
}
