/* Sends webhooks: what is due goes from the outbox to net's outbound, and what became of it goes back.
 *
 * One thread, of which each round is: note what has ended, in one transaction; then look who has something due,
 * and take for each receiver as much as it has room for, in another. No receiver can take another's place: each
 * has its own few, and one that does not answer is not even looked at until it is asked again. The outbound's
 * own thread calls on_end(), which only puts the result into a list.
 *
 * At least once: an attempt that was not noted, because the process died or the database was away for longer
 * than a lease, is made again, under the same id. */
#include "delivery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "metrics.h"
#include "net/outbound.h"
#include "outbox.h"
#include "webhook.h"

enum {
	TOTAL = 256,      /* under way at once */
	BATCH = 64,       /* taken in one transaction */
	LOOK_MS = 1000,   /* at the latest: others record deliveries too */
	MEND_MS = 30000,  /* how often the clock is doubted */
	MARGIN_MS = 5000, /* of a lease, beyond the time that sending may take */
	RESPONSE_MAX = 65536,
	FAILURES = 5, /* then a receiver is left alone */
	PAUSE_MS = 5000,
	PAUSE_MAX_MS = 60000,
	FIRST_RECEIVERS = 16,
};

/* A receiver of which something is under way, or that is left alone. */
struct receiver {
	struct receiver *next;
	char name[OUTBOUND_ORIGIN_BYTES];
	size_t under_way;
	int64_t alone_until_us;
};

/* A delivery that is under way, and then what became of it. */
struct flight {
	struct flight *next;
	struct deliveries *deliveries;
	struct receiver *receiver;
	int64_t id, submission_id, begun_ms, retry_ms;
	int attempts; /* with this one */
	char lease[UUID_TEXT_BYTES], request_id[80];
	struct outbound_result result; /* its texts are not kept, but for: */
	char why[200];
};

struct deliveries {
	struct execution *service;
	const char *backend_url, *backend_secrets;
	struct webhook_schedule schedule;
	struct outbound_options options;
	struct outbound *outbound;
	struct pool *pool;
	pthread_t thread;
	bool runs;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken, stopping;
	struct flight *ended; /* on_end() adds, the thread takes */

	/* the thread's own */
	struct receiver *receivers;
	struct flight *unnoted; /* ended; the database did not take them yet */
	size_t under_way;
	int64_t mended_us, look_us;
};

/* ---- receivers ---- */

static struct receiver *find_receiver(const struct deliveries *d, const char *name)
{
	struct receiver *receiver = d->receivers;

	while (receiver && strcmp(receiver->name, name) != 0)
		receiver = receiver->next;
	return receiver;
}

/* NULL when memory is out. */
static struct receiver *receiver_of(struct deliveries *d, const char *name)
{
	struct receiver *receiver = find_receiver(d, name);

	if (receiver || !(receiver = calloc(1, sizeof *receiver)))
		return receiver;
	snprintf(receiver->name, sizeof receiver->name, "%s", name);
	receiver->next = d->receivers;
	return d->receivers = receiver;
}

static void forget_quiet_receivers(struct deliveries *d, int64_t now_us)
{
	for (struct receiver **slot = &d->receivers; *slot;) {
		struct receiver *receiver = *slot;

		if (receiver->under_way > 0 || receiver->alone_until_us > now_us) {
			slot = &receiver->next;
			continue;
		}
		*slot = receiver->next;
		free(receiver);
	}
}

/* Twice what may be sent at once: so that the next is there when one ends. */
static size_t room_of(const struct deliveries *d, const char *name, int64_t now_us)
{
	const struct receiver *receiver = find_receiver(d, name);
	size_t most = 2 * d->options.per_destination;

	if (receiver && receiver->alone_until_us > now_us)
		return 0;
	return receiver ? most - receiver->under_way : most;
}

/* ---- what has ended ---- */

