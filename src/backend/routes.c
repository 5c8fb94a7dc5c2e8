/* The backend's routes, and who may use them. */
#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/disk.h"
#include "base/log.h"
#include "handlers.h"
#include "rates.h"
#include "reply.h"
#include "session.h"
#include "ticket.h"

const struct backend_route backend_routes[] = {
	{ "GET", "/health", health, ROLE_NOBODY, 0 },
	{ "GET", "/health/ready", health_ready, ROLE_NOBODY, 0 },
	{ "GET", "/api/health", health_api, ROLE_NOBODY, 0 },
	{ "GET", "/metrics", metrics_get, ROLE_ADMIN, 0 },

	{ "POST", "/api/auth/register", auth_register, ROLE_NOBODY, ROUTE_CREATES },
	{ "POST", "/api/auth/login", auth_login, ROLE_NOBODY, 0 },
	{ "GET", "/api/auth/user", auth_user, ROLE_STUDENT, 0 },
	{ "POST", "/api/auth/logout", auth_logout, ROLE_STUDENT, 0 },
	{ "POST", "/api/auth/refresh", auth_refresh, ROLE_STUDENT, 0 },
	{ "POST", "/api/auth/password", auth_password, ROLE_STUDENT, 0 },

	{ "GET", "/api/admin/users", admin_user_list, ROLE_ADMIN, 0 },
	{ "POST", "/api/admin/users", admin_user_post, ROLE_ADMIN, ROUTE_CREATES },
	{ "GET", "/api/admin/users/{id}", admin_user_get, ROLE_ADMIN, 0 },
	{ "PATCH", "/api/admin/users/{id}", admin_user_patch, ROLE_ADMIN, 0 },
	{ "POST", "/api/admin/users/{id}/password", admin_user_password, ROLE_ADMIN, 0 },
	{ "GET", "/api/admin/audit", admin_audit, ROLE_ADMIN, 0 },
	{ "GET", "/api/admin/submissions", admin_submission_list, ROLE_ADMIN, 0 },
	{ "GET", "/api/admin/statistics", admin_statistics, ROLE_ADMIN, 0 },
	{ "GET", "/api/admin/queue", admin_queue, ROLE_ADMIN, 0 },
	{ "GET", "/api/admin/workers", admin_workers, ROLE_ADMIN, 0 },
	{ "GET", "/api/admin/deliveries", admin_deliveries, ROLE_ADMIN, 0 },
	{ "POST", "/api/admin/deliveries/{id}/replay", admin_delivery_replay, ROLE_ADMIN, 0 },

	{ "POST", "/api/admin/problems/import", admin_problem_import, ROLE_ADMIN,
	  ROUTE_CREATES | ROUTE_RAW | ROUTE_IMPORT },
	{ "GET", "/api/admin/rejudges", rejudge_get_list, ROLE_INSTRUCTOR, 0 },
	{ "POST", "/api/admin/rejudges", rejudge_post, ROLE_INSTRUCTOR, ROUTE_CREATES },
	{ "GET", "/api/admin/rejudges/{id}", rejudge_get, ROLE_INSTRUCTOR, 0 },
	{ "DELETE", "/api/admin/rejudges/{id}", rejudge_delete_one, ROLE_INSTRUCTOR, 0 },
	{ "POST", "/api/admin/rejudges/{id}/apply", rejudge_post_apply, ROLE_INSTRUCTOR, 0 },
	{ "POST", "/api/admin/rejudges/{id}/undo", rejudge_post_undo, ROLE_INSTRUCTOR, 0 },

	{ "POST", "/api/execute", execute, ROLE_STUDENT, 0 },
	{ "POST", "/api/modules/execute", execute_module, ROLE_STUDENT, 0 },
	{ "GET", "/api/execution/status", execution_status, ROLE_ADMIN, 0 },

	{ "GET", "/api/problems", problem_get_list, ROLE_STUDENT, 0 },
	{ "POST", "/api/problems", problem_post, ROLE_INSTRUCTOR, ROUTE_CREATES },
	{ "POST", "/api/problems/import", problem_import_post, ROLE_INSTRUCTOR,
	  ROUTE_CREATES | ROUTE_RAW | ROUTE_IMPORT },
	{ "POST", "/api/problems/run", problem_run, ROLE_STUDENT, 0 },
	{ "POST", "/api/problems/run-custom-input", problem_run_custom, ROLE_STUDENT, 0 },
	{ "GET", "/api/problems/{id}", problem_get, ROLE_STUDENT, 0 },
	{ "PUT", "/api/problems/{id}", problem_put, ROLE_INSTRUCTOR, 0 },
	{ "DELETE", "/api/problems/{id}", problem_delete_one, ROLE_INSTRUCTOR, 0 },
	{ "GET", "/api/problems/{id}/statement", problem_get_statement, ROLE_STUDENT, 0 },

	{ "POST", "/api/submissions", submission_post, ROLE_STUDENT, ROUTE_CREATES },
	{ "GET", "/api/submissions", submission_get_list, ROLE_STUDENT, 0 },
	{ "GET", "/api/submissions/{id}", submission_get, ROLE_STUDENT, 0 },
	{ "DELETE", "/api/submissions/{id}", submission_delete_one, ROLE_ADMIN, 0 },
	{ "GET", "/api/submissions/{id}/events", submission_events, ROLE_STUDENT, ROUTE_TICKET },
	{ "GET", "/api/submissions/{id}/ws", submission_ws, ROLE_STUDENT, ROUTE_TICKET },
	{ "POST", "/api/live/ticket", live_ticket, ROLE_STUDENT, 0 },

	{ "GET", "/api/code-execution/contests", contest_get_list, ROLE_STUDENT, 0 },
	{ "POST", "/api/code-execution/contests", contest_post, ROLE_INSTRUCTOR, ROUTE_CREATES },
	{ "GET", "/api/code-execution/contests/{id}", contest_get, ROLE_STUDENT, 0 },
	{ "PUT", "/api/code-execution/contests/{id}", contest_put, ROLE_INSTRUCTOR, 0 },
	{ "PATCH", "/api/code-execution/contests/{id}", contest_put, ROLE_INSTRUCTOR, 0 },
	{ "DELETE", "/api/code-execution/contests/{id}", contest_delete_one, ROLE_INSTRUCTOR, 0 },
	{ "POST", "/api/code-execution/contests/{id}/join", contest_join, ROLE_STUDENT, ROUTE_CREATES },
	{ "GET", "/api/code-execution/contests/{id}/participants", contest_get_participants, ROLE_STUDENT,
	  0 },
	{ "GET", "/api/code-execution/contests/{id}/leaderboard", contest_get_leaderboard, ROLE_STUDENT, 0 },

	{ "POST", "/api/code-execution/submissions", code_submission_post, ROLE_STUDENT, ROUTE_CREATES },
	{ "GET", "/api/code-execution/submissions", code_submission_get_list, ROLE_STUDENT, 0 },
	{ "GET", "/api/code-execution/submissions/{id}", code_submission_get, ROLE_STUDENT, 0 },

	{ "GET", "/api/code-execution/health", code_execution_health, ROLE_NOBODY, 0 },
	{ "POST", "/api/webhooks/code-execution", webhook_code_execution, ROLE_NOBODY, ROUTE_RAW },

	{ "GET", "/api/courses", course_get_list, ROLE_STUDENT, 0 },
	{ "POST", "/api/courses", course_post, ROLE_INSTRUCTOR, ROUTE_CREATES },
	{ "GET", "/api/courses/{id}", course_get, ROLE_STUDENT, 0 },
	{ "PUT", "/api/courses/{id}", course_put, ROLE_INSTRUCTOR, 0 },
	{ "DELETE", "/api/courses/{id}", course_delete_one, ROLE_INSTRUCTOR, 0 },
	{ "POST", "/api/courses/{id}/enroll", course_enroll_in, ROLE_STUDENT, ROUTE_CREATES },
	{ "DELETE", "/api/courses/{id}/enroll", course_leave_it, ROLE_STUDENT, 0 },
	{ "GET", "/api/courses/{id}/progress", course_get_progress, ROLE_INSTRUCTOR, 0 },
	{ "GET", "/api/courses/{id}/modules", module_get_list, ROLE_STUDENT, 0 },
	{ "POST", "/api/courses/{id}/modules", module_post, ROLE_INSTRUCTOR, ROUTE_CREATES },
	{ "GET", "/api/modules/{id}", module_get, ROLE_STUDENT, 0 },
	{ "PUT", "/api/modules/{id}", module_put, ROLE_INSTRUCTOR, 0 },
	{ "DELETE", "/api/modules/{id}", module_delete_one, ROLE_INSTRUCTOR, 0 },
	{ "POST", "/api/modules/{id}/complete", module_post_complete, ROLE_STUDENT, 0 },
};
const size_t backend_route_count = sizeof backend_routes / sizeof backend_routes[0];

