/* listen.h - from "127.0.0.1:8001,[::1]:8001" to listening sockets. */
#pragma once

#include <stddef.h>

#include "base/error.h"

enum { LISTEN_MAX = 16 };

struct listeners {
	size_t count;
	int fds[LISTEN_MAX];             /* -1 once somebody else owns it */
	char *addresses[LISTEN_MAX + 1]; /* "http://127.0.0.1:8001", NULL-ended */
};

/* Opens all or none. Non-blocking, close-on-exec; IPv6 sockets take IPv6 alone. */
int listen_open(const char *list, struct listeners *listeners, struct error *err);
void listen_close(struct listeners *listeners);
