/* queue.c - the queue alone: enqueue, claim, finish, with a record of each result, through the layers that the
 * service uses, for workers of 4 slots: 16 of them, and 64. Enqueues and finishes end on the disk, each before its
 * caller is answered. "One by one": each of 64 callers puts in one job and waits, as a request with one submission
 * does; "batched": 16, as a request with a batch. Each slot ends its job by a call of its own and waits for that.
 * Calls that meet share a transaction (db/gather.h); one dispatcher claims for all workers that have idle slots, as
 * it does in a service, and once a second somebody takes back what nobody works on.
 *
 * queue-held puts jobs through while some transaction stays open, which keeps PostgreSQL from cleaning up, and tells
 * how long claims take: a million jobs, or as many as go through in eight minutes.
 *
 * Beside each rate stands what a job cost: processor time of this program, and of PostgreSQL's where that was
 * started for the measurement; and transactions.
 *
 * DATABASE_URL names a PostgreSQL to use, an empty one; without it one is started. */
#include "queue.h"

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "db/db.h"
#include "db/gather.h"
#include "queue/queue.h"
#include "samples.h"
#include "scratch_postgres.h"

enum {
	WORKERS = 16,
	WORKERS_MAX = 64,
	SLOTS_EACH = 4,
	PRODUCERS = 64,
	SECONDS = 6,
	BATCH = 16,
	IDLE_US = 2000,
	AHEAD_MAX = 4000,
	HELD_JOBS = 1000000,
	HELD_STEPS = 10,
	HELD_SECONDS = 480
};

static const struct db_migration record_migration = {
	999, "records", "CREATE TABLE record (submission_id BIGINT PRIMARY KEY, report TEXT NOT NULL);"
};
static const char report[] = "{\"verdict\":\"AC\",\"time_us\":1234,\"memory_bytes\":5678901,\"tests\":[]}";

/* What is in the hands of one worker. */
struct worker {
	char session[16];
	size_t idle;
	sem_t has_some; /* and once for each slot when all is over */
	struct queue_job given[SLOTS_EACH];
	size_t given_count;
};

struct line {
	struct db *db;
	struct queue_marks *marks;
	struct db_gather *puts, *ends;
	size_t batch;
	_Atomic int64_t put, finished, last_id, transactions;
	int64_t until_us, goal; /* ends at the time, or when so many are finished; goal 0: none */
	struct samples claim_us;
	int64_t reap_max_us;
	_Atomic int code;

	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t idle, room;
	struct worker workers[WORKERS_MAX];
	size_t worker_count;
	bool over; /* nothing is given out any more */
	struct error err;
};

static bool goes_on(struct line *line)
{
	return atomic_load(&line->code) == 0 && clock_monotonic_us() < line->until_us &&
	       (!line->goal || atomic_load(&line->finished) < line->goal);
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
	int64_t first;
	size_t count;
};

/* Of a hundred users, in two languages. */
static int put_gathered(struct db_tx *tx, void *context, void *const *items, size_t count, struct error *err)
{
	struct line *line = context;
	cleanup_pool struct pool *pool = pool_new();
	struct queue_entry *entries = pool_array(pool, count * BATCH, sizeof *entries);
	size_t total = 0;
	for (size_t i = 0; i < count; i++) {
		const struct putting *putting = items[i];
		for (int64_t id = putting->first; id < putting->first + (int64_t)putting->count; id++)
			entries[total++] =
				(struct queue_entry){ .submission_id = id,
						      .class = JOB_SUBMISSION,
						      .capability = id % 2 ? "c" : "python",
						      .user_id = pool_printf(pool, "user%d", (int)(id % 100)),
						      .max_attempts = 3 };
	}
	return queue_enqueue(tx, line->marks, entries, total, clock_wall_ms(), err);
}

