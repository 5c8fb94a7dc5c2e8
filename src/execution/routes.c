/* The execution service's routes.
 *
 * A route is added as a row here, a handler in the file of its resource (declared in service.h), a section in
 * docs/api.md and a test in tests/api. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "reply.h"

const struct http_route execution_routes[] = {
	{ "GET", "/health", health },
	{ "GET", "/health/ready", health_ready },
	{ "GET", "/metrics", metrics },

	{ "POST", "/api/v1/submissions", submission_post },
	{ "GET", "/api/v1/submissions", submission_list },
	{ "POST", "/api/v1/submissions/batch", submission_post_batch },
	{ "GET", "/api/v1/submissions/batch", submission_get_batch },
	{ "GET", "/api/v1/submissions/{id}", submission_get },
	{ "POST", "/api/v1/submissions/{id}/execute", submission_execute },

	{ "POST", "/api/v1/contests", contest_post },
	{ "GET", "/api/v1/contests", contest_get_list },
	{ "GET", "/api/v1/contests/{id}", contest_get },
	{ "PUT", "/api/v1/contests/{id}", contest_put },
	{ "DELETE", "/api/v1/contests/{id}", contest_delete_one },

	{ "POST", "/api/execute", queue_execute },
	{ "GET", "/api/jobs/{jobId}", queue_job_get },
	{ "DELETE", "/api/jobs/{jobId}", queue_job_delete },
	{ "GET", "/api/stats", queue_stats },
	{ "GET", "/api/queue/stats", queue_stats },
	{ "GET", "/api/languages", queue_languages },

	{ "POST", "/internal/v1/claim", worker_claim },
	{ "POST", "/internal/v1/heartbeat", worker_heartbeat },
	{ "POST", "/internal/v1/progress", worker_progress },
	{ "POST", "/internal/v1/finish", worker_finish },
	{ "POST", "/internal/v1/return", worker_return },
};
const size_t execution_route_count = sizeof execution_routes / sizeof execution_routes[0];

/* A body must say that it is JSON: forms and plain text are what foreign pages can send unasked. */
static bool body_is_json(struct http_exchange *x)
{
	static const char json[] = "application/json";
	const char *type = http_header(x, "Content-Type");
	size_t size, length = sizeof json - 1;

	http_body(x, &size);
	if (size == 0)
		return true;
	return type && strncasecmp(type, json, length) == 0 && strchr("; \t", type[length]) != NULL;
}

bool execution_admit(struct http_exchange *x)
{
	if (!http_over_loopback(x))
		reply_error(x, 401,
			    "This service answers on its own machine only: no API keys are configured");
	else if (!body_is_json(x))
		reply_error(x, 415, "Content-Type must be application/json");
	else
		return true;
	return false;
}
