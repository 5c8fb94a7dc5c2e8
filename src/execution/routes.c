/* The execution service's routes, and who may use them. */
#include "routes.h"

#include <stdlib.h>

#include "access.h"
#include "disk.h"
#include "reply.h"

enum { SUBMIT = SCOPE_SUBMIT, READ = SCOPE_READ, ADMIN = SCOPE_ADMIN, WORKER = SCOPE_WORKER };

const struct execution_route execution_routes[] = {
	{ "GET", "/health", health, SCOPE_NONE, 0 },
	{ "GET", "/health/ready", health_ready, SCOPE_NONE, 0 },
	{ "GET", "/metrics", metrics_get, READ, 0 },

	{ "POST", "/api/v1/submissions", submission_post, SUBMIT, ROUTE_CREATES },
	{ "GET", "/api/v1/submissions", submission_list, READ, 0 },
	{ "POST", "/api/v1/submissions/batch", submission_post_batch, SUBMIT, ROUTE_CREATES },
	{ "GET", "/api/v1/submissions/batch", submission_get_batch, READ, 0 },
	{ "GET", "/api/v1/submissions/{id}", submission_get, READ, 0 },
	{ "POST", "/api/v1/submissions/{id}/execute", submission_execute, SUBMIT, 0 },
	{ "GET", "/api/v1/submissions/{id}/events", submission_events, READ, 0 },
	{ "GET", "/api/v1/submissions/{id}/ws", submission_ws, READ, 0 },

	{ "POST", "/api/v1/contests", contest_post, SUBMIT, 0 },
	{ "GET", "/api/v1/contests", contest_get_list, READ, 0 },
	{ "GET", "/api/v1/contests/{id}", contest_get, READ, 0 },
	{ "PUT", "/api/v1/contests/{id}", contest_put, SUBMIT, 0 },
	{ "DELETE", "/api/v1/contests/{id}", contest_delete_one, SUBMIT, 0 },

	{ "GET", "/api/v1/webhooks", webhook_list, ADMIN, 0 },
	{ "GET", "/api/v1/webhooks/{id}", webhook_get, ADMIN, 0 },
	{ "POST", "/api/v1/webhooks/{id}/replay", webhook_replay, ADMIN, 0 },

	{ "GET", "/api/v1/dead-letters", dead_letter_list, ADMIN, 0 },
	{ "GET", "/api/v1/dead-letters/{id}", dead_letter_get, ADMIN, 0 },
	{ "POST", "/api/v1/dead-letters/{id}/requeue", dead_letter_requeue, ADMIN, 0 },

	{ "GET", "/api/v1/workers", worker_list, ADMIN, 0 },

	{ "PUT", "/api/v1/blobs/{sha256}", blob_put_one, SUBMIT, ROUTE_CREATES | ROUTE_BYTES },
	{ "HEAD", "/api/v1/blobs/{sha256}", blob_head, SUBMIT | READ | WORKER, 0 },
	{ "GET", "/api/v1/blobs/{sha256}", blob_get, READ | WORKER, 0 },

	{ "POST", "/api/v1/keys", key_post, ADMIN, 0 },
	{ "GET", "/api/v1/keys", key_get_list, ADMIN, 0 },
	{ "DELETE", "/api/v1/keys/{id}", key_delete, ADMIN, 0 },

	{ "POST", "/api/execute", queue_execute, SUBMIT, ROUTE_CREATES },
	{ "GET", "/api/jobs/{jobId}", queue_job_get, READ, 0 },
	{ "DELETE", "/api/jobs/{jobId}", queue_job_delete, SUBMIT, 0 },
	{ "GET", "/api/jobs/{jobId}/events", queue_job_events, READ, 0 },
	{ "GET", "/api/jobs/{jobId}/ws", queue_job_ws, READ, 0 },
	{ "GET", "/api/stats", queue_stats, READ, 0 },
	{ "GET", "/api/queue/stats", queue_stats, READ, 0 },
	{ "GET", "/api/languages", queue_languages, READ | SUBMIT, 0 },

	{ "POST", "/internal/v1/claim", worker_claim, WORKER, 0 },
	{ "POST", "/internal/v1/heartbeat", worker_heartbeat, WORKER, 0 },
	{ "POST", "/internal/v1/progress", worker_progress, WORKER, 0 },
	{ "POST", "/internal/v1/finish", worker_finish, WORKER, 0 },
	{ "POST", "/internal/v1/return", worker_return, WORKER, 0 },
};
const size_t execution_route_count = sizeof execution_routes / sizeof execution_routes[0];

struct http_route *execution_http_routes(void)
{
	struct http_route *routes = calloc(execution_route_count, sizeof *routes);

	for (size_t i = 0; routes && i < execution_route_count; i++) {
		routes[i].method = execution_routes[i].method;
		routes[i].path = execution_routes[i].path;
		routes[i].handler = execution_routes[i].handler;
	}
	return routes;
}

static const struct execution_route *row_of(const struct http_exchange *x)
{
	const struct execution *service = http_context(x);
	const struct http_route *route = http_route_of(x);

	return route ? &execution_routes[route - service->routes] : NULL;
}

/* What no row serves is told so whoever asks: which routes there are is no secret. */
bool execution_admit(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	const struct execution_route *row = row_of(x);

	if (row && !access_check(x, row->scopes))
		return false;
	if (row && !(row->traits & ROUTE_BYTES) && !http_body_is_json(x)) {
		reply_error(x, 415, "Content-Type must be application/json");
		return false;
	}
	if (row && (row->traits & ROUTE_CREATES) && disk_is_low(service)) {
		http_set_header(x, "Retry-After", "30");
		reply_error(x, 503, "The disk is nearly full: nothing new is taken for now");
		return false;
	}
	return true;
}
