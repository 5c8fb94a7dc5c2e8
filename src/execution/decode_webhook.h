/* decode_webhook.h - the part of a request that says where its end is to be told. */
#pragma once

#include "request.h"

/* Fills request->webhook_url and webhook_secret; checks what can be checked before the name is looked up. */
void decode_webhook(struct fields *fields, const struct config *config, struct pool *pool,
		    struct submission_request *request);
