/* queue.c - the queue alone: enqueue, claim, finish, with a record of each result, through the layers that the
 * service uses, for 64 slots. Each of these transactions ends on the disk, but for the claims. "One by one": every
 * job is put in and finished by a transaction of its own, as requests do it. "Batched": 16 at a time.
 *
 * queue-held puts a million jobs through in which some transaction stays open, which keeps PostgreSQL from
 * cleaning up, and tells how long claims take.
 *
 * DATABASE_URL names a PostgreSQL to use (in a schema that is made and dropped); without it one is started. */
#include "queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "db/db.h"
#include "queue/queue.h"
#include "samples.h"
#include "scratch_postgres.h"

enum {
	SLOTS = 64,
	PRODUCERS = 8,
	DISPATCHERS = 4,
	SECONDS = 6,
	BATCH = 16,
	IDLE_US = 3000,
	AHEAD_MAX = 4000,
	HELD_JOBS = 1000000,
	HELD_BATCH = 100
};

static const struct db_migration record_migration = {
	999, "records", "CREATE TABLE record (submission_id BIGINT PRIMARY KEY, report TEXT NOT NULL);"
};
static const char report[] = "{\"verdict\":\"AC\",\"time_us\":1234,\"memory_bytes\":5678901,\"tests\":[]}";

struct line {
	struct db *db;
	struct queue_marks *marks;
	size_t batch, workers;
	_Atomic int64_t put, finished, last_id;
	int64_t until_us, goal; /* ends at the time, or when so many are finished; 0: no goal */
	pthread_mutex_t mutex;
	struct samples claim_us;
	struct error err;
	_Atomic int code;
};

static bool goes_on(struct line *line)
{
	if (atomic_load(&line->code) < 0)
		return false;
	return line->goal ? atomic_load(&line->finished) < line->goal : clock_monotonic_us() < line->until_us;
}

static void give_up(struct line *line, const struct error *err)
{
	pthread_mutex_lock(&line->mutex);
	if (atomic_load(&line->code) == 0)
		line->err = *err;
	atomic_store(&line->code, err->code);
	pthread_mutex_unlock(&line->mutex);
}

/* ---- in ---- */

struct putting {
	struct line *line;
	int64_t first;
};

static int put_some(struct db_tx *tx, void *context, struct error *err)
{
	const struct putting *putting = context;
	int code = 0;
	for (size_t i = 0; i < putting->line->batch && code == 0; i++) {
		char user[16];
		snprintf(user, sizeof user, "user%d", (int)((putting->first + (int64_t)i) % 100));
		struct queue_entry entry = { .submission_id = putting->first + (int64_t)i,
					     .class = JOB_SUBMISSION,
					     .capability = i % 2 ? "c" : "python",
					     .user_id = user,
					     .max_attempts = 3 };
		code = queue_enqueue(tx, putting->line->marks, &entry, clock_wall_ms(), err);
	}
	return code;
}

static void *produce(void *argument)
{
	struct line *line = argument;
	struct error err;
	while (goes_on(line)) {
		if (atomic_load(&line->put) - atomic_load(&line->finished) > AHEAD_MAX) {
			usleep(500);
			continue;
		}
		struct putting putting = { line, atomic_fetch_add(&line->last_id, (int64_t)line->batch) + 1 };
		if (db_write(line->db, put_some, &putting, &err) < 0)
			give_up(line, &err);
		atomic_fetch_add(&line->put, (int64_t)line->batch);
	}
	return NULL;
}

/* ---- and out ---- */

struct taking {
	struct line *line;
	struct pool *pool;
	char session[16];
	struct queue_job *jobs;
	size_t count, from, some;
};

static int take_some(struct db_tx *tx, void *context, struct error *err)
{
	static const char *const capabilities[] = { "python", "javascript", "java", "cpp",       "c",
						    "csharp", "go",         "rust", "typescript" };
	struct taking *taking = context;
	struct queue_claim claim = { .session = taking->session,
				     .capabilities = capabilities,
				     .capability_count = sizeof capabilities / sizeof capabilities[0],
				     .wanted = SLOTS / taking->line->workers,
				     .now_ms = clock_wall_ms(),
				     .lease_ms = 15000 };
	queue_keep(&claim);
	int code = db_relax(tx, err);
	return code < 0 ? code
			: queue_claim(tx, taking->line->marks, &claim, taking->pool, &taking->jobs,
				      &taking->count, err);
}

