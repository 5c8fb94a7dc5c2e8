/* The worker: claim, judge, report.
 *
 * Threads: one claims for all idle slots, one sends heartbeats, one tells of what runs, one a slot judges and
 * reports; all share one lock and one condition, which is signalled whenever anything changes. Nothing is kept: a worker that is
 * killed loses only work, which the service gives to another when the leases run out. */
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/blobs.h"
#include "base/clock.h"
#include "base/log.h"
#include "inside.h"

enum {
	FIRST_LEASE_MS = 15000, /* until the service says its own */
	CLAIM_END_MS = 500,     /* for the claim under way to be answered */
	HAND_BACK_MS = 600,     /* after the grace: to end what runs and tell the service */
	CANCEL_AGAIN_US = 50000,
	HEALTH_GRACE_MS = 100,
};

/* ---- waiting, with the lock held ---- */

bool worker_wait(struct worker *worker, int64_t until_us)
{
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };

	if (until_us == 0)
		return pthread_cond_wait(&worker->changed, &worker->lock) == 0;
	return pthread_cond_timedwait(&worker->changed, &worker->lock, &until) != ETIMEDOUT;
}

size_t worker_idle_slots(const struct worker *worker)
{
	size_t idle = 0;

	for (size_t i = 0; i < worker->slot_count; i++)
		idle += !worker->slots[i].assignment;
	return idle;
}

/* ---- start ---- */

static int start_thread(pthread_t *thread, bool *runs, void *(*main)(void *), void *argument,
			struct error *err)
{
	int code = pthread_create(thread, NULL, main, argument);

	if (code != 0)
		return error_set(err, -code, "start a thread: error %d", code);
	*runs = true;
	return 0;
}

static int make_slots(struct worker *worker, const struct worker_options *options, struct error *err)
{
	worker->slots = calloc(options->slots, sizeof *worker->slots);
	if (!worker->slots)
		return error_set(err, -ENOMEM, "out of memory");
	worker->slot_count = options->slots;
	for (size_t i = 0; i < worker->slot_count; i++) {
		struct slot *slot = &worker->slots[i];
		int code;

		slot->worker = worker;
		if ((code = judge_new(options->sandbox, options->catalogue, &slot->judge, err)) < 0 ||
		    (!is_direct(worker) && (code = service_client(worker, &slot->client, err)) < 0))
			return code;
		judge_set_output(slot->judge, live_note_output, slot);
		judge_set_programs(slot->judge, worker->programs);
		if (worker->config->worker_shares_tests)
			slot_share(slot);
	}
	return 0;
}

static int start_threads(struct worker *worker, struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < worker->slot_count && code == 0; i++)
		code = start_thread(&worker->slots[i].thread, &worker->slots[i].runs, slot_main,
				    &worker->slots[i], err);
	if (code == 0)
		code = start_thread(&worker->teller, &worker->teller_runs, live_main, worker, err);
	if (is_direct(worker))
		return code < 0 ? code : worker_direct_start(worker, err);
	if (code == 0)
		code = start_thread(&worker->beater, &worker->beater_runs, heartbeat_main, worker, err);
	if (code == 0)
		code = start_thread(&worker->claimer, &worker->claimer_runs, claim_main, worker, err);
	return code;
}

static void name_worker(struct worker *worker)
{
	char host[65] = "";

	gethostname(host, sizeof host - 1);
	snprintf(worker->name, sizeof worker->name, "%s:%ld", host, (long)getpid());
	random_uuid(worker->session);
}

/* Any of them, so that many workers spread. */
static void choose_service(struct worker *worker, const char *const *services)
{
	unsigned char dice;

	if (!services)
		return;
	worker->services = services;
	while (services[worker->service_count])
		worker->service_count++;
	random_bytes(&dice, 1);
	worker->service = worker->service_count > 0 ? dice % worker->service_count : 0;
}

static struct worker *new_worker(const struct worker_options *options)
{
	struct worker *worker = calloc(1, sizeof *worker);
	pthread_condattr_t attributes;

	if (!worker)
		return NULL;
	worker->config = options->config;
	worker->catalogue = options->catalogue;
	choose_service(worker, options->services);
	worker->ca_file = options->ca_file;
	worker->languages = options->languages;
	worker->token = options->token;
	worker->direct = options->direct > 0 ? options->direct : -1;
	worker->lease_ms = FIRST_LEASE_MS;
	worker->report_max_bytes = options->config->http_body_bytes;
	name_worker(worker);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_mutex_init(&worker->direct_lock, NULL);
	pthread_mutex_init(&worker->data_lock, NULL);
	worker->direct_data = -1;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->changed, &attributes);
	pthread_cond_init(&worker->judges, &attributes);
	pthread_condattr_destroy(&attributes);
	return worker;
}

