/* transfer.h - one request of an outbound, as libcurl runs it. */
#pragma once

#include <curl/curl.h>

#include "base/buffer.h"
#include "net/outbound.h"

struct destination;

struct transfer {
	const struct outbound_options *options;
	struct transfer *next; /* in the queue that it is in */
	struct destination *destination;
	size_t place; /* among those that were started */
	char origin[OUTBOUND_ORIGIN_BYTES];

	CURL *easy;
	struct curl_slist *headers;
	bool allow_private;
	int64_t began_us;
	struct buffer body;
	size_t head_bytes;
	bool too_large;
	char refusal[160]; /* why an address was not connected to; "" when none was refused */

	outbound_done *done;
	void *context;
};

int transfer_new(const struct outbound_options *options, const struct outbound_request *request,
		 struct transfer **transfer, struct error *err);
void transfer_free(struct transfer *transfer);

/* What came of it: libcurl's code of a transfer that ran. */
void transfer_result(struct transfer *transfer, CURLcode code, struct outbound_result *result);
