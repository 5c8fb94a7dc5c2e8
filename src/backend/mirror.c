/* The thread that runs errands to the execution service (errand.h).
 *
 * Each of its rounds is: note what has been answered, in one transaction; take what is due, in another, as much as
 * there is room for; send it. The remote's own thread calls on_answer(), which only puts the flight into a list. An
 * errand that was not noted, because the process died or the database was away, is due again when its lease is over:
 * everything that is sent carries an id of ours, so that sending it twice is the same as once. */
#include "mirror.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "data_sender.h"
#include "errand.h"
#include "remote.h"

enum {
	AT_ONCE = 48,   /* under way */
	BATCH = 16,     /* taken of a kind in one transaction */
	LOOK_MS = 1000, /* at the latest: replicas leave something behind too */
	MARGIN_MS = 5000,
	SWEEP_MS = 600000,
};

struct flight {
	struct flight *next;
	struct mirror *mirror;
	struct errand errand;
	struct remote_answer answer;
};

struct mirror {
	struct backend *backend;
	struct data_sender *sender;
	pthread_t thread;
	bool runs;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken, stopping;
	struct flight *ended; /* on_answer() adds, the thread takes */

	/* the thread's own */
	struct flight *unnoted; /* answered; the database did not take it yet */
	size_t under_way;
	int64_t swept_ms;
};

/* ---- what has been answered ---- */

static void on_answer(void *context, const struct remote_answer *answer)
{
	struct flight *flight = context;
	struct mirror *m = flight->mirror;

	flight->answer = *answer;
	json_incref(flight->answer.json);
	pthread_mutex_lock(&m->lock);
	flight->next = m->ended;
	m->ended = flight;
	m->woken = true;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void flights_free(struct flight *flights)
{
	while (flights) {
		struct flight *next = flights->next;

		json_decref(flights->answer.json);
		free(flights);
		flights = next;
	}
}

/* To those that were answered, and not noted, come those that were answered since. */
static void collect(struct mirror *m)
{
	struct flight **last = &m->unnoted;

	while (*last)
		last = &(*last)->next;
	pthread_mutex_lock(&m->lock);
	*last = m->ended;
	m->ended = NULL;
	pthread_mutex_unlock(&m->lock);
	for (struct flight *flight = *last; flight; flight = flight->next)
		m->under_way--;
}

struct noting {
	const struct mirror *mirror;
	const struct flight *first, *end; /* those before `end` */
};

static int note_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct noting *n = context;
	cleanup_pool struct pool *pool = pool_new();
	int64_t now_ms = clock_wall_ms();
	int code = pool ? 0 : error_set(err, -ENOMEM, "out of memory");

	for (const struct flight *flight = n->first; flight != n->end && code >= 0; flight = flight->next)
		code = errand_note(tx, pool, &flight->errand, &flight->answer,
				   n->mirror->backend->config->service_ask_after_s, now_ms, err);
	return code;
}

/* All of them at once; if that fails, one by one, so that none stands in the others' way: it will be due again. False
 * while the database is away. */
static bool note_all(struct mirror *m)
{
	struct error err;
	int code = db_write(m->backend->db, note_work, &(struct noting){ m, m->unnoted, NULL }, &err);

	for (struct flight *flight = m->unnoted; flight && code < 0; flight = flight->next) {
		if (code == -EAGAIN || code == -EIO) {
			log_error("mirror: could not note answers", LOG_TEXT("error", err.text));
			return false;
		}
		code = db_write(m->backend->db, note_work, &(struct noting){ m, flight, flight->next }, &err);
		if (code < 0)
			log_error("mirror: could not note an answer",
				  LOG_INT("submission", flight->errand.submission_id),
				  LOG_INT("contest", flight->errand.contest_id), LOG_TEXT("error", err.text));
		if (code != -EAGAIN && code != -EIO)
			code = -ECANCELED; /* the next one alone, too */
	}
	return code != -EAGAIN && code != -EIO;
}

static void note_answered(struct mirror *m)
{
	char key[KEY_BYTES];

	collect(m);
	if (!m->unnoted || !note_all(m))
		return;
	for (const struct flight *flight = m->unnoted; flight; flight = flight->next)
		if (flight->errand.submission_id != 0)
			backend_wake(m->backend, key_submission(flight->errand.submission_id, key));
	flights_free(m->unnoted);
	m->unnoted = NULL;
}

/* ---- what is due ---- */

struct taking {
	const struct backend *backend;
	struct pool *pool;
	int64_t now_ms, until_ms;
	bool sweeps;
	struct errand *errands;
	struct errand_request *requests;
	size_t count;
};

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct taking *t = context;
	struct db_rows rows;
	int code =
		db_run(tx, t->pool,
		       "SELECT (SELECT count(*) FROM (SELECT 1 FROM dispatch WHERE ended = 0 AND due_ms <= $1"
		       " LIMIT 1) a) + (SELECT count(*) FROM (SELECT 1 FROM contest WHERE mirrored < revision"
		       " AND mirror_ms <= $1 LIMIT 1) b) + (SELECT count(*) FROM (SELECT 1 FROM"
		       " contest_removed WHERE mirror_ms <= $1 LIMIT 1) c)",
		       DB_VALUES(db_int(t->now_ms)), &rows, err);

	if (code == 0)
		t->count = (size_t)db_int_at(&rows, 0, 0, 0);
	return code;
}

