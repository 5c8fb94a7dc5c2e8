/* metrics.h - the figures of the execution service (docs/operating.md explains each).
 *
 * How one is added: a name here, a row in metrics.c, a line in docs/operating.md. */
#pragma once

#include "base/metrics.h"
#include "db/db.h"
#include "model/report.h"
#include "net/server.h"

struct execution;

enum execution_metric {
	/* known when they are asked for */
	METRIC_UPTIME,
	METRIC_DATABASE_UP,
	METRIC_WORKERS,
	METRIC_SLOTS,
	METRIC_SLOTS_BUSY,
	METRIC_JOBS,       /* state */
	METRIC_READY_JOBS, /* class, language */
	METRIC_READY_AGE,  /* class, language */
	METRIC_DEAD_LETTERS,
	METRIC_WEBHOOKS_PENDING,
	METRIC_WEBHOOKS_DEAD,
	METRIC_WEBHOOKS_AGE,

	/* counted as it happens */
	METRIC_SUBMISSIONS, /* api */
	METRIC_CLAIMS,      /* class, language */
	METRIC_QUEUE_TIME,  /* class */
	METRIC_RESULTS,     /* status, verdict */
	METRIC_RETURNS,
	METRIC_COMPILE_TIME, /* language */
	METRIC_RUN_TIME,     /* language */
	METRIC_OVERHEAD_TIME,
	METRIC_HTTP,      /* method, route, status */
	METRIC_HTTP_TIME, /* method, route */
	METRIC_WEBHOOKS,  /* outcome */
	METRIC_WEBHOOK_TIME,
	METRIC_TRANSACTIONS,     /* kind, result */
	METRIC_TRANSACTION_TIME, /* kind */
	METRIC_COUNT,
};
extern const struct metric_spec execution_metrics[METRIC_COUNT];

/* A task was judged in `whole_us` from its claim to its result. */
void metrics_note_report(struct metrics *metrics, const char *language, const struct report *report,
			 int64_t whole_us);

/* db_observer.done and http_server_options.on_done. */
void metrics_note_transaction(void *context, bool write, int code, int64_t took_us);
void metrics_note_request(void *context, const struct http_done *done);