static void on_end(void *context, const struct outbound_result *result)
{
	struct flight *flight = context;
	struct deliveries *d = flight->deliveries;

	flight->result = *result;
	snprintf(flight->why, sizeof flight->why, "%s", result->why);
	flight->result.why = flight->why;
	flight->result.body = "";
	pthread_mutex_lock(&d->lock);
	flight->next = d->ended;
	d->ended = flight;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

static struct flight *take_ended(struct deliveries *d)
{
	pthread_mutex_lock(&d->lock);
	struct flight *ended = d->ended;
	d->ended = NULL;
	pthread_mutex_unlock(&d->lock);
	return ended;
}

static void count_outcome(const struct deliveries *d, const struct flight *flight,
			  const struct webhook_outcome *outcome)
{
	static const char *const names[] = { [WEBHOOK_DELIVERED] = "delivered",
					     [WEBHOOK_AGAIN] = "failed",
					     [WEBHOOK_DEAD] = "dead",
					     [WEBHOOK_UNSENT] = "postponed" };
	struct metrics *metrics = d->service->metrics;

	metrics_add(metrics, METRIC_WEBHOOKS, 1, METRIC_LABELS(names[outcome->fate]));
	if (outcome->fate == WEBHOOK_UNSENT)
		return;
	metrics_observe(metrics, METRIC_WEBHOOK_TIME, flight->result.took_us, METRIC_NO_LABELS);
	log_set_request_id(flight->request_id);
	log_at(outcome->fate == WEBHOOK_DELIVERED ? LOG_INFO : LOG_WARNING, "webhook",
	       LOG_INT("submission", flight->submission_id), LOG_INT("delivery", flight->id),
	       LOG_TEXT("receiver", flight->receiver->name), LOG_INT("attempt", flight->attempts),
	       LOG_TEXT("outcome", names[outcome->fate]), LOG_TEXT("response", outcome->response),
	       LOG_INT("again_in_ms", outcome->delay_ms));
	log_set_request_id(NULL);
}

/* What is to be written, found out once however often the database is tried. */
struct noting {
	struct outbox_note note;
	struct webhook_outcome outcome;
	struct noting *next;
};

static struct noting *noting_of(struct deliveries *d, const struct flight *flight, int64_t now_ms,
				struct pool *pool)
{
	static const char *const states[] = { [WEBHOOK_DELIVERED] = "delivered",
					      [WEBHOOK_AGAIN] = "pending",
					      [WEBHOOK_DEAD] = "dead",
					      [WEBHOOK_UNSENT] = "pending" };
	struct noting *noting = pool_alloc(pool, sizeof *noting);
	uint32_t dice;

	if (!noting)
		return NULL;
	random_bytes(&dice, sizeof dice);
	struct webhook_outcome *outcome = &noting->outcome;
	webhook_outcome(&d->schedule, flight->attempts, now_ms - flight->begun_ms, dice, &flight->result,
			outcome);
	bool unsent = outcome->fate == WEBHOOK_UNSENT;
	noting->note = (struct outbox_note){ .id = flight->id,
					     .submission_id = flight->submission_id,
					     .lease = flight->lease,
					     .state = states[outcome->fate],
					     .attempts = flight->attempts - unsent,
					     .due_ms = now_ms + outcome->delay_ms,
					     .attempted = !unsent,
					     .status = flight->result.status,
					     .took_us = flight->result.took_us,
					     .response = unsent ? NULL : outcome->response };
	return noting;
}

struct note_all {
	struct noting *first;
	struct pool *pool;
	int64_t now_ms;
};

static int note_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct note_all *all = context;
	int code = 0;

	for (const struct noting *noting = all->first; noting && code == 0; noting = noting->next)
		code = outbox_note(tx, all->pool, &noting->note, all->now_ms, err);
	return code;
}

static int note_flights(struct deliveries *d, struct flight *flights, struct pool *pool, struct error *err)
{
	struct note_all all = { .pool = pool, .now_ms = clock_wall_ms() };
	struct noting **last = &all.first;

	for (struct flight *flight = flights; flight; flight = flight->next) {
		*last = noting_of(d, flight, all.now_ms, pool);
		if (!*last)
			return error_set(err, -ENOMEM, "out of memory");
		last = &(*last)->next;
	}
	int code = db_write(d->service->db, note_work, &all, err);
	const struct noting *noting = all.first;
	for (struct flight *flight = flights; flight && code >= 0;
	     flight = flight->next, noting = noting->next)
		count_outcome(d, flight, &noting->outcome);
	return code;
}