/* Of every server in this process, which has one; the loop asks it of a row alone. */
static struct http_route *first_route;
static size_t import_bytes;

size_t backend_body_limit(const struct http_route *route)
{
	return backend_routes[route - first_route].traits & ROUTE_IMPORT ? import_bytes : 0;
}

struct http_route *backend_http_routes(const struct config *config)
{
	struct http_route *routes = calloc(backend_route_count, sizeof *routes);

	for (size_t i = 0; routes && i < backend_route_count; i++) {
		routes[i].method = backend_routes[i].method;
		routes[i].path = backend_routes[i].path;
		routes[i].handler = backend_routes[i].handler;
	}
	first_route = routes;
	import_bytes = (size_t)config->import_max_mb << 20;
	return routes;
}

static const struct backend_route *row_of(const struct http_exchange *x)
{
	const struct backend *backend = http_context(x);
	const struct http_route *route = http_route_of(x);

	return route ? &backend_routes[route - backend->routes] : NULL;
}

/* ---- the caller, in the one number that an exchange keeps ---- */

enum { ROLE_BITS = 3 };

void caller_set(struct http_exchange *x, struct caller caller)
{
	http_set_caller(x, caller.user_id << ROLE_BITS | (int64_t)caller.role);
}

struct caller caller_of(const struct http_exchange *x)
{
	int64_t number = http_caller(x);

