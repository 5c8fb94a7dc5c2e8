/* writer.c - many callers, one commit.
 *
 * A commit costs a flush of the disk, whatever it holds. So callers only queue their work and wait; the writer
 * takes everything that has gathered during the last flush, runs each in a savepoint of one transaction,
 * commits once, and then lets all go, each with his own result. First come, first served: claims and
 * enqueues take turns (with a mutex around the database instead, claimers starved for seconds).
 *
 * Who is answered is on the disk, unless he said that it need not be, and so did all with whom he shares a commit.
 * Work that fails rolls back its savepoint alone. When the transaction as a
 * whole fails (its commit, or a statement after which the database had rolled everything back, as it
 * may on a full disk), nothing of the batch is there and everyone in it is told so: nobody's work is tried a
 * second time behind his back, for after a failed flush it cannot be known what a power cut would bring up. */
#include "writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { BATCH_MAX = 128 }; /* bounds how long the first of a batch waits for the others */

/* One caller; lives on his stack until `done`. */
struct request {
	struct request *next;
	db_work *work;
	void *context;
	struct error *err;
	bool relaxed;
	int result;
	bool done;
	pthread_cond_t answered;
};

struct writer {
	struct db_connection *connection;
	bool unflushed; /* commits do not wait for the disk at the moment */
	pthread_t thread;
	bool started;

	pthread_mutex_t mutex; /* guards what follows, and `done` of all requests */
	pthread_cond_t wanted;
	struct request *first, **end;
	bool stopping;
};

int writer_run(struct writer *writer, db_work *work, void *context, bool relaxed, struct error *err)
{
	if (pthread_equal(pthread_self(), writer->thread))
		return error_set(err, -EDEADLK, "a transaction was begun inside another");
	struct request request = { .work = work, .context = context, .err = err, .relaxed = relaxed };
	*err = (struct error){ 0 };
	pthread_cond_init(&request.answered, NULL);
	pthread_mutex_lock(&writer->mutex);
	*writer->end = &request;
	writer->end = &request.next;
	pthread_cond_signal(&writer->wanted);
	while (!request.done)
		pthread_cond_wait(&request.answered, &writer->mutex);
	pthread_mutex_unlock(&writer->mutex);
	pthread_cond_destroy(&request.answered);
	return request.result;
}

/* The oldest requests, as a list of their own; NULL when the writer is to end. */
static struct request *take_batch(struct writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	while (!writer->first && !writer->stopping)
		pthread_cond_wait(&writer->wanted, &writer->mutex);
	struct request *batch = writer->first;
	struct request **last = &batch;
	for (int taken = 0; *last && taken < BATCH_MAX; taken++)
		last = &(*last)->next;
	writer->first = *last;
	*last = NULL;
	if (!writer->first)
		writer->end = &writer->first;
	pthread_mutex_unlock(&writer->mutex);
	return batch;
}

static void answer_batch(struct writer *writer, struct request *batch)
{
	pthread_mutex_lock(&writer->mutex);
	for (struct request *request = batch, *next; request; request = next) {
		next = request->next; /* the request is gone as soon as the mutex is free */
		request->done = true;
		pthread_cond_signal(&request->answered);
	}
	pthread_mutex_unlock(&writer->mutex);
}

/* 0 when the transaction is still good, whatever became of the work in it. */
static int run_one(struct db_connection *connection, struct request *request, struct error *err)
{
	struct db_tx tx = { connection };
	int code = db_command(connection, "SAVEPOINT work", err);
	if (code < 0)
		return code;
	request->result = request->work(&tx, request->context, request->err);
	if (!connection->backend->in_transaction(connection)) {
		if (request->result < 0)
			return error_set(err, request->result, "%s", request->err->text);
		return error_set(err, -EIO, "the transaction was rolled back");
	}
	if (request->result < 0)
		code = db_command(connection, "ROLLBACK TO SAVEPOINT work", err);
	return code < 0 ? code : db_command(connection, "RELEASE SAVEPOINT work", err);
}