static int take_work(struct db_tx *tx, void *context, struct error *err)
{
	struct taking *t = context;
	int code = t->sweeps ? dispatch_sweep(tx, t->now_ms, err) : 0;

	return code < 0 ? code
			: errands_take(tx, t->backend, t->pool, t->now_ms, t->until_ms, BATCH, &t->errands,
				       &t->requests, &t->count, err);
}

/* A problem's test data goes there once, and this waits for it. Should it be lost there, it is asked for again. */
static bool put_data(struct mirror *m, const struct errand *errand, const struct errand_request *request)
{
	struct error err;

	if (!request->data || request->data->count == 0)
		return true;
	if (errand->tries > 0)
		data_sender_forget(m->sender, request->data);
	if (data_sender_put(m->sender, request->data, &err) == 0)
		return true;
	log_warning("execution service got no test data", LOG_INT("submission", errand->submission_id),
		    LOG_TEXT("error", err.text));
	return false;
}

static void fly(struct mirror *m, const struct errand *errand, const struct errand_request *request)
{
	struct flight *flight = calloc(1, sizeof *flight);
	struct error err;

	if (!flight)
		return; /* due again after its lease */
	flight->mirror = m;
	flight->errand = *errand;
	m->under_way++;
	if (!put_data(m, errand, request)) {
		on_answer(flight,
			  &(struct remote_answer){
				  .failure = 503,
				  .retry_s = 5,
				  .why = "The execution service cannot be given the test data; try again" });
		return;
	}
	if (remote_call(m->backend->remote,
			&(struct remote_request){ .method = request->method,
						  .path = request->path,
						  .body = request->body,
						  .request_id = request->request_id,
						  .trace = request->trace },
			on_answer, flight, &err) < 0)
		on_answer(flight,
			  &(struct remote_answer){ .failure = 503,
						   .retry_s = 1,
						   .why = "This server has too much to do; try again" });
}

/* True when there may be more that is due. */
static bool send_due(struct mirror *m)
{
	cleanup_pool struct pool *pool = pool_new();
	int64_t now_ms = clock_wall_ms();
	struct taking taking = { .backend = m->backend,
				 .pool = pool,
				 .now_ms = now_ms,
				 .until_ms = now_ms + m->backend->config->service_timeout_ms + MARGIN_MS,
				 .sweeps = now_ms - m->swept_ms > SWEEP_MS };
	struct error err;

	if (!pool || m->under_way > AT_ONCE - BATCH)
		return false;
	if (db_read(m->backend->db, look_work, &taking, &err) < 0 ||
	    ((taking.count > 0 || taking.sweeps) && db_write(m->backend->db, take_work, &taking, &err) < 0)) {
		log_error("mirror: could not look what is due", LOG_TEXT("error", err.text));
		return false;
	}
	if (taking.sweeps)
		m->swept_ms = now_ms;
	if (!taking.requests)
		return false;
	for (size_t i = 0; i < taking.count; i++)
		fly(m, &taking.errands[i], &taking.requests[i]);
	return taking.count >= BATCH;
}

/* ---- the thread ---- */

/* False when it has to stop. */
static bool wait_for_work(struct mirror *m)
{
	int64_t until_us = clock_monotonic_us() + LOOK_MS * 1000;
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
	int code = 0;

	pthread_mutex_lock(&m->lock);
	while (!m->woken && !m->stopping && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&m->changed, &m->lock, &until);
	m->woken = false;
	bool goes_on = !m->stopping;
	pthread_mutex_unlock(&m->lock);
	return goes_on;
}

static void *run(void *argument)
{
	struct mirror *m = argument;

	do {
		do
			note_answered(m);
		while (send_due(m));
	} while (wait_for_work(m));
	return NULL;
}

void mirror_wake(struct mirror *m)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	m->woken = true;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

/* ---- start and stop ---- */

static int start_sender(struct mirror *m, struct error *err)
{
	const struct config *config = m->backend->config;

	return data_sender_start(&(struct data_sender_options){ .url = config->service_url,
								.key = config->service_key,
								.timeout_ms = config->service_timeout_ms,
								.data = m->backend->data },
				 &m->sender, err);
}

int mirror_start(struct backend *backend, struct mirror **mirror, struct error *err)
{
	struct mirror *m = calloc(1, sizeof *m);
	pthread_condattr_t attributes;

	if (!m)
		return error_set(err, -ENOMEM, "out of memory");
	m->backend = backend;
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&m->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	int code = start_sender(m, err);
	if (code < 0) {
		mirror_free(m);
		return code;
	}
	code = pthread_create(&m->thread, NULL, run, m);
	if (code != 0) {
		mirror_free(m);
		return error_set(err, -code, "start the thread of errands: error %d", code);
	}
	pthread_setname_np(m->thread, "mirror");
	m->runs = true;
	*mirror = m;
	return 0;
}

void mirror_stop(struct mirror *m)
{
	if (!m || !m->runs)
		return;
	pthread_mutex_lock(&m->lock);
	m->stopping = true;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
	data_sender_stop(m->sender);
	pthread_join(m->thread, NULL);
	m->runs = false;
}

void mirror_free(struct mirror *m)
{
	if (!m)
		return;
	flights_free(m->ended);
	flights_free(m->unnoted);
	data_sender_free(m->sender);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