	return (struct caller){ .user_id = number >> ROLE_BITS,
				.role = (enum role)(number & ((1 << ROLE_BITS) - 1)) };
}

/* ---- who ---- */

static bool refuse(struct http_exchange *x, int status, const char *text)
{
	if (status == 401)
		http_set_header(x, "WWW-Authenticate", "Bearer");
	reply_error(x, status, "%s", text);
	return false;
}

static bool path_begins(struct http_exchange *x, const char *prefix)
{
	return strncmp(http_path(x), prefix, strlen(prefix)) == 0;
}

/* The operator is nobody who could own something; and in production, whoever has a password that somebody else knows
 * gives himself another before anything else. */
static bool check_session(struct http_exchange *x, const struct backend_route *row,
			  const struct session *session)
{
	const struct backend *backend = http_context(x);

	if (session->user_id == 0 && !path_begins(x, "/api/admin/") && row->least != ROLE_NOBODY)
		return refuse(x, 403, "The operator's token is for /api/admin/ alone");
	if (session->must_change_password && backend->config->production && !path_begins(x, "/api/auth/"))
		return refuse(x, 403, "The password must be changed first: POST /api/auth/password");
	if (session->role >= row->least)
		return true;
	reply_error(x, 403, "This needs the role %s", role_name(row->least));
	return false;
}

/* In place of a token; the ticket's own account is looked at as it is now. False after having replied. */
static bool admit_ticket(struct http_exchange *x)
{
	struct caller caller;
	struct error err;
	int found = ticket_use(http_context(x), http_pool(x), http_query(x, "ticket"), &caller, &err);

	if (found < 0)
		reply_failure(x, &err);
	else if (found == 0)
		refuse(x, 401, "The ticket is wrong, was used, or is too old (POST /api/live/ticket)");
	else
		caller_set(x, caller);
	return found > 0;
}

/* Sets caller_of(); false after having replied. */
static bool admit_caller(struct http_exchange *x, const struct backend_route *row)
{
	enum session_look look = SESSION_NONE;
	struct session session = { 0 };
	struct error err;

	if (row->least == ROLE_NOBODY && !(row->traits & ROUTE_LOOKS))
		return true;
	if (session_look(x, &look, &session, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	if (look == SESSION_NONE && (row->traits & ROUTE_TICKET) && http_query(x, "ticket"))
		return admit_ticket(x);
	if (look == SESSION_EXPIRED)
		return refuse(x, 401, "The token has expired");
	if (look == SESSION_WRONG)
		return refuse(x, 401, "The token is wrong or revoked");
	if (look == SESSION_NONE)
		return row->least == ROLE_NOBODY ||
		       refuse(x, 401, "A token is needed: Authorization: Bearer ... (POST /api/auth/login)");
	if (!check_session(x, row, &session))
		return false;
	caller_set(x, (struct caller){ session.user_id, session.role });
	return true;
}

/* ---- the rest ---- */

static bool disk_is_low(struct backend *backend)
{
	enum { MB = 1 << 20 };
	const struct config *config = backend->config;
	int64_t least = disk_free_bytes(config->data_dir, config->backend_database_url);
	bool low = least < config->disk_min_free_mb * MB;

	if (atomic_exchange(&backend->disk_low, low) != low)
		log_at(low ? LOG_WARNING : LOG_INFO,
		       low ? "disk nearly full: nothing new is taken" : "disk has room again",
		       LOG_INT("free_mb", least / MB), LOG_INT("least_mb", config->disk_min_free_mb));
	return low;
}

/* What no row serves is told so whoever asks: which routes there are is no secret. */
bool backend_admit(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	const struct backend_route *row = row_of(x);
	bool counted = row && rates_count(x) && !(row->least == ROLE_NOBODY && path_begins(x, "/health"));

	if (!row)
		return true;
	if ((counted && !rates_take_address(x)) || !admit_caller(x, row))
		return false;
	if (counted && caller_of(x).user_id != 0 && !rates_take_user(x, caller_of(x).user_id))
		return false;
	if (!(row->traits & ROUTE_RAW) && !http_body_is_json(x))
		return refuse(x, 415, "Content-Type must be application/json");
	if ((row->traits & ROUTE_CREATES) && disk_is_low(backend)) {
		http_set_header(x, "Retry-After", "30");
		return refuse(x, 503, "The disk is nearly full: nothing new is taken for now");
	}
	return true;
}