static void wait_for_room(struct line *line)
{
	pthread_mutex_lock(&line->mutex);
	while (!line->over && atomic_load(&line->put) - atomic_load(&line->finished) > AHEAD_MAX)
		pthread_cond_wait(&line->room, &line->mutex);
	pthread_mutex_unlock(&line->mutex);
}

static void *produce(void *argument)
{
	struct line *line = argument;
	struct error err;
	while (goes_on(line)) {
		wait_for_room(line);
		struct putting putting = { atomic_fetch_add(&line->last_id, (int64_t)line->batch) + 1,
					   line->batch };
		if (db_gather_run(line->puts, &putting, &err) < 0)
			give_up(line, &err);
		atomic_fetch_add(&line->put, (int64_t)line->batch);
	}
	return NULL;
}

/* ---- given out ---- */

struct taking {
	struct line *line;
	struct pool *pool;
	struct queue_taker takers[WORKERS_MAX];
	struct worker *of[WORKERS_MAX];
	size_t count;
};

static int take_some(struct db_tx *tx, void *context, struct error *err)
{
	struct taking *taking = context;
	struct queue_claim claim = { .takers = taking->takers,
				     .taker_count = taking->count,
				     .now_ms = clock_wall_ms(),
				     .lease_ms = 15000 };
	queue_keep(&claim);
	int code = db_relax(tx, err);
	return code < 0 ? code : queue_claim(tx, taking->line->marks, &claim, taking->pool, err);
}

/* Who has idle slots; false when all is over. */
static bool find_takers(struct line *line, struct taking *taking)
{
	static const char *const capabilities[] = { "python", "javascript", "java", "cpp",       "c",
						    "csharp", "go",         "rust", "typescript" };
	taking->count = 0;
	pthread_mutex_lock(&line->mutex);
	while (taking->count == 0 && goes_on(line)) {
		for (size_t i = 0; i < line->worker_count; i++) {
			struct worker *worker = &line->workers[i];
			if (worker->idle == 0)
				continue;
			taking->of[taking->count] = worker;
			taking->takers[taking->count++] =
				(struct queue_taker){ .session = worker->session,
						      .capabilities = capabilities,
						      .capability_count =
							      sizeof capabilities / sizeof capabilities[0],
						      .wanted = worker->idle };
		}
		if (taking->count == 0)
			pthread_cond_wait(&line->idle, &line->mutex);
	}
	pthread_mutex_unlock(&line->mutex);
	return taking->count > 0;
}

static size_t give_out(struct line *line, const struct taking *taking)
{
	size_t total = 0;
	pthread_mutex_lock(&line->mutex);
	for (size_t i = 0; i < taking->count; i++) {
		struct worker *worker = taking->of[i];
		for (size_t j = 0; j < taking->takers[i].count; j++)
			worker->given[worker->given_count++] = taking->takers[i].jobs[j];
		worker->idle -= taking->takers[i].count;
		total += taking->takers[i].count;
	}
	if (atomic_load(&line->put) - atomic_load(&line->finished) < AHEAD_MAX / 2)
		pthread_cond_broadcast(&line->room);
	pthread_mutex_unlock(&line->mutex);
	for (size_t i = 0; i < taking->count; i++)
		for (size_t j = 0; j < taking->takers[i].count; j++)
			sem_post(&taking->of[i]->has_some);
	return total;
}

static void *dispatch(void *argument)
{
	struct line *line = argument;
	struct taking taking = { .line = line };
	struct error err;
	while (find_takers(line, &taking)) {
		cleanup_pool struct pool *pool = pool_new();
		taking.pool = pool;
		int64_t began_us = clock_monotonic_us();
		if (db_write(line->db, take_some, &taking, &err) < 0) {
			give_up(line, &err);
			break;
		}
		samples_add(&line->claim_us, (double)(clock_monotonic_us() - began_us));
		if (give_out(line, &taking) == 0)
			usleep(IDLE_US);
	}
	pthread_mutex_lock(&line->mutex);
	line->over = true;
	pthread_cond_broadcast(&line->room);
	pthread_mutex_unlock(&line->mutex);
	for (size_t i = 0; i < line->worker_count * SLOTS_EACH; i++)
		sem_post(&line->workers[i / SLOTS_EACH].has_some);
	return NULL;
}

