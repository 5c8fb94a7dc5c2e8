/* maker.h - the lane maker's life. */
#pragma once

#include <stdbool.h>

struct lane_maker_options {
	int socket_fd;              /* connected, SOCK_SEQPACKET; or -1 */
	const char *listen_path;    /* or where to listen */
	unsigned int owner_uid;     /* who, besides root, may connect there */
	const char *const *visible; /* "HOST" or "HOST:BOX", NULL-ended (sandbox/box.h); NULL: none */
	int max_lanes;              /* 0: as many as there can be */
};

/* Serves the socket until its clients are gone or SIGTERM. Returns the exit status. */
int lane_maker_main(const struct lane_maker_options *options);
