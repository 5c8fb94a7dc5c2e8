/* The table of figures, what is counted on the way, and GET /metrics. */
#include "metrics.h"

#include <stdio.h>

#include "base/clock.h"
#include "lifecycle.h"
#include "outbox.h"
#include "queue/queue.h"
#include "service.h"

/* clang-format off */
const struct metric_spec execution_metrics[METRIC_COUNT] = {
[METRIC_UPTIME] = { .kind = METRIC_GAUGE, "arena_uptime_seconds", "Time since the service started.", .unit = METRIC_MICROSECONDS },
[METRIC_DATABASE_UP] = { .kind = METRIC_GAUGE, "arena_database_up", "Whether the database answers: 1 or 0." },
[METRIC_WORKERS] = { .kind = METRIC_GAUGE, "arena_workers", "Workers that are connected to this service." },
[METRIC_SLOTS] = { .kind = METRIC_GAUGE, "arena_worker_slots", "Tasks that they can run at once." },
[METRIC_SLOTS_BUSY] = { .kind = METRIC_GAUGE, "arena_worker_slots_busy", "Tasks that they run now." },
[METRIC_JOBS] = { .kind = METRIC_GAUGE, "arena_queue_jobs", "Jobs in the queue: ready, leased to a worker, or delayed after a failure.", { "state" } },
[METRIC_READY_JOBS] = { .kind = METRIC_GAUGE, "arena_queue_ready_jobs", "Jobs that wait for a worker.", { "class", "language" } },
[METRIC_READY_AGE] = { .kind = METRIC_GAUGE, "arena_queue_ready_age_seconds", "Age of the oldest job that waits for a worker.", { "class", "language" }, METRIC_MICROSECONDS },
[METRIC_DEAD_LETTERS] = { .kind = METRIC_GAUGE, "arena_dead_letters", "Jobs that were given up and not requeued." },
[METRIC_WEBHOOKS_PENDING] = { .kind = METRIC_GAUGE, "arena_webhooks_pending", "Webhooks that are to be sent, at once or again." },
[METRIC_WEBHOOKS_DEAD] = { .kind = METRIC_GAUGE, "arena_webhooks_dead", "Webhooks that were given up and not replayed." },
[METRIC_WEBHOOKS_AGE] = { .kind = METRIC_GAUGE, "arena_webhooks_pending_age_seconds", "Age of the oldest webhook that is to be sent.", .unit = METRIC_MICROSECONDS },

[METRIC_SUBMISSIONS] = { .kind = METRIC_COUNTER, "arena_submissions_total", "Submissions and jobs that were created.", { "api" } },
[METRIC_CLAIMS] = { .kind = METRIC_COUNTER, "arena_claims_total", "Jobs that were given to workers.", { "class", "language" } },
[METRIC_QUEUE_TIME] = { .kind = METRIC_HISTOGRAM, "arena_queue_wait_seconds", "From entering the queue to a worker.", { "class" }, METRIC_MICROSECONDS },
[METRIC_RESULTS] = { .kind = METRIC_COUNTER, "arena_results_total", "Submissions that ended.", { "status", "verdict" } },
[METRIC_RETURNS] = { .kind = METRIC_COUNTER, "arena_requeued_total", "Jobs that came back unfinished: handed back, or taken from a worker that went silent." },
[METRIC_COMPILE_TIME] = { .kind = METRIC_HISTOGRAM, "arena_compile_seconds", "Time of compiles; cached ones are not counted.", { "language" }, METRIC_MICROSECONDS },
[METRIC_RUN_TIME] = { .kind = METRIC_HISTOGRAM, "arena_run_seconds", "Wall time of runs, each test one.", { "language" }, METRIC_MICROSECONDS },
[METRIC_OVERHEAD_TIME] = { .kind = METRIC_HISTOGRAM, "arena_overhead_seconds", "From claim to result, without compile and runs: boxes, comparison, network, database.", .unit = METRIC_MICROSECONDS },
[METRIC_HTTP] = { .kind = METRIC_COUNTER, "arena_http_requests_total", "Requests answered; status 0: the client had gone.", { "method", "route", "status" } },
[METRIC_HTTP_TIME] = { .kind = METRIC_HISTOGRAM, "arena_http_request_seconds", "Time of requests, with what clients asked to wait.", { "method", "route" }, METRIC_MICROSECONDS },
[METRIC_WEBHOOKS] = { .kind = METRIC_COUNTER, "arena_webhooks_total", "Attempts to send webhooks: delivered, failed, dead, or postponed as the receiver is left alone.", { "outcome" } },
[METRIC_WEBHOOK_TIME] = { .kind = METRIC_HISTOGRAM, "arena_webhook_seconds", "Time of attempts to send webhooks.", .unit = METRIC_MICROSECONDS },
[METRIC_TRANSACTIONS] = { .kind = METRIC_COUNTER, "arena_database_transactions_total", "Transactions: read or write, ok or error.", { "kind", "result" } },
[METRIC_TRANSACTION_TIME] = { .kind = METRIC_HISTOGRAM, "arena_database_transaction_seconds", "Time of transactions, with waiting for their turn.", { "kind" }, METRIC_MICROSECONDS },
};
/* clang-format on */

/* ---- on the way ---- */