/* A receiver that says when it wants more is given that time, for all that is to go there; but not too long, as
 * what one URL of a server says need not be true of its others. */
static int64_t pause_of(const struct outbound_result *result)
{
	int64_t asked_ms = webhook_asked_ms(result);

	if (result->end == OUTBOUND_POSTPONED)
		return result->retry_ms;
	return asked_ms < PAUSE_MAX_MS ? asked_ms : PAUSE_MAX_MS;
}

/* Its receiver has room again, or is left alone. Not before it is noted: while the database takes nothing,
 * nothing more is sent. */
static void free_flight(struct deliveries *d, struct flight *flight, int64_t now_us)
{
	struct receiver *receiver = flight->receiver;
	int64_t until_us = now_us + pause_of(&flight->result) * 1000;

	receiver->under_way--;
	d->under_way--;
	if (until_us > receiver->alone_until_us)
		receiver->alone_until_us = until_us;
	free(flight);
}

static void free_flights(struct deliveries *d, struct flight *flights)
{
	while (flights) {
		struct flight *next = flights->next;

		free_flight(d, flights, clock_monotonic_us());
		flights = next;
	}
}

static void note_ended(struct deliveries *d)
{
	cleanup_pool struct pool *pool = pool_new();
	struct flight *ended = take_ended(d);
	struct error err = { .text = "out of memory" };

	while (ended) {
		struct flight *next = ended->next;

		ended->next = d->unnoted;
		d->unnoted = ended;
		ended = next;
	}
	if (!d->unnoted)
		return;
	if (!pool || note_flights(d, d->unnoted, pool, &err) < 0) {
		log_error("webhooks not noted yet", LOG_TEXT("error", err.text));
		return;
	}
	free_flights(d, d->unnoted);
	d->unnoted = NULL;
}

/* ---- what is due ---- */

struct claim_all {
	struct deliveries *d;
	struct pool *pool;
	int64_t now_ms, now_us;
	struct outbox_receiver *receivers;
	size_t receiver_count;
	struct outbox_delivery *deliveries;
	size_t count;
};

static int receivers_work(struct db_tx *tx, void *context, struct error *err)
{
	struct claim_all *all = context;

	return outbox_receivers(tx, all->pool, &all->receivers, &all->receiver_count, err);
}

static size_t wanted_of(const struct claim_all *all, const struct outbox_receiver *receiver)
{
	size_t room = receiver->due_ms > all->now_ms ? 0 : room_of(all->d, receiver->name, all->now_us);
	size_t left = BATCH - all->count, total = TOTAL - all->d->under_way - all->count;

	left = total < left ? total : left;
	return room < left ? room : left;
}

static int claim_work(struct db_tx *tx, void *context, struct error *err)
{
	struct claim_all *all = context;
	const struct deliveries *d = all->d;
	int64_t lease_ms = 2 * d->options.timeout_ms + MARGIN_MS;
	int code = 0;

	all->count = 0;
	for (size_t i = 0; i < all->receiver_count && code == 0; i++) {
		size_t wanted = wanted_of(all, &all->receivers[i]), count = 0;

		if (wanted > 0)
			code = outbox_claim(tx, all->pool, all->receivers[i].name, wanted, all->now_ms,
					    lease_ms, all->deliveries + all->count, &count, err);
		all->count += count;
	}
	return code;
}

/* When to look again: at the next that is due, but for those who have no room; an end wakes us then. */
static int64_t next_look_us(const struct claim_all *all)
{
	int64_t wait_ms = LOOK_MS;

	for (size_t i = 0; i < all->receiver_count; i++) {
		int64_t due_ms = all->receivers[i].due_ms - all->now_ms;

		if (due_ms > 0 && due_ms < wait_ms)
			wait_ms = due_ms;
	}
	return all->now_us + wait_ms * 1000;
}

static bool any_wanted(const struct claim_all *all)
{
	for (size_t i = 0; i < all->receiver_count; i++)
		if (wanted_of(all, &all->receivers[i]) > 0)
			return true;
	return false;
}

