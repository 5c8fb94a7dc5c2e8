/* maker.h - the lane maker's life. */
#pragma once

#include <stddef.h>

#include "../protocol.h"
#include "base/error.h"

struct lane_maker_options {
	int socket_fd;              /* connected, SOCK_SEQPACKET; or -1 */
	const char *listen_path;    /* or where to listen */
	unsigned int owner_uid;     /* who, besides root, may connect there */
	const char *const *visible; /* "HOST" or "HOST:BOX", NULL-ended (sandbox/box.h); NULL: none */
	int max_lanes;              /* 0: as many as there can be */
};

/* Serves the socket until its clients are gone or SIGTERM. Returns the exit status. */
int lane_maker_main(const struct lane_maker_options *options);

/* Whether `size` bytes that came from a client are a request, and which. 0 or -EPROTO. All that a client can say
 * goes through here. */
int maker_request_check(const void *bytes, size_t size, struct maker_request *request, struct error *err);