/* To the services, and to who asks for our health. */
static int start_speaking(struct worker *worker, struct error *err)
{
	int code = service_client(worker, &worker->claim_client, err);

	if (code == 0)
		code = service_client(worker, &worker->beat_client, err);
	if (code == 0)
		code = service_client(worker, &worker->live_client, err);
	return code < 0 ? code : health_start(worker, err);
}

int worker_start(const struct worker_options *options, struct worker **ret_worker, struct error *err)
{
	struct worker *worker = new_worker(options);

	if (!worker)
		return error_set(err, -ENOMEM, "out of memory");
	blobs_start(worker);
	if (metrics_new(worker_metrics, METRIC_COUNT, &worker->metrics, err) < 0 ||
	    make_slots(worker, options, err) < 0 || (!is_direct(worker) && start_speaking(worker, err) < 0) ||
	    start_threads(worker, err) < 0) {
		if (is_direct(worker))
			worker_direct_failed(worker->direct, err->text);
		worker_stop(worker, 0);
		return error_wrap(err, "start the worker");
	}
	*ret_worker = worker;
	return 0;
}

/* ---- stop ---- */

static void join(pthread_t thread, bool *runs)
{
	if (*runs)
		pthread_join(thread, NULL);
	*runs = false;
}

/* The claim under way is left to end by itself, as its answer may hold tasks; it is broken off only when the
 * service does not end it. */
static void stop_claiming(struct worker *worker)
{
	struct timespec until;

	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	if (!worker->claimer_runs)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += CLAIM_END_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	if (heartbeat_stop(worker) && pthread_timedjoin_np(worker->claimer, NULL, &until) == 0)
		worker->claimer_runs = false;
	http_client_abort(worker->claim_client);
	join(worker->claimer, &worker->claimer_runs);
}

/* With the lock held. */
static bool wait_until_idle(struct worker *worker, int64_t until_us)
{
	while (worker_idle_slots(worker) < worker->slot_count && worker_wait(worker, until_us))
		;
	return worker_idle_slots(worker) == worker->slot_count;
}

/* A cancel that comes just before a run begins is lost: so it is said again until all is quiet. */
static void hand_back_all(struct worker *worker)
{
	int64_t end_us = clock_monotonic_us() + HAND_BACK_MS * INT64_C(1000);

	worker->draining = true;
	while (clock_monotonic_us() < end_us) {
		for (size_t i = 0; i < worker->slot_count; i++)
			if (worker->slots[i].judging)
				judge_cancel(worker->slots[i].judge);
		if (wait_until_idle(worker, clock_monotonic_us() + CANCEL_AGAIN_US))
			return;
	}
}

static void drain(struct worker *worker, int64_t until_us)
{
	pthread_mutex_lock(&worker->lock);
	if (!wait_until_idle(worker, until_us))
		hand_back_all(worker);
	pthread_mutex_unlock(&worker->lock);
}

static void end_threads(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->finished = true;
	pthread_cond_broadcast(&worker->changed);
	pthread_cond_broadcast(&worker->judges);
	pthread_mutex_unlock(&worker->lock);
	if (worker->beat_client)
		http_client_abort(worker->beat_client);
	join(worker->beater, &worker->beater_runs);
	if (worker->live_client)
		http_client_abort(worker->live_client);
	join(worker->teller, &worker->teller_runs);
	for (size_t i = 0; i < worker->slot_count; i++) {
		if (worker->slots[i].client)
			http_client_abort(worker->slots[i].client);
		join(worker->slots[i].thread, &worker->slots[i].runs);
	}
}

static void free_worker(struct worker *worker)
{
	for (size_t i = 0; i < worker->slot_count; i++) {
		judge_free(worker->slots[i].judge);
		http_client_free(worker->slots[i].client);
		buffer_free(&worker->slots[i].live.output);
	}
	http_client_free(worker->claim_client);
	http_client_free(worker->beat_client);
	http_client_free(worker->live_client);
	pthread_cond_destroy(&worker->changed);
	pthread_cond_destroy(&worker->judges);
	pthread_mutex_destroy(&worker->lock);
	pthread_mutex_destroy(&worker->direct_lock);
	pthread_mutex_destroy(&worker->data_lock);
	blobs_close(worker->blobs);
	programs_close(worker->programs);
	metrics_free(worker->metrics);
	free(worker->slots);
	free(worker);
}

void worker_stop(struct worker *worker, int64_t grace_ms)
{
	int64_t until_us = clock_monotonic_us() + grace_ms * 1000;

	if (!worker)
		return;
	stop_claiming(worker);
	drain(worker, until_us);
	end_threads(worker);
	if (is_direct(worker))
		worker_direct_stop(worker);
	else
		heartbeat_leave(worker);
	if (worker->health) {
		http_server_stop(worker->health, HEALTH_GRACE_MS);
		http_server_free(worker->health);
	}
	free_worker(worker);
}
