/* The table of figures, what is counted on the way, and GET /metrics. */
#include "metrics.h"

#include <stdio.h>

#include "base/clock.h"
#include "handlers.h"
#include "runner.h"

/* clang-format off */
const struct metric_spec backend_metrics[METRIC_COUNT] = {
[METRIC_UPTIME] = { .kind = METRIC_GAUGE, "arena_uptime_seconds", "Time since the service started.", .unit = METRIC_MICROSECONDS },
[METRIC_DATABASE_UP] = { .kind = METRIC_GAUGE, "arena_database_up", "Whether the database answers: 1 or 0." },
[METRIC_USERS] = { .kind = METRIC_GAUGE, "arena_backend_users", "Active accounts.", { "role" } },
[METRIC_DIRECT_UP] = { .kind = METRIC_GAUGE, "arena_backend_direct_up", "Whether the backend's own worker can run programs: 1 or 0." },
[METRIC_DIRECT_SLOTS] = { .kind = METRIC_GAUGE, "arena_backend_direct_slots", "Programs that it runs at once." },
[METRIC_DIRECT_RUNNING] = { .kind = METRIC_GAUGE, "arena_backend_direct_running", "Programs that it runs now." },
[METRIC_DIRECT_WAITING] = { .kind = METRIC_GAUGE, "arena_backend_direct_waiting", "Programs that wait for it." },
[METRIC_QUEUE_UP] = { .kind = METRIC_GAUGE, "arena_backend_queue_up", "Whether the queue service takes programs (its circuit breaker is closed, and it answered lately): 1 or 0." },
[METRIC_QUEUE_RUNNING] = { .kind = METRIC_GAUGE, "arena_backend_queue_running", "Programs that the queue service has of ours." },
[METRIC_SERVICE_SUBMISSIONS] = { .kind = METRIC_GAUGE, "arena_backend_service_submissions", "Submissions to the execution service without an end: unsent, which it has not got yet, and sent.", { "state" } },

[METRIC_RUNS] = { .kind = METRIC_COUNTER, "arena_backend_runs_total", "Programs that were run, by the way in which they ended: done, full, failed, cancelled.", { "way", "outcome" } },
[METRIC_FALLBACKS] = { .kind = METRIC_COUNTER, "arena_backend_fallbacks_total", "Programs that the queue service should have run and did not." },
[METRIC_SERVICE_CALLS] = { .kind = METRIC_COUNTER, "arena_backend_service_calls_total", "Requests to the execution service: answered, or failed.", { "outcome" } },
[METRIC_WEBHOOKS_IN] = { .kind = METRIC_COUNTER, "arena_backend_webhooks_total", "Webhooks that came: processed, unchanged, ignored, unknown, malformed, refused.", { "outcome" } },
[METRIC_SUBMISSIONS] = { .kind = METRIC_COUNTER, "arena_backend_submissions_total", "Submissions to problems that were judged.", { "verdict" } },
[METRIC_SIGN_INS] = { .kind = METRIC_COUNTER, "arena_backend_sign_ins_total", "Attempts to sign in: good, wrong (name or password), disabled, throttled.", { "outcome" } },
[METRIC_HTTP] = { .kind = METRIC_COUNTER, "arena_http_requests_total", "Requests answered; status 0: the client had gone.", { "method", "route", "status" } },
[METRIC_HTTP_TIME] = { .kind = METRIC_HISTOGRAM, "arena_http_request_seconds", "Time of requests, with what clients asked to wait.", { "method", "route" }, METRIC_MICROSECONDS },
[METRIC_TRANSACTIONS] = { .kind = METRIC_COUNTER, "arena_database_transactions_total", "Transactions: read or write, ok or error.", { "kind", "result" } },
[METRIC_TRANSACTION_TIME] = { .kind = METRIC_HISTOGRAM, "arena_database_transaction_seconds", "Time of transactions, with waiting for their turn.", { "kind" }, METRIC_MICROSECONDS },
};
/* clang-format on */

/* ---- on the way ---- */

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
	const struct backend *backend = context;
	const char *method = method_label(done);
	char status[16];

	snprintf(status, sizeof status, "%d", done->status);
	metrics_add(backend->metrics, METRIC_HTTP, 1, METRIC_LABELS(method, done->route, status));
	metrics_observe(backend->metrics, METRIC_HTTP_TIME, done->duration_us,
			METRIC_LABELS(method, done->route));
}

/* ---- at the moment ---- */

struct users {
	struct pool *pool;
	struct db_rows rows;
	int64_t unsent, sent; /* at the execution service */
};

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct users *u = context;
	struct db_rows rows;
	int code = db_run(
		tx, u->pool,
		"SELECT COALESCE(SUM(1 - sent), 0), COALESCE(SUM(sent), 0) FROM dispatch WHERE ended = 0",
		DB_NO_VALUES, &rows, err);

	if (code < 0)
		return code;
	u->unsent = db_int_at(&rows, 0, 0, 0);
	u->sent = db_int_at(&rows, 0, 1, 0);
	return db_run(tx, u->pool, "SELECT role, count(*) FROM account WHERE is_active = 1 GROUP BY role",
		      DB_NO_VALUES, &u->rows, err);
}

static void collect_runner(struct metrics *metrics, struct runner *runner)
{
	struct runner_status status;

	runner_look(runner, &status);
	metrics_set(metrics, METRIC_DIRECT_UP, status.direct_available, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_DIRECT_SLOTS, status.direct_slots, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_DIRECT_RUNNING, status.direct_running, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_DIRECT_WAITING, status.direct_waiting, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_QUEUE_UP, status.queue_available, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_QUEUE_RUNNING, status.queue_running, METRIC_NO_LABELS);
}

static void collect(struct metrics *metrics, void *context)
{
	struct http_exchange *x = context;
	struct backend *backend = http_context(x);
	struct users users = { .pool = http_pool(x) };
	struct error err;

	metrics_set(metrics, METRIC_UPTIME, clock_monotonic_us() - backend->started_us, METRIC_NO_LABELS);
	collect_runner(metrics, backend->runner);
	metrics_clear(metrics, METRIC_USERS);
	bool up = db_read(backend->db, look_work, &users, &err) >= 0;
	metrics_set(metrics, METRIC_DATABASE_UP, up, METRIC_NO_LABELS);
	if (up) {
		metrics_set(metrics, METRIC_SERVICE_SUBMISSIONS, users.unsent, METRIC_LABELS("unsent"));
		metrics_set(metrics, METRIC_SERVICE_SUBMISSIONS, users.sent, METRIC_LABELS("sent"));
	}
	for (size_t i = 0; up && i < users.rows.count; i++)
		metrics_set(metrics, METRIC_USERS, db_int_at(&users.rows, i, 1, 0),
			    METRIC_LABELS(db_text_at(&users.rows, i, 0)));
}

void metrics_get(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	cleanup_buffer struct buffer text = { 0 };

	metrics_write(backend->metrics, collect, x, &text);
	metrics_write_process(&text);
	http_reply(x, 200, METRICS_CONTENT_TYPE, text.data, text.size);
}
