#include "remote.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "metrics.h"
#include "net/outbound.h"
#include "reply.h"

enum {
	CALLS_MAX = 512, /* sent or waiting to be; beyond them we are the ones who are busy */
	AT_ONCE = 64,
	RESPONSE_MAX = 64 << 20, /* the largest output, escaped */
	FAILURES = 5,            /* in a row: then it is left alone */
	PAUSE_MS = 1000,
	PAUSE_MAX_MS = 10000,
	MARGIN_MS = 2000, /* that an exchange waits longer than its call may take */
	RETRY_S = 5,      /* where nobody says when */
};

struct remote {
	struct metrics *metrics;
	struct outbound_options options;
	struct outbound *outbound;
	char *base, *authorization; /* the URL without the slash at its end; a header, or NULL */
	atomic_int calls;
};

int remote_start(struct backend *backend, struct remote **ret_remote, struct error *err)
{
	struct remote *remote = calloc(1, sizeof *remote);
	const struct config *config = backend->config;

	if (!remote)
		return error_set(err, -ENOMEM, "out of memory");
	size_t size = strlen(config->service_url);
	while (size > 0 && config->service_url[size - 1] == '/')
		size--;
	remote->metrics = backend->metrics;
	remote->options = (struct outbound_options){ .user_agent = "CodeArena/" ARENA_VERSION,
						     .per_destination = AT_ONCE,
						     .total = AT_ONCE,
						     .timeout_ms = config->service_timeout_ms,
						     .response_max_bytes = RESPONSE_MAX,
						     .failures = FAILURES,
						     .pause_ms = PAUSE_MS,
						     .pause_max_ms = PAUSE_MAX_MS };
	bool made = (remote->base = strndup(config->service_url, size)) != NULL &&
		    (!*config->service_key ||
		     asprintf(&remote->authorization, "Authorization: Bearer %s", config->service_key) >= 0);
	int code = made ? outbound_start(&remote->options, &remote->outbound, err)
			: error_set(err, -ENOMEM, "out of memory");
	if (code < 0)
		remote_stop(remote);
	else
		*ret_remote = remote;
	return code;
}

void remote_stop(struct remote *remote)
{
	if (!remote)
		return;
	outbound_free(remote->outbound);
	free(remote->base);
	free(remote->authorization);
	free(remote);
}

/* ---- what an answer means ---- */

static void fail(struct remote_answer *answer, int status, int64_t retry_s, const char *why)
{
	json_decref(answer->json);
	*answer = (struct remote_answer){ .failure = status,
					  .retry_s = retry_s > 0 ? retry_s : RETRY_S,
					  .why = why };
}

/* What came is the service's own word, or nobody's: a proxy's page, another program on its port. */
static bool read_body(const struct outbound_result *result, struct remote_answer *answer)
{
	if (result->body_size == 0)
		return result->status == 204;
	return json_parse(result->body, result->body_size, &answer->json, NULL) == 0 &&
	       (json_is_object(answer->json) || json_is_array(answer->json));
}

static void judge_answered(const struct outbound_result *result, struct remote_answer *answer)
{
	int status = result->status;

	if (status == 429)
		fail(answer, 429, result->retry_after_s,
		     "The execution service has too much to do; try again later");
	else if (status >= 500)
		fail(answer, 503, result->retry_after_s,
		     "The execution service cannot do this now; try again");
	else if (status == 401 || status == 403)
		fail(answer, 503, 30, "The execution service does not know this server's key");
	else if (status < 200 || (status >= 300 && status < 400) || !read_body(result, answer))
		fail(answer, 503, 0, "The execution service gave an answer that makes no sense; try again");
	else
		answer->status = status;
}

static void judge(const struct outbound_result *result, struct remote_answer *answer)
{
	*answer = (struct remote_answer){ .why = "" };
	switch (result->end) {
	case OUTBOUND_ANSWERED: judge_answered(result, answer); break;
	case OUTBOUND_TIMEOUT:
		fail(answer, 503, 0, "The execution service did not answer in time; try again");
		break;
	case OUTBOUND_POSTPONED:
		fail(answer, 503, (result->retry_ms + 999) / 1000,
		     "The execution service failed several times, and is left alone for a while; try again");
		break;
	case OUTBOUND_CANCELLED: fail(answer, 503, 1, "This server is stopping; try again"); break;
	case OUTBOUND_REFUSED:
	case OUTBOUND_FAILED:
		fail(answer, 503, 0, "The execution service cannot be reached; try again");
		break;
	}
}

static void log_failure(const struct outbound_result *result, const struct remote_answer *answer)
{
	if (answer->failure && result->end != OUTBOUND_POSTPONED && result->end != OUTBOUND_CANCELLED)
		log_warning("execution service failed", LOG_TEXT("why", answer->why),
			    LOG_TEXT("cause", result->why), LOG_INT("status", result->status));
}

/* ---- a call ---- */

struct call {
	struct remote *remote;
	remote_done *done;
	void *context;
};

static void on_end(void *context, const struct outbound_result *result)
{
	struct call *call = context;
	struct remote_answer answer;

	judge(result, &answer);
	log_failure(result, &answer);
	metrics_add(call->remote->metrics, METRIC_SERVICE_CALLS, 1,
		    METRIC_LABELS(answer.failure == 0 ? "answered" : "failed"));
	call->done(call->context, &answer);
	json_decref(answer.json);
	atomic_fetch_sub(&call->remote->calls, 1);
	free(call);
}

