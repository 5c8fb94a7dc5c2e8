/* webhook_check.h - whether a webhook is the execution service's: its signatures, and when it was sent. Pure.
 *
 * Two headers may prove it, and every one that is there must: X-Webhook-Secret (HMAC-SHA256 of the raw body, in hex)
 * and webhook-signature (Standard Webhooks: the same of "id.timestamp.body", in base64; the key is what follows
 * "whsec_", decoded, otherwise the secret's own bytes). Any secret of the list will do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct webhook_proof {
	const char *secrets; /* a list with commas; "": none is set */
	/* The headers X-Webhook-Secret, webhook-id, webhook-timestamp, webhook-signature; NULL: not there. */
	const char *plain, *id, *timestamp, *signature;
	const char *body;
	size_t body_size;
	int64_t now_ms;
	bool allow_plain;    /* the secret itself in X-Webhook-Secret is proof enough */
	bool allow_unsigned; /* when no secret is set */
};

enum { WEBHOOK_WINDOW_S = 300 };

/* NULL: it is. Else why not, for the one who sent it. */
const char *webhook_fault(const struct webhook_proof *proof);
