/* POST /api/webhooks/code-execution: the execution service tells of a submission's end.
 *
 * Whatever comes twice, late or in the wrong order changes nothing (told_apply). What names an id of ours that is not
 * there is refused, so that it comes again: on the way of a restored backup it may yet be there. What names none, and
 * a number that we do not know, is another's, and is not to come again. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "handlers.h"
#include "metrics.h"
#include "reply.h"
#include "told.h"
#include "webhook_check.h"

static bool is_proven(struct http_exchange *x)
{
	const struct config *config = ((const struct backend *)http_context(x))->config;
	bool at_home = http_over_loopback(x) && !config->production;
	struct webhook_proof proof = {
		.secrets = *config->backend_secret_too ? config->backend_secret_too : config->backend_secret,
		.plain = http_header(x, "X-Webhook-Secret"),
		.id = http_header(x, "webhook-id"),
		.timestamp = http_header(x, "webhook-timestamp"),
		.signature = http_header(x, "webhook-signature"),
		.now_ms = http_arrived_ms(x),
		.allow_plain = config->webhook_allow_plain && at_home,
		.allow_unsigned = at_home,
	};

	proof.body = http_body(x, &proof.body_size);
	const char *fault = webhook_fault(&proof);
	if (!fault)
		return true;
	log_warning("webhook refused", LOG_TEXT("why", fault), LOG_TEXT("peer", http_peer(x)));
	reply_error(x, 401, "%s", fault);
	return false;
}

struct hearing {
	struct pool *pool;
	struct told told;
	int64_t now_ms;
	struct submission submission;
	bool found, changed;
};

static int hear_work(struct db_tx *tx, void *context, struct error *err)
{
	struct hearing *h = context;
	const struct told *told = &h->told;
	int code = told->external_id
			   ? submission_load_external(tx, h->pool, told->external_id, &h->submission, err)
			   : submission_load_remote(tx, h->pool, told->remote_id, &h->submission, err);

	h->found = code > 0 && h->submission.way == WAY_SERVICE;
	h->changed = false;
	if (!h->found)
		return code < 0 ? code : 0;
	if (h->submission.remote_id == 0 &&
	    told->remote_id > 0) /* faster than the answer to our own request */
		code = submission_set_remote(tx, h->pool, h->submission.id, told->remote_id, err);
	if (code >= 0)
		code = told_apply(tx, h->pool, &h->submission, told, h->now_ms, err);
	h->changed = code > 0;
	return code < 0 ? code : 0;
}

/* False after having replied. */
static bool decode(struct http_exchange *x, struct told *told)
{
	cleanup_json json_t *json = NULL;
	struct error err;
	size_t size;
	const char *body = http_body(x, &size);

	if (told_parse(body, size, &json, &err) < 0) {
		reply_error(x, 400, "The body is not JSON: %s", err.text);
		return false;
	}
	if (told_decode(json, http_pool(x), told, &err) < 0) {
		reply_error(x, 400, "%s", err.text);
		return false;
	}
	if (told->external_id || told->remote_id > 0)
		return true;
	reply_error(x, 400, "submission_id: is required");
	return false;
}

/* What became of it, for the figures; NULL: a failure of ours, which comes again. */
static const char *take(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct hearing hearing = { .pool = http_pool(x), .now_ms = http_arrived_ms(x) };
	char key[KEY_BYTES];
	struct error err;

	if (!is_proven(x))
		return "refused";
	if (!decode(x, &hearing.told))
		return "malformed";
	if (db_write(backend->db, hear_work, &hearing, &err) < 0) {
		reply_failure(x, &err);
		return NULL;
	}
	if (!hearing.found && hearing.told.external_id) {
		reply_error(x, 404, "Submission not found");
		return "unknown";
	}
	if (hearing.changed)
		backend_wake(backend, key_submission(hearing.submission.id, key));
	const char *status = !hearing.found ? "ignored" : hearing.changed ? "processed" : "unchanged";
	http_reply_json(x, 200, json_pack("{s:s}", "status", status));
	return status;
}

void webhook_code_execution(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	const char *outcome = take(x);

	if (outcome)
		metrics_add(backend->metrics, METRIC_WEBHOOKS_IN, 1, METRIC_LABELS(outcome));
}
