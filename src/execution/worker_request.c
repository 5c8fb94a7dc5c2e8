#include "worker_request.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "reply.h"

json_t *worker_reply_new(void)
{
	return json_pack("{s:i}", "protocol", WORKER_PROTOCOL);
}

void worker_refuse(struct http_exchange *x, int status, const char *why)
{
	log_warning("worker refused", LOG_TEXT("peer", http_peer(x)), LOG_TEXT("path", http_path(x)),
		    LOG_INT("status", status), LOG_TEXT("reason", why));
	reply_error(x, status, "%s", why);
}

void worker_refuse_stale(struct http_exchange *x, const struct worker_request *request)
{
	log_warning("stale lease", LOG_TEXT("peer", http_peer(x)), LOG_TEXT("path", http_path(x)),
		    LOG_TEXT("session", request->session), LOG_INT("job", request->lease.queue_job));
	reply_error(x, 409, "The lease is not held any more");
}

static bool protocol_is_spoken(struct http_exchange *x, const json_t *body)
{
	const json_t *protocol = json_object_get(body, "protocol");

	if (json_is_integer(protocol) && json_integer_value(protocol) == WORKER_PROTOCOL)
		return true;
	log_warning("worker refused", LOG_TEXT("peer", http_peer(x)), LOG_TEXT("path", http_path(x)),
		    LOG_INT("status", 426), LOG_INT("protocol", json_integer_value(protocol)));
	http_set_header(x, "Upgrade", "arena-worker/1");
	http_reply_json(x, 426,
			json_pack("{s:s, s:[i]}", "detail",
				  "This version of the worker protocol is not spoken here; 1 is", "protocols",
				  WORKER_PROTOCOL));
	return false;
}

/* A worker that names no session has one, called like itself. */
static void read_session(struct worker_request *request)
{
	struct json_reader *reader = &request->reader;
	size_t size;
	const char *name;

	json_need_int(reader, "protocol", WORKER_PROTOCOL, WORKER_PROTOCOL);
	name = json_get_text(reader, "worker", "worker", NULL);
	request->session = json_get_text(reader, "session", name, NULL);
	size = request->session ? strlen(request->session) : 0;
	if (!reader->failed && (size == 0 || size >= UUID_TEXT_BYTES))
		reader->failed = error_set(&request->err, -EINVAL,
					   "session: must be 1 to %d bytes (when absent: the worker's name)",
					   UUID_TEXT_BYTES - 1);
}

bool worker_request_open(struct http_exchange *x, enum worker_about about, struct worker_request *request)
{
	size_t size;
	const char *text = http_body(x, &size);

	*request = (struct worker_request){ 0 };
	if (json_parse(text, size, &request->body, &request->err) < 0) {
		worker_refuse(x, 422, request->err.text);
		return false;
	}
	if (!protocol_is_spoken(x, request->body))
		return false;
	json_reader_open(&request->reader, request->body, "", &request->err);
	read_session(request);
	if (about == ABOUT_JOB) {
		request->lease.queue_job = json_need_int(&request->reader, "job", 1, INT64_MAX);
		request->lease.lease = json_need_text(&request->reader, "lease", NULL);
	}
	return true;
}

bool worker_request_done(struct http_exchange *x, struct worker_request *request)
{
	if (json_reader_done(&request->reader) == 0)
		return true;
	worker_refuse(x, 422, request->err.text);
	return false;
}

void worker_request_close(struct worker_request *request)
{
	json_decref(request->body);
	request->body = NULL;
}