/* SQLite hears of it only between transactions. */
static int choose_flush(struct writer *writer, const struct request *batch, struct error *err)
{
	const char *const *scripts = writer->connection->backend->flush;
	bool relaxed = true;
	for (; batch && relaxed; batch = batch->next)
		relaxed = batch->relaxed;
	if (relaxed == writer->unflushed || !scripts[!relaxed])
		return 0;
	int code = writer->connection->backend->script(writer->connection, scripts[!relaxed], err);
	writer->unflushed = code < 0 ? writer->unflushed : relaxed;
	return code;
}

static int run_each(struct db_connection *connection, struct request *batch, struct error *err)
{
	int code = 0;
	for (struct request *request = batch; request && code == 0; request = request->next)
		code = run_one(connection, request, err);
	return code < 0 ? code : db_command(connection, "COMMIT", err);
}

/* Without a savepoint, for which SQLite would copy each page that changes. */
static int run_alone(struct db_connection *connection, struct request *request, struct error *err)
{
	struct db_tx tx = { connection };
	request->result = request->work(&tx, request->context, request->err);
	if (request->result < 0) {
		db_abandon(connection);
		return 0;
	}
	if (!connection->backend->in_transaction(connection))
		return error_set(err, -EIO, "the transaction was rolled back");
	return db_command(connection, "COMMIT", err);
}

static int run_batch(struct writer *writer, struct request *batch, struct error *err)
{
	struct db_connection *connection = writer->connection;
	int code = choose_flush(writer, batch, err);
	if (code == 0)
		code = db_command(connection, connection->backend->begin[DB_WRITE], err);
	if (code == 0)
		code = (batch->next ? run_each : run_alone)(connection, batch, err);
	if (code < 0)
		db_abandon(connection);
	return code;
}

/* Also for those whose work had failed by itself: what they were told may not hold any more. */
static void fail_batch(struct request *batch, const struct error *err)
{
	for (struct request *request = batch; request; request = request->next)
		request->result = error_set(request->err, err->code, "%s", err->text);
}

static void *write_until_stopped(void *argument)
{
	struct writer *writer = argument;
	struct request *batch;
	while ((batch = take_batch(writer))) {
		struct error err = { 0 };
		if (run_batch(writer, batch, &err) < 0)
			fail_batch(batch, &err);
		answer_batch(writer, batch);
	}
	return NULL;
}

/* Signals are the roles' business: the thread is made with all of them blocked. */
static int start_thread(struct writer *writer, struct error *err)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(&writer->thread, NULL, write_until_stopped, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	writer->started = code == 0;
	return code ? error_set(err, -code, "start the writer: %s", strerror(code)) : 0;
}

static void stop_writer_at(struct writer **writer)
{
	writer_stop(*writer);
}

int writer_start(struct db_store *store, struct writer **ret_writer, struct error *err)
{
	cleanup_with(stop_writer_at) struct writer *writer = calloc(1, sizeof *writer);
	if (!writer)
		return error_set(err, -ENOMEM, "out of memory");
	pthread_mutex_init(&writer->mutex, NULL);
	pthread_cond_init(&writer->wanted, NULL);
	writer->end = &writer->first;
	int code = store->backend->connect(store, DB_WRITE, &writer->connection, err);
	if (code == 0)
		code = start_thread(writer, err);
	if (code == 0)
		*ret_writer = take_pointer(&writer);
	return code;
}

void writer_stop(struct writer *writer)
{
	if (!writer)
		return;
	if (writer->started) {
		pthread_mutex_lock(&writer->mutex);
		writer->stopping = true;
		pthread_cond_signal(&writer->wanted);
		pthread_mutex_unlock(&writer->mutex);
		pthread_join(writer->thread, NULL);
	}
	if (writer->connection)
		writer->connection->backend->disconnect(writer->connection);
	pthread_cond_destroy(&writer->wanted);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}