static int submit(struct deliveries *d, const struct outbox_delivery *delivery, struct flight *flight,
		  struct pool *pool, struct error *err)
{
	const char *url = delivery->url ? delivery->url : d->backend_url;
	struct webhook_attempt attempt = { .message = delivery->message,
					   .now_ms = clock_wall_ms(),
					   .secrets = delivery->url ? delivery->secrets : d->backend_secrets,
					   .request_id = delivery->request_id,
					   .trace = delivery->trace };
	attempt.body = outbox_body(delivery, pool, &attempt.body_size);
	const char *const *headers = attempt.body ? webhook_headers(&attempt, pool) : NULL;

	if (!headers)
		return error_set(err, -ENOMEM, "out of memory");
	if (!*url)
		return error_set(err, -EINVAL, "BACKEND_SERVICE_URL is not set any more");
	return outbound_submit(
		d->outbound,
		&(struct outbound_request){
			.method = "POST",
			.url = url,
			.headers = headers,
			.body = attempt.body,
			.body_size = attempt.body_size,
			.allow_private = !delivery->url || webhook_may_be_private(d->service->config, url) },
		on_end, flight, err);
}

/* Without memory nothing is sent; the lease ends by itself. */
static void send_one(struct deliveries *d, const struct outbox_delivery *delivery, struct pool *pool)
{
	struct receiver *receiver = receiver_of(d, delivery->receiver);
	struct flight *flight = receiver ? calloc(1, sizeof *flight) : NULL;
	struct error err;

	if (!flight)
		return;
	*flight = (struct flight){ .deliveries = d,
				   .receiver = receiver,
				   .id = delivery->id,
				   .submission_id = delivery->submission_id,
				   .begun_ms = delivery->begun_ms,
				   .attempts = delivery->attempts + 1 };
	memcpy(flight->lease, delivery->lease, sizeof flight->lease);
	snprintf(flight->request_id, sizeof flight->request_id, "%s",
		 delivery->request_id ? delivery->request_id : "");
	receiver->under_way++;
	d->under_way++;
	int code = submit(d, delivery, flight, pool, &err);
	if (code < 0)
		on_end(flight,
		       &(struct outbound_result){ .end = code == -ENOMEM ? OUTBOUND_FAILED : OUTBOUND_REFUSED,
						  .why = err.text,
						  .body = "" });
}

static int mend_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct claim_all *all = context;

	return outbox_mend(tx, all->pool, all->now_ms, err);
}

static int claim(struct deliveries *d, struct claim_all *all, struct error *err)
{
	int code = 0;

	if (all->now_us - d->mended_us > MEND_MS * INT64_C(1000)) {
		d->mended_us = all->now_us;
		code = db_write(d->service->db, mend_work, all, err);
	}
	if (code >= 0)
		code = db_read(d->service->db, receivers_work, all, err);
	if (code < 0 || !any_wanted(all))
		return code;
	return db_write(d->service->db, claim_work, all, err);
}

static void send_due(struct deliveries *d)
{
	cleanup_pool struct pool *pool = pool_new();
	struct claim_all all = {
		.d = d, .pool = pool, .now_ms = clock_wall_ms(), .now_us = clock_monotonic_us()
	};
	struct error err = { .text = "out of memory" };

	d->look_us = all.now_us + LOOK_MS * INT64_C(1000);
	all.deliveries = pool ? pool_array(pool, BATCH, sizeof *all.deliveries) : NULL;
	if (!all.deliveries || claim(d, &all, &err) < 0) {
		log_error("webhooks cannot be sent now", LOG_TEXT("error", err.text));
		return;
	}
	for (size_t i = 0; i < all.count; i++)
		send_one(d, &all.deliveries[i], pool);
	forget_quiet_receivers(d, all.now_us);
	d->look_us = all.count == BATCH ? 0 : next_look_us(&all);
}

/* ---- the thread ---- */