static int finish_some(struct db_tx *tx, void *context, struct error *err)
{
	const struct taking *taking = context;
	int code = 1;
	for (size_t i = taking->from; i < taking->from + taking->some && code == 1; i++) {
		int64_t submission_id;
		code = queue_finish(tx, taking->jobs[i].id, taking->jobs[i].lease, &submission_id, err);
		if (code == 0)
			return error_set(err, -ESTALE, "a lease was lost");
		if (code == 1 &&
		    db_run(tx, NULL, "INSERT INTO record (submission_id, report) VALUES ($1, $2)",
			   DB_VALUES(db_int(submission_id), db_text(report)), NULL, err) < 0)
			return err->code;
	}
	return code < 0 ? code : 0;
}

static void work_off(struct line *line, struct taking *taking)
{
	struct error err;
	for (taking->from = 0; taking->from < taking->count; taking->from += taking->some) {
		size_t left = taking->count - taking->from;
		taking->some = left < line->batch ? left : line->batch;
		if (db_write(line->db, finish_some, taking, &err) < 0) {
			give_up(line, &err);
			return;
		}
		atomic_fetch_add(&line->finished, (int64_t)taking->some);
	}
}

static void *consume(void *argument)
{
	struct line *line = argument;
	static _Atomic int number;
	struct error err;
	struct taking taking = { .line = line };
	snprintf(taking.session, sizeof taking.session, "w%d", atomic_fetch_add(&number, 1));
	while (goes_on(line)) {
		cleanup_pool struct pool *pool = pool_new();
		taking.pool = pool;
		int64_t began_us = clock_monotonic_us();
		if (db_write(line->db, take_some, &taking, &err) < 0) {
			give_up(line, &err);
			return NULL;
		}
		pthread_mutex_lock(&line->mutex);
		samples_add(&line->claim_us, (double)(clock_monotonic_us() - began_us));
		pthread_mutex_unlock(&line->mutex);
		work_off(line, &taking);
		if (taking.count == 0)
			usleep(IDLE_US);
	}
	return NULL;
}

/* ---- a run ---- */

static int run_line(struct line *line, double *rate, struct error *err)
{
	pthread_t threads[PRODUCERS + SLOTS];
	size_t count = PRODUCERS + line->workers;
	int64_t began_us = clock_monotonic_us();
	pthread_mutex_init(&line->mutex, NULL);
	line->until_us = began_us + SECONDS * 1000000LL;
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, i < PRODUCERS ? produce : consume, line) != 0)
			abort();
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	*rate = (double)atomic_load(&line->finished) * 1e6 / (double)(clock_monotonic_us() - began_us);
	pthread_mutex_destroy(&line->mutex);
	return atomic_load(&line->code) < 0 ? error_set(err, line->code, "%s", line->err.text) : 0;
}

static void close_db_at(struct db **db)
{
	db_close(*db);
}

static void free_marks_at(struct queue_marks **marks)
{
	queue_marks_free(*marks);
}

static int open_queue(const char *url, struct db **db, struct error *err)
{
	struct db_migration all[16];
	size_t count = 0;
	for (; count < queue_migration_count && count < 15; count++)
		all[count] = queue_migrations[count];
	all[count++] = record_migration;
	int code = db_open(url, db, err);
	return code < 0 ? code : db_migrate(*db, all, count, err);
}

static void print_rate(const char *name, double rate, struct line *line, bool json)
{
	double p50 = samples_quantile(&line->claim_us, 0.5) / 1000,
	       p99 = samples_quantile(&line->claim_us, 0.99) / 1000,
	       worst = samples_quantile(&line->claim_us, 1) / 1000;
	if (json)
		printf("{\"figure\":\"%s\",\"jobs_per_second\":%.0f,\"claim_ms\":{\"p50\":%.2f,\"p99\":%.2f,"
		       "\"max\":%.2f}}\n",
		       name, rate, p50, p99, worst);
	else
		printf("%-34s %8.0f jobs/s   claim p50 %.2f ms, p99 %.2f, max %.2f\n", name, rate, p50, p99,
		       worst);
	fflush(stdout);
}