void metrics_note_report(struct metrics *metrics, const char *language, const struct report *report,
			 int64_t whole_us)
{
	int64_t spent_us = 0;

	if (report->compile != COMPILE_NONE && !report->compile_cached) {
		metrics_observe(metrics, METRIC_COMPILE_TIME, report->compile_us, METRIC_LABELS(language));
		spent_us += report->compile_us;
	}
	for (size_t i = 0; i < report->run_count; i++) {
		int64_t wall_us = report->runs[i].wall_us;

		if (report->runs[i].verdict == VERDICT_SKIPPED || wall_us < 0) /* nothing was run */
			continue;
		metrics_observe(metrics, METRIC_RUN_TIME, wall_us, METRIC_LABELS(language));
		spent_us += wall_us;
	}
	metrics_observe(metrics, METRIC_OVERHEAD_TIME, whole_us > spent_us ? whole_us - spent_us : 0,
			METRIC_NO_LABELS);
}

void metrics_note_transaction(void *context, bool write, int code, int64_t took_us)
{
	struct metrics *metrics = context;
	const char *kind = write ? "write" : "read";

	metrics_add(metrics, METRIC_TRANSACTIONS, 1,
		    METRIC_LABELS(kind, db_code_is_failure(code) ? "error" : "ok"));
	metrics_observe(metrics, METRIC_TRANSACTION_TIME, took_us, METRIC_LABELS(kind));
}

/* A method of a client's own invention would be a label without bounds. */
static const char *method_label(const struct http_done *done)
{
	return *done->route ? done->method : "other";
}

void metrics_note_request(void *context, const struct http_done *done)
{
	const struct execution *service = context;
	const char *method = method_label(done);
	char status[16];

	snprintf(status, sizeof status, "%d", done->status);
	metrics_add(service->metrics, METRIC_HTTP, 1, METRIC_LABELS(method, done->route, status));
	metrics_observe(service->metrics, METRIC_HTTP_TIME, done->duration_us,
			METRIC_LABELS(method, done->route));
}

/* ---- at the moment ---- */

struct depths {
	struct pool *pool;
	struct queue_counts counts;
	struct queue_depth *depths;
	size_t count;
	int64_t dead_letters;
	struct outbox_counts webhooks;
};

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct depths *d = context;
	int code = queue_count(tx, &d->counts, err);

	if (code >= 0)
		code = queue_depths(tx, d->pool, &d->depths, &d->count, &d->dead_letters, err);
	return code < 0 ? code : outbox_count(tx, d->pool, &d->webhooks, err);
}

static int64_t age_us(int64_t since_ms, int64_t now_ms)
{
	return since_ms > 0 && since_ms < now_ms ? (now_ms - since_ms) * 1000 : 0;
}

static void set_depths(struct metrics *metrics, const struct depths *d, int64_t now_ms)
{
	metrics_set(metrics, METRIC_JOBS, d->counts.ready, METRIC_LABELS("ready"));
	metrics_set(metrics, METRIC_JOBS, d->counts.leased, METRIC_LABELS("leased"));
	metrics_set(metrics, METRIC_JOBS, d->counts.delayed, METRIC_LABELS("delayed"));
	for (size_t i = 0; i < d->count; i++) {
		const struct queue_depth *depth = &d->depths[i];
		const char *class = job_class_name(depth->class);

		metrics_set(metrics, METRIC_READY_JOBS, depth->ready,
			    METRIC_LABELS(class, depth->capability));
		metrics_set(metrics, METRIC_READY_AGE, age_us(depth->oldest_ms, now_ms),
			    METRIC_LABELS(class, depth->capability));
	}
	metrics_set(metrics, METRIC_DEAD_LETTERS, d->dead_letters, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_WEBHOOKS_PENDING, d->webhooks.pending, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_WEBHOOKS_DEAD, d->webhooks.dead, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_WEBHOOKS_AGE, age_us(d->webhooks.oldest_ms, now_ms), METRIC_NO_LABELS);
}

static void collect(struct metrics *metrics, void *context)
{
	static const enum execution_metric of_database[] = {
		METRIC_JOBS,         METRIC_READY_JOBS,       METRIC_READY_AGE,
		METRIC_DEAD_LETTERS, METRIC_WEBHOOKS_PENDING, METRIC_WEBHOOKS_DEAD,
		METRIC_WEBHOOKS_AGE
	};
	struct http_exchange *x = context;
	struct execution *service = http_context(x);
	struct sessions_figures workers = sessions_count(service->sessions);
	struct depths depths = { .pool = http_pool(x) };
	struct error err;

	metrics_set(metrics, METRIC_UPTIME, clock_monotonic_us() - service->started_us, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_WORKERS, (int64_t)workers.workers, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_SLOTS, (int64_t)workers.slots, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_SLOTS_BUSY, (int64_t)workers.busy, METRIC_NO_LABELS);
	for (size_t i = 0; i < sizeof of_database / sizeof of_database[0]; i++)
		metrics_clear(metrics, of_database[i]);
	bool up = db_read(service->db, look_work, &depths, &err) >= 0;
	metrics_set(metrics, METRIC_DATABASE_UP, up, METRIC_NO_LABELS);
	if (up)
		set_depths(metrics, &depths, clock_wall_ms());
}

void metrics_get(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_buffer struct buffer text = { 0 };

	metrics_write(service->metrics, collect, x, &text);
	metrics_write_process(&text);
	http_reply(x, 200, METRICS_CONTENT_TYPE, text.data, text.size);
}