/* Until there is something to do; false when it has to stop. */
static bool wait_for_work(struct deliveries *d)
{
	struct timespec until = { .tv_sec = d->look_us / 1000000, .tv_nsec = d->look_us % 1000000 * 1000 };
	int code = 0;

	pthread_mutex_lock(&d->lock);
	while (!d->woken && !d->stopping && !d->ended && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&d->changed, &d->lock, &until);
	d->woken = false;
	bool goes_on = !d->stopping;
	pthread_mutex_unlock(&d->lock);
	return goes_on;
}

static void *run(void *argument)
{
	struct deliveries *d = argument;

	while (wait_for_work(d)) {
		note_ended(d);
		send_due(d);
	}
	outbound_free(d->outbound); /* everything under way has ended now */
	d->outbound = NULL;
	note_ended(d);
	return NULL;
}

void deliveries_wake(struct deliveries *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->woken = true;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

/* ---- start and stop ---- */

static int recover_work(struct db_tx *tx, void *context, struct error *err)
{
	const int64_t *now_ms = context;

	return outbox_recover(tx, *now_ms, err);
}

static int check_backend(const struct deliveries *d, struct error *err)
{
	const struct config *config = d->service->config;
	const char *fault = webhook_secret_fault(d->backend_secrets);
	char origin[OUTBOUND_ORIGIN_BYTES];

	if (!*config->backend_url)
		return 0;
	if (outbound_check(config->backend_url, true, origin, err) < 0)
		return error_wrap(err, "BACKEND_SERVICE_URL");
	if (fault)
		return error_set(err, -EINVAL, "BACKEND_WEBHOOK_SECRET: %s", fault);
	if (*d->backend_secrets)
		return 0;
	if (config->production)
		return error_set(
			err, -EINVAL,
			"BACKEND_WEBHOOK_SECRET is not set: the backend could not tell who calls it");
	log_warning("webhooks to the backend are not signed: BACKEND_WEBHOOK_SECRET is not set");
	return 0;
}

static int set_up(struct deliveries *d, struct error *err)
{
	const struct config *config = d->service->config;
	int64_t now_ms = clock_wall_ms();
	int code = 0;

	d->backend_url = *config->backend_url ? webhook_backend_url(config, d->pool) : "";
	if (!d->backend_url)
		return error_set(err, -ENOMEM, "out of memory");
	d->backend_secrets = webhook_backend_secrets(config);
	d->schedule = webhook_schedule(config->webhook_retries);
	d->options = (struct outbound_options){ .user_agent = "CodeExecutionService/1.0",
						.per_destination = (size_t)config->webhook_at_once,
						.total = TOTAL,
						.timeout_ms = config->webhook_timeout_ms,
						.response_max_bytes = RESPONSE_MAX,
						.failures = FAILURES,
						.pause_ms = PAUSE_MS,
						.pause_max_ms = PAUSE_MAX_MS };
	code = check_backend(d, err);
	if (code == 0 && !db_is_shared(d->service->db))
		code = db_write(d->service->db, recover_work, &now_ms, err);
	return code < 0 ? code : outbound_start(&d->options, &d->outbound, err);
}

static void stop_at(struct deliveries **d)
{
	deliveries_stop(*d);
}

int deliveries_start(struct execution *service, struct deliveries **deliveries, struct error *err)
{
	cleanup_with(stop_at) struct deliveries *d = calloc(1, sizeof *d);
	pthread_condattr_t attributes;

	if (!d)
		return error_set(err, -ENOMEM, "out of memory");
	d->service = service;
	d->pool = pool_new();
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	int code = d->pool ? set_up(d, err) : error_set(err, -ENOMEM, "out of memory");
	if (code < 0)
		return code;
	if ((code = pthread_create(&d->thread, NULL, run, d)) != 0)
		return error_set(err, -code, "start the thread of webhooks: error %d", code);
	pthread_setname_np(d->thread, "webhooks");
	d->runs = true;
	*deliveries = take_pointer(&d);
	return 0;
}

void deliveries_stop(struct deliveries *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
	if (d->runs)
		pthread_join(d->thread, NULL);
	outbound_free(d->outbound);
	free_flights(d, d->unnoted);
	while (d->receivers) {
		struct receiver *next = d->receivers->next;

		free(d->receivers);
		d->receivers = next;
	}
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	pool_free(d->pool);
	free(d);
}
