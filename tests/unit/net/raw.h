/* raw.h - what the tests of this folder share: a server on a free port, and clients that speak byte by byte. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "net/server.h"

/* Starts `options` on 127.0.0.1 with small numbers where they are 0, and fails the test when it cannot. */
struct http_server *raw_serve(struct http_server_options options);
int raw_port(const struct http_server *server);

int raw_connect(int port);
void raw_send(int fd, const char *text);
void raw_send_bytes(int fd, const void *bytes, size_t size); /* a closed peer is no failure */

/* Reads one response (head and body by its Content-Length) or up to the end; fails after 10 s. `expected`
 * statuses; 0 means that the connection ended without an answer. */
struct raw_response {
	int status;
	bool ended;         /* by end of file (or reset) */
	struct buffer text; /* head and body */
	const char *body;   /* within text */
};
void raw_read(int fd, struct raw_response *response);
void raw_free(struct raw_response *response);
/* True when the peer has closed; waits up to 10 s. */
bool raw_closed(int fd);
/* A whole connection: connects, sends, reads one response, closes. The status. */
int raw_ask(int port, const char *text, struct raw_response *response);
/* The value of a response's header in a static place, NULL when there is none. */
const char *raw_header(const struct raw_response *response, const char *name);

void sleep_ms(int ms);
