/* metrics.h - the figures of the backend (docs/operating.md explains each).
 *
 * How one is added: a name here, a row in metrics.c, a line in docs/operating.md. */
#pragma once

#include "names.h"

#include "base/metrics.h"
#include "inside.h"

enum backend_metric {
	/* known when they are asked for */
	METRIC_UPTIME,
	METRIC_DATABASE_UP,
	METRIC_USERS, /* role */
	METRIC_DIRECT_SLOTS,
	METRIC_DIRECT_RUNNING,
	METRIC_DIRECT_WAITING,
	METRIC_DIRECT_UP,
	METRIC_QUEUE_UP,
	METRIC_QUEUE_RUNNING,
	METRIC_SERVICE_SUBMISSIONS, /* state */

	/* counted as it happens */
	METRIC_SIGN_INS, /* outcome */
	METRIC_RUNS,     /* way, outcome */
	METRIC_FALLBACKS,
	METRIC_SERVICE_CALLS,    /* outcome */
	METRIC_WEBHOOKS_IN,      /* outcome */
	METRIC_SUBMISSIONS,      /* verdict */
	METRIC_HTTP,             /* method, route, status */
	METRIC_HTTP_TIME,        /* method, route */
	METRIC_TRANSACTIONS,     /* kind, result */
	METRIC_TRANSACTION_TIME, /* kind */
	METRIC_COUNT,
};
extern const struct metric_spec backend_metrics[METRIC_COUNT];

/* db_observer.done and http_server_options.on_done. */
void metrics_note_transaction(void *context, bool write, int code, int64_t took_us);
void metrics_note_request(void *context, const struct http_done *done);