static int measure(const char *database, const char *url, size_t batch, bool json, struct error *err)
{
	cleanup_with(close_db_at) struct db *db = NULL;
	cleanup_with(free_marks_at) struct queue_marks *marks = queue_marks_new();
	char name[64];
	double rate;
	int code = open_queue(url, &db, err);
	if (code < 0)
		return code;
	struct line line = { .db = db,
			     .marks = marks,
			     .batch = batch,
			     .workers = DISPATCHERS,
			     .last_id = clock_wall_ms() * 1000 };
	code = run_line(&line, &rate, err);
	snprintf(name, sizeof name, "queue %s, %s", database, batch > 1 ? "batched" : "one by one");
	if (code == 0)
		print_rate(name, rate, &line, json);
	samples_free(&line.claim_us);
	return code;
}

/* ---- where ---- */

typedef int on_url(const char *url, bool json, struct error *err);

static int in_postgres(on_url *work, bool json, struct error *err)
{
	const char *given = getenv("DATABASE_URL");
	if (given && strncmp(given, "postgres", 8) == 0)
		return work(given, json, err);
	struct scratch_postgres postgres;
	int code = scratch_postgres_start(&postgres, err);
	if (code < 0)
		return code;
	code = work(postgres.url, json, err);
	scratch_postgres_stop(&postgres);
	return code;
}

static int in_sqlite(on_url *work, bool json, struct error *err)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char folder[] = "/tmp/arena-bench.XXXXXX", url[64], path[64];
	if (!mkdtemp(folder))
		return error_errno(err, "%s", folder);
	snprintf(url, sizeof url, "sqlite:%s/queue.db", folder);
	int code = work(url, json, err);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(path, sizeof path, "%s/queue.db%s", folder, ends[i]);
		unlink(path);
	}
	rmdir(folder);
	return code;
}

static int measure_postgres(const char *url, bool json, struct error *err)
{
	int code = measure("PostgreSQL", url, 1, json, err);
	return code < 0 ? code : measure("PostgreSQL", url, BATCH, json, err);
}

static int measure_sqlite(const char *url, bool json, struct error *err)
{
	int code = measure("SQLite", url, 1, json, err);
	return code < 0 ? code : measure("SQLite", url, BATCH, json, err);
}

int bench_queue(const struct bench_options *options, struct error *err)
{
	int code = in_postgres(measure_postgres, options->json, err);
	return code < 0 ? code : in_sqlite(measure_sqlite, options->json, err);
}

/* ---- a transaction that stays open ---- */

struct holding {
	struct db *db;
	atomic_bool holds, over;
};

static int hold_open(struct db_tx *tx, void *context, struct error *err)
{
	struct holding *holding = context;
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT set_config('idle_in_transaction_session_timeout', '0', true)",
			  DB_NO_VALUES, &rows, err);
	if (code == 0)
		code = db_run(tx, pool, "SELECT count(*) FROM record", DB_NO_VALUES, &rows, err);
	atomic_store(&holding->holds, true);
	while (!atomic_load(&holding->over))
		usleep(10000);
	return code;
}

static void *hold(void *argument)
{
	struct holding *holding = argument;
	db_read(holding->db, hold_open, holding, NULL);
	return NULL;
}

static int measure_held(const char *url, bool json, struct error *err)
{
	cleanup_with(close_db_at) struct db *db = NULL;
	cleanup_with(free_marks_at) struct queue_marks *marks = queue_marks_new();
	struct holding holding = { 0 };
	pthread_t thread;
	int code = open_queue(url, &db, err);
	if (code < 0)
		return code;
	holding.db = db;
	if (pthread_create(&thread, NULL, hold, &holding) != 0)
		abort();
	while (!atomic_load(&holding.holds))
		usleep(1000);
	int64_t last_id = 0;
	for (int64_t through = 0; through < HELD_JOBS && code == 0; through += HELD_JOBS / 10) {
		struct line line = { .db = db,
				     .marks = marks,
				     .batch = HELD_BATCH,
				     .workers = DISPATCHERS,
				     .last_id = last_id,
				     .goal = HELD_JOBS / 10 };
		char name[64];
		double rate;
		code = run_line(&line, &rate, err);
		snprintf(name, sizeof name, "queue held open, %lld gone through",
			 (long long)through + HELD_JOBS / 10);
		if (code == 0)
			print_rate(name, rate, &line, json);
		last_id = atomic_load(&line.last_id);
		samples_free(&line.claim_us);
	}
	atomic_store(&holding.over, true);
	pthread_join(thread, NULL);
	return code;
}

int bench_queue_held(const struct bench_options *options, struct error *err)
{
	return in_postgres(measure_held, options->json, err);
}