/* ---- and out ---- */

static int end_gathered(struct db_tx *tx, void *context, void *const *items, size_t count, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *records = json_array();
	cleanup_buffer struct buffer text = { 0 };
	struct queue_end *ends = pool_array(pool, count, sizeof *ends);
	for (size_t i = 0; i < count; i++) {
		const struct queue_job *job = items[i];
		ends[i] = (struct queue_end){ job->id, job->lease, 0 };
	}
	int code = queue_finish(tx, ends, count, err);
	for (size_t i = 0; i < count && code == 0; i++) {
		if (ends[i].submission_id == 0)
			return error_set(err, -ESTALE, "a lease was lost");
		json_array_append_new(records,
				      json_pack("[I, s]", (json_int_t)ends[i].submission_id, report));
	}
	if (code == 0 && json_write(records, &text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO record (submission_id, report)"
				 " SELECT CAST(value ->> 0 AS INTEGER), value ->> 1"
				 " FROM json_each($1 /*pg ::jsonb*/)",
				 DB_VALUES(db_text(buffer_text(&text))), NULL, err);
}

struct slot {
	struct line *line;
	struct worker *worker;
};

static bool next_job(struct slot *slot, struct queue_job *job)
{
	struct line *line = slot->line;
	struct worker *worker = slot->worker;
	pthread_mutex_lock(&line->mutex);
	worker->idle++;
	pthread_cond_signal(&line->idle);
	pthread_mutex_unlock(&line->mutex);
	while (sem_wait(&worker->has_some) < 0)
		;
	pthread_mutex_lock(&line->mutex);
	bool got = worker->given_count > 0;
	if (got)
		*job = worker->given[--worker->given_count];
	pthread_mutex_unlock(&line->mutex);
	return got;
}

static void *work_off(void *argument)
{
	struct slot *slot = argument;
	struct queue_job job;
	struct error err;
	while (next_job(slot, &job)) {
		if (db_gather_run(slot->line->ends, &job, &err) < 0)
			give_up(slot->line, &err);
		atomic_fetch_add(&slot->line->finished, 1);
	}
	return NULL;
}

/* ---- aside, as a service's reaper does it ---- */

static int reap(struct db_tx *tx, void *context, struct error *err)
{
	struct line *line = context;
	cleanup_pool struct pool *pool = pool_new();
	struct queue_returned *returned;
	size_t count;
	int64_t now_ms = clock_wall_ms();
	return queue_reap(tx, line->marks, NULL, now_ms, pool, &returned, &count, err);
}

static int look(struct db_tx *tx, void *context, struct error *err)
{
	struct line *line = context;
	return queue_look(tx, line->marks, clock_wall_ms(), err);
}

static void *tidy(void *argument)
{
	struct line *line = argument;
	struct error err;
	while (goes_on(line)) {
		int code = db_read(line->db, look, line, &err);
		int64_t began_us = clock_monotonic_us();
		if (code == 0)
			code = db_write(line->db, reap, line, &err);
		int64_t took_us = clock_monotonic_us() - began_us;
		if (code < 0)
			give_up(line, &err);
		if (took_us > line->reap_max_us)
			line->reap_max_us = took_us;
		for (int i = 0; i < 20 && goes_on(line); i++)
			usleep(50000);
	}
	return NULL;
}

/* ---- a run ---- */

static void start_thread(pthread_t *thread, void *(*body)(void *), void *argument)
{
	if (pthread_create(thread, NULL, body, argument) != 0)
		abort();
}

static void run_threads(struct line *line)
{
	pthread_t producers[PRODUCERS], slots[WORKERS_MAX * SLOTS_EACH], dispatcher, tidier;
	struct slot places[WORKERS_MAX * SLOTS_EACH];
	size_t slot_count = line->worker_count * SLOTS_EACH;
	for (size_t i = 0; i < slot_count; i++) {
		places[i] = (struct slot){ line, &line->workers[i / SLOTS_EACH] };
		start_thread(&slots[i], work_off, &places[i]);
	}
	for (size_t i = 0; i < PRODUCERS; i++)
		start_thread(&producers[i], produce, line);
	start_thread(&dispatcher, dispatch, line);
	start_thread(&tidier, tidy, line);
	pthread_join(dispatcher, NULL); /* it ends the others */
	pthread_join(tidier, NULL);
	for (size_t i = 0; i < PRODUCERS; i++)
		pthread_join(producers[i], NULL);
	for (size_t i = 0; i < slot_count; i++)
		pthread_join(slots[i], NULL);
}

static double cpu_s(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The PostgreSQL that was started for this; 0: none was. */
static pid_t server;

/* What a process used, in ticks, and its parent; with its ended children, if it is the server. */
static long long ticks_of(const char *name)
{
	char path[64], text[512];
	long long parent, ticks[4];
	snprintf(path, sizeof path, "/proc/%s/stat", name);
	cleanup_file FILE *file = fopen(path, "re");
	size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
	text[size] = '\0';
	const char *end = strrchr(text, ')');
	if (!end || sscanf(end + 2, "%*c %lld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld",
			   &parent, &ticks[0], &ticks[1], &ticks[2], &ticks[3]) != 5)
		return 0;
	if (atoi(name) == server)
		return ticks[0] + ticks[1] + ticks[2] + ticks[3];
	return parent == server ? ticks[0] + ticks[1] : 0;
}

static double server_cpu_s(void)
{
	long long ticks = 0;
	DIR *processes = server ? opendir("/proc") : NULL;
	for (struct dirent *entry; processes && (entry = readdir(processes));)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			ticks += ticks_of(entry->d_name);
	if (processes)
		closedir(processes);
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static void note_transaction(void *context, bool write, int code, int64_t took_us)
{
	_Atomic int64_t *transactions = context;
	atomic_fetch_add(transactions, 1);
}

struct result {
	double rate, cpu_us, server_cpu_us, transactions; /* all but the first by job */
};

static int run_line(struct line *line, struct result *result, struct error *err)
{
	int64_t began_us = clock_monotonic_us();
	double cpu = cpu_s(), server_cpu = server_cpu_s();
	pthread_mutex_init(&line->mutex, NULL);
	pthread_cond_init(&line->idle, NULL);
	pthread_cond_init(&line->room, NULL);
	for (size_t i = 0; i < line->worker_count; i++) {
		sem_init(&line->workers[i].has_some, 0, 0);
		snprintf(line->workers[i].session, sizeof line->workers[i].session, "w%zu", i);
	}
	if (line->until_us == 0)
		line->until_us = began_us + SECONDS * 1000000LL;
	int code = db_gather_new(line->db, put_gathered, line, &line->puts, err);
	if (code == 0)
		code = db_gather_new(line->db, end_gathered, line, &line->ends, err);
	db_observe(line->db, (struct db_observer){ note_transaction, &line->transactions });
	if (code == 0)
		run_threads(line);
	db_observe(line->db, (struct db_observer){ 0 });
	db_gather_free(line->puts);
	db_gather_free(line->ends);
	double jobs = (double)atomic_load(&line->finished);
	*result = (struct result){ jobs * 1e6 / (double)(clock_monotonic_us() - began_us),
				   (cpu_s() - cpu) * 1e6 / jobs, (server_cpu_s() - server_cpu) * 1e6 / jobs,
				   (double)atomic_load(&line->transactions) / jobs };
	for (size_t i = 0; i < line->worker_count; i++)
		sem_destroy(&line->workers[i].has_some);
	pthread_cond_destroy(&line->idle);
	pthread_cond_destroy(&line->room);
	pthread_mutex_destroy(&line->mutex);
	if (code == 0 && atomic_load(&line->code) < 0)
		code = error_set(err, line->code, "%s", line->err.text);
	return code;
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

#define AS_JSON                                                                \
	"{\"figure\":\"%s\",\"jobs_per_second\":%.0f,\"cpu_us_per_job\":%.0f," \
	"\"postgres_cpu_us_per_job\":%.0f,\"transactions_per_job\":%.3f,"      \
	"\"claim_ms\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},\"reap_max_ms\":%.0f}\n"
#define AS_TEXT                                                                                   \
	"%-40s %6.0f jobs/s   a job: own CPU %.0f us, PostgreSQL's %.0f us, %.3f transactions   " \
	"ms: claim p50 %.2f, p99 %.2f, max %.2f; reap max %.0f\n"

static void print_result(const char *name, const struct result *result, struct line *line, bool json)
{
	double p50 = samples_quantile(&line->claim_us, 0.5) / 1000,
	       p99 = samples_quantile(&line->claim_us, 0.99) / 1000,
	       worst = samples_quantile(&line->claim_us, 1) / 1000, reap = (double)line->reap_max_us / 1000;
	if (json)
		printf(AS_JSON, name, result->rate, result->cpu_us, result->server_cpu_us,
		       result->transactions, p50, p99, worst, reap);
	else
		printf(AS_TEXT, name, result->rate, result->cpu_us, result->server_cpu_us,
		       result->transactions, p50, p99, worst, reap);
	fflush(stdout);
}

static int measure(const char *database, const char *url, size_t workers, size_t batch, bool json,
		   struct error *err)
{
	cleanup_with(close_db_at) struct db *db = NULL;
	cleanup_with(free_marks_at) struct queue_marks *marks = queue_marks_new();
	char name[64];
	struct result result;
	int code = open_queue(url, &db, err);
	if (code < 0)
		return code;
	struct line line = { .db = db,
			     .marks = marks,
			     .worker_count = workers,
			     .batch = batch,
			     .last_id = clock_wall_ms() * 1000 };
	code = run_line(&line, &result, err);
	snprintf(name, sizeof name, "queue %s, %zu slots, %s", database, workers * SLOTS_EACH,
		 batch > 1 ? "batched" : "one by one");
	if (code == 0)
		print_result(name, &result, &line, json);
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
	server = postgres.pid;
	code = work(postgres.url, json, err);
	server = 0;
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
	int code = measure("PostgreSQL", url, WORKERS, 1, json, err);
	if (code == 0)
		code = measure("PostgreSQL", url, WORKERS, BATCH, json, err);
	if (code == 0)
		code = measure("PostgreSQL", url, WORKERS_MAX, 1, json, err);
	return code < 0 ? code : measure("PostgreSQL", url, WORKERS_MAX, BATCH, json, err);
}

static int measure_sqlite(const char *url, bool json, struct error *err)
{
	int code = measure("SQLite", url, WORKERS, 1, json, err);
	return code < 0 ? code : measure("SQLite", url, WORKERS, BATCH, json, err);
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
	int64_t last_id = 0, through = 0, until_us = clock_monotonic_us() + HELD_SECONDS * 1000000LL;
	while (code == 0 && through < HELD_JOBS && clock_monotonic_us() < until_us) {
		struct line line = { .db = db,
				     .marks = marks,
				     .worker_count = WORKERS,
				     .batch = BATCH,
				     .last_id = last_id,
				     .until_us = until_us,
				     .goal = HELD_JOBS / HELD_STEPS };
		char name[64];
		struct result result;
		code = run_line(&line, &result, err);
		through += atomic_load(&line.finished);
		snprintf(name, sizeof name, "queue held open, %lld gone through", (long long)through);
		if (code == 0)
			print_result(name, &result, &line, json);
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