/* "Name: value" each, in the pool. */
static const char *const *headers_of(const struct remote *remote, const struct remote_request *request,
				     struct pool *pool)
{
	const char **headers = pool_array(pool, 5 + 1, sizeof *headers);
	size_t count = 0;

	if (!headers)
		return NULL;
	headers[count++] = "Accept: application/json";
	if (request->body)
		headers[count++] = "Content-Type: application/json";
	if (remote->authorization)
		headers[count++] = remote->authorization;
	if (request->request_id)
		headers[count++] = pool_printf(pool, "X-Request-Id: %s", request->request_id);
	if (request->trace)
		headers[count++] = pool_printf(pool, "traceparent: %s", request->trace);
	return headers;
}

static int submit(struct remote *remote, const struct remote_request *request, struct call *call,
		  struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer body = { 0 };
	const char *url = pool ? pool_printf(pool, "%s%s", remote->base, request->path) : NULL;
	const char *const *headers = pool ? headers_of(remote, request, pool) : NULL;

	if (!url || !headers || (request->body && json_write(request->body, &body) < 0))
		return error_set(err, -ENOMEM, "out of memory");
	return outbound_submit(remote->outbound,
			       &(struct outbound_request){ .method = request->method,
							   .url = url,
							   .headers = headers,
							   .body = request->body ? body.data : NULL,
							   .body_size = body.size,
							   .allow_private = true },
			       on_end, call, err);
}

int remote_call(struct remote *remote, const struct remote_request *request, remote_done *done, void *context,
		struct error *err)
{
	cleanup_free struct call *call = calloc(1, sizeof *call);

	if (!call)
		return error_set(err, -ENOMEM, "out of memory");
	*call = (struct call){ remote, done, context };
	int code =
		atomic_fetch_add(&remote->calls, 1) < CALLS_MAX
			? submit(remote, request, call, err)
			: error_set(err, -EBUSY, "too many requests to the execution service are under way");
	if (code < 0)
		atomic_fetch_sub(&remote->calls, 1);
	else
		take_pointer(&call);
	return code;
}

/* ---- within a handler ---- */

/* Of two hands: the exchange's memory, and the call's. Whoever is last lets it go. */
struct question {
	atomic_int hands;
	atomic_bool answered;
	struct http_server *server;
	char key[KEY_BYTES];
	struct remote_answer answer; /* once it is answered */
};

struct asking {
	struct question *question;
	struct remote_answer late;
};

static void release(struct question *question)
{
	if (!question || atomic_fetch_sub(&question->hands, 1) > 1)
		return;
	json_decref(question->answer.json);
	free(question);
}

static void release_memory(void *memory)
{
	struct asking *asking = memory;

	release(asking->question);
}

static void note_answer(void *context, const struct remote_answer *answer)
{
	struct question *question = context;

	question->answer = *answer; /* its sentence is a constant */
	json_incref(question->answer.json);
	atomic_store(&question->answered, true);
	http_wake(question->server, question->key);
	release(question);
}

static struct question *question_new(struct http_exchange *x)
{
	static atomic_uint_fast64_t number;
	struct question *question = calloc(1, sizeof *question);

	if (!question)
		return NULL;
	question->hands = 2;
	question->server = http_server_of(x);
	snprintf(question->key, sizeof question->key, "remote %" PRIuFAST64, atomic_fetch_add(&number, 1));
	return question;
}

/* False: it could not even be sent, and `late` says so. */
static bool put_question(struct http_exchange *x, const struct remote_request *request, struct asking *asking)
{
	struct backend *backend = http_context(x);
	struct remote_request passed = *request;
	struct error err = { .text = "out of memory" };
	struct question *question = question_new(x);

	passed.request_id = request->request_id ? request->request_id : http_request_id(x);
	passed.trace = request->trace ? request->trace : http_trace(x);
	if (question && remote_call(backend->remote, &passed, note_answer, question, &err) == 0) {
		asking->question = question;
		return true;
	}
	free(question);
	log_warning("execution service not asked", LOG_TEXT("error", err.text));
	fail(&asking->late, 503, 1, "This server has too much to do; try again");
	return false;
}

const struct remote_answer *remote_try(struct http_exchange *x, const struct remote_request *request)
{
	const struct backend *backend = http_context(x);
	struct asking *asking = http_memory(x, sizeof *asking, release_memory);

	if (!asking) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return NULL;
	}
	if (!asking->question && !put_question(x, request, asking))
		return &asking->late;
	if (atomic_load(&asking->question->answered))
		return &asking->question->answer;
	if (http_park(x, asking->question->key, backend->config->service_timeout_ms + MARGIN_MS))
		return NULL;
	fail(&asking->late, 503, 0, "The execution service did not answer in time; try again");
	return &asking->late;
}

void remote_reply_failure(struct http_exchange *x, const struct remote_answer *answer)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, answer->retry_s);
	http_set_header(x, "Retry-After", text);
	reply_error(x, answer->failure, "%s", answer->why);
}

const struct remote_answer *remote_ask(struct http_exchange *x, const struct remote_request *request)
{
	const struct remote_answer *answer = remote_try(x, request);

	if (!answer || answer->failure == 0)
		return answer;
	remote_reply_failure(x, answer);
	return NULL;
}
