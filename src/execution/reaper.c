/* Once a second: gives up workers that went silent, takes back what nobody works on, and lets idle workers
 * look again, so that a delayed job whose time has come (or a wake that got lost) waits a second at most. Once
 * a minute: writes down which API keys were used, and forgets webhooks that ended long ago. */
#include <errno.h>

#include "access.h"
#include "base/clock.h"
#include "base/log.h"
#include "live_store.h"
#include "outbox.h"
#include "service.h"
#include "work.h"

/* ---- once a minute ---- */

/* A batch is small enough that nobody notices it; while there is more, the next comes a second later. */
enum { FORGET_BATCH = 500, MINUTE_US = 60000000, DAY_MS = 86400000 };

struct minute {
	int64_t forget_us, note_us; /* when next */
};

struct forgetting {
	struct pool *pool;
	int64_t before_ms;
};

static int forget_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct forgetting *f = context;

	return outbox_forget(tx, f->pool, f->before_ms, FORGET_BATCH, err);
}

/* True when there may be more. */
static bool forget_webhooks(struct execution *service)
{
	cleanup_pool struct pool *pool = pool_new();
	int64_t keep_ms = service->config->webhook_keep_days * DAY_MS;
	struct forgetting forgetting = { .pool = pool, .before_ms = clock_wall_ms() - keep_ms };
	struct error err = { .text = "out of memory" };

	if (keep_ms == 0)
		return false;
	int forgotten = pool ? db_write(service->db, forget_work, &forgetting, &err) : -ENOMEM;
	if (forgotten < 0)
		log_error("old webhooks are not forgotten yet", LOG_TEXT("error", err.text));
	return forgotten == FORGET_BATCH;
}

static void note_uses_of_keys(struct execution *service)
{
	struct error err;

	if (access_note_uses(service, &err) < 0)
		log_error("uses of API keys are not noted", LOG_TEXT("error", err.text));
}

static void do_by_the_minute(struct execution *service, struct minute *minute)
{
	int64_t now_us = clock_monotonic_us();

	if (now_us >= minute->forget_us && !forget_webhooks(service))
		minute->forget_us = now_us + MINUTE_US;
	if (now_us >= minute->note_us) {
		minute->note_us = now_us + MINUTE_US;
		note_uses_of_keys(service);
	}
}

/* ---- once a second ---- */

static int look(struct db_tx *tx, void *context, struct error *err)
{
	struct execution *service = context;

	return queue_look(tx, service->marks, clock_wall_ms(), err);
}

static void reap_once(struct execution *service)
{
	cleanup_pool struct pool *pool = pool_new();
	struct error err;
	size_t count = 0;
	const char **gone =
		pool ? sessions_expire(service->sessions, clock_monotonic_us(), pool, &count) : NULL;

	if (!pool)
		return;
	for (size_t i = 0; i < count; i++)
		log_warning("worker lost", LOG_TEXT("session", gone[i]));
	if (live_sweep(service, &err) < 0)
		log_error("sweep failed", LOG_TEXT("error", err.text));
	if (db_read(service->db, look, service, &err) < 0)
		log_error("look failed", LOG_TEXT("error", err.text));
	int reaped = work_reap(service, gone, count, false, pool, &err);
	if (reaped < 0)
		log_error("reaper failed", LOG_TEXT("error", err.text));
	else if (reaped > 0)
		log_warning("jobs taken back", LOG_INT("jobs", reaped));
	execution_wake(service, KEY_JOBS);
}

/* False when the service stops. */
static bool wait_a_second(struct execution *service)
{
	struct timespec until;
	int code = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&service->lock);
	while (!service->stopping && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&service->wake_reaper, &service->lock, &until);
	bool stopping = service->stopping;
	pthread_mutex_unlock(&service->lock);
	return !stopping;
}

static void *reaper_main(void *argument)
{
	struct execution *service = argument;
	struct minute minute = { 0 };

	while (wait_a_second(service)) {
		reap_once(service);
		do_by_the_minute(service, &minute);
	}
	note_uses_of_keys(service);
	return NULL;
}

int reaper_start(struct execution *service, struct error *err)
{
	pthread_condattr_t attributes;
	int code;

	pthread_mutex_init(&service->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&service->wake_reaper, &attributes);
	pthread_condattr_destroy(&attributes);
	code = pthread_create(&service->reaper, NULL, reaper_main, service);
	if (code != 0)
		return error_set(err, -code, "start the reaper thread: error %d", code);
	service->reaper_runs = true;
	return 0;
}

void reaper_stop(struct execution *service)
{
	if (!service->reaper_runs)
		return;
	pthread_mutex_lock(&service->lock);
	service->stopping = true;
	pthread_cond_signal(&service->wake_reaper);
	pthread_mutex_unlock(&service->lock);
	pthread_join(service->reaper, NULL);
	service->reaper_runs = false;
}
