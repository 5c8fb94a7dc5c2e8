/* queue_fixture.h - a queue in a scratch database, driven from the test's own thread.
 *
 * The transaction is the test's own (through db's private seam): asserting inside db_write() would leave the
 * writer's thread by longjmp. It is rolled back at the end. */
#pragma once

#include "../db/scratch.h"

#include <string.h>

#include "backend.h"
#include "queue/queue.h"

enum { LEASE_MS = 15000, START_MS = 1700000000 };

struct queue_fixture {
	struct scratch scratch; /* first: scratch.h's set-up and tear-down */
	struct db_store *store;
	struct db_connection *connection;
	struct db_tx tx;
	struct pool *pool;
	int64_t now_ms;
};

static inline int queue_set_up(void **state)
{
	struct error err;
	if (scratch_set_up(state) < 0)
		return -1;
	struct queue_fixture *f = *state = realloc(*state, sizeof *f);
	assert_ok(db_migrate(f->scratch.db, queue_migrations, queue_migration_count, &err), &err);
	scratch_close(&f->scratch);
	const struct db_backend *backend = db_find_backend(f->scratch.url);
	assert_ok(backend->open(f->scratch.url, &f->store, &err), &err);
	assert_ok(backend->connect(f->store, DB_WRITE, &f->connection, &err), &err);
	assert_ok(db_command(f->connection, backend->begin[DB_WRITE], &err), &err);
	f->tx.connection = f->connection;
	f->pool = pool_new();
	f->now_ms = START_MS;
	return 0;
}

static inline int queue_tear_down(void **state)
{
	struct queue_fixture *f = *state;
	db_abandon(f->connection);
	f->connection->backend->disconnect(f->connection);
	f->store->backend->close(f->store);
	pool_free(f->pool);
	return scratch_tear_down(state);
}

#define queue_test(f) cmocka_unit_test_setup_teardown(f, queue_set_up, queue_tear_down)

static inline void put(struct queue_fixture *f, int64_t submission, enum job_class class,
		       const char *capability, const char *user)
{
	struct error err;
	struct queue_entry entry = { submission, class, capability, user, 3, 1 };
	assert_ok(queue_enqueue(&f->tx, NULL, &entry, 1, f->now_ms, &err), &err);
}

static inline int take_many(struct queue_fixture *f, const char *session, const char *const *capabilities,
			    size_t capability_count, size_t wanted, size_t kept, struct queue_job **jobs,
			    size_t *count, struct error *err)
{
	struct queue_taker taker = { .session = session,
				     .capabilities = capabilities,
				     .capability_count = capability_count,
				     .wanted = wanted,
				     .kept = kept };
	struct queue_claim claim = { .takers = &taker,
				     .taker_count = 1,
				     .kept_from = JOB_REJUDGE,
				     .now_ms = f->now_ms,
				     .lease_ms = LEASE_MS };
	int code = queue_claim(&f->tx, NULL, &claim, f->pool, err);
	if (code == 0) {
		*jobs = taker.jobs;
		*count = taker.count;
	}
	return code;
}

/* One job of any of the comma list, or NULL. */
static inline const struct queue_job *take(struct queue_fixture *f, const char *session,
					   const char *capabilities)
{
	struct error err;
	const char *names[8];
	size_t name_count = 0, count = 7;
	struct queue_job *jobs = NULL;
	char *rest = pool_strdup(f->pool, capabilities);
	for (char *name; (name = strsep(&rest, ","));)
		names[name_count++] = name;
	assert_ok(take_many(f, session, names, name_count, 1, 0, &jobs, &count, &err), &err);
	assert_true(count <= 1);
	return count ? jobs : NULL;
}

static inline void assert_next(struct queue_fixture *f, const char *capabilities, int64_t submission)
{
	const struct queue_job *job = take(f, "w", capabilities);
	assert_int_equal(job ? job->submission_id : 0, submission);
}

/* 1 and *submission, or 0 and -1 for a stale lease. */
static inline int finish_with(struct queue_fixture *f, int64_t job, const char *lease, int64_t *submission)
{
	struct error err;
	struct queue_end end = { job, lease, 0 };
	assert_ok(queue_finish(&f->tx, &end, 1, &err), &err);
	*submission = end.submission_id ? end.submission_id : -1;
	return end.submission_id != 0;
}

static inline int finish(struct queue_fixture *f, const struct queue_job *job, int64_t *submission)
{
	return finish_with(f, job->id, job->lease, submission);
}

static inline int hand_back(struct queue_fixture *f, const struct queue_job *job, bool count_attempt,
			    int64_t delay_ms, struct queue_returned *returned)
{
	struct error err;
	int code =
		queue_return(&f->tx, job->id, job->lease, count_attempt, delay_ms, f->now_ms, returned, &err);
	assert_ok(code, &err);
	return code;
}

static inline size_t reap(struct queue_fixture *f, const char *session, struct queue_returned **returned)
{
	struct error err;
	size_t count;
	assert_ok(queue_reap(&f->tx, NULL, session, f->now_ms, f->pool, returned, &count, &err), &err);
	return count;
}

static inline void beat(struct queue_fixture *f, const char *session, const struct queue_job *job)
{
	struct error err;
	const char *leases[] = { "00000000-0000-4000-8000-000000000000", job ? job->lease : "" };
	assert_ok(queue_heartbeat(&f->tx, NULL, session, leases, job ? 2 : 1, f->now_ms, LEASE_MS, &err),
		  &err);
}

static inline int holds(struct queue_fixture *f, const struct queue_job *job)
{
	struct error err;
	int64_t submission = -1;
	int code = queue_holds(&f->tx, job->id, job->lease, &submission, &err);
	assert_ok(code, &err);
	assert_int_equal(submission, code ? job->submission_id : -1);
	return code;
}

static inline int64_t ask(struct queue_fixture *f, const char *sql)
{
	struct error err;
	struct scratch_statement statement = { .sql = sql };
	assert_ok(scratch_work(&f->tx, &statement, &err), &err);
	return statement.answer;
}

static inline void assert_counts(struct queue_fixture *f, int64_t ready, int64_t leased, int64_t delayed)
{
	struct error err;
	struct queue_counts counts;
	assert_ok(queue_count(&f->tx, &counts, &err), &err);
	assert_int_equal(counts.ready, ready);
	assert_int_equal(counts.leased, leased);
	assert_int_equal(counts.delayed, delayed);
}
