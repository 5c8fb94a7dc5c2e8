#include "decode_webhook.h"

#include "net/outbound.h"
#include "webhook.h"

void decode_webhook(struct fields *fields, const struct config *config, struct pool *pool,
		    struct submission_request *request)
{
	struct text url = field_text(fields, "webhook_url", OPTIONAL, OUTBOUND_URL_MAX);
	struct text secret = field_text(fields, "webhook_secret", OPTIONAL, REQUEST_ID_BYTES_MAX);
	struct place url_place = { &fields->place, "webhook_url", 0 };
	struct place secret_place = { &fields->place, "webhook_secret", 0 };
	char origin[OUTBOUND_ORIGIN_BYTES];
	struct error err;

	if (url.bytes &&
	    outbound_check(url.bytes, webhook_may_be_private(config, url.bytes), origin, &err) < 0)
		problem_at(fields->problems, &url_place, "webhook_url", "%s", err.text);
	const char *fault = secret.bytes ? webhook_secret_fault(secret.bytes) : NULL;
	if (fault)
		problem_at(fields->problems, &secret_place, "webhook_secret", "%s", fault);
	/* Nothing of the caller's is ever signed with the backend's secret, and nothing of the backend's with his. */
	if (secret.bytes && !url.bytes)
		problem_at(fields->problems, &secret_place, "conflict",
			   "has no webhook_url that it belongs to");
	request->webhook_url = url.bytes ? pool_strdup(pool, url.bytes) : NULL;
	request->webhook_secret = secret.bytes ? pool_strdup(pool, secret.bytes) : NULL;
}
