#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "inner.h"

enum { LINGER_US = 2000000 };

struct lingering {
	LIST_ENTRY(lingering) links;
	struct http_server *server;
	struct event *readable;
	int fd;
	int64_t until_us;
};

static void end(struct lingering *lingering)
{
	LIST_REMOVE(lingering, links);
	event_free(lingering->readable);
	close(lingering->fd);
	connection_closed(lingering->server);
	free(lingering);
}

/* The time that is left, anew after every read: the deadline is absolute. */
static void wait_on(struct lingering *lingering)
{
	int64_t left = lingering->until_us - clock_monotonic_us();
	struct timeval wait = { .tv_sec = left / 1000000, .tv_usec = left % 1000000 };
	if (left <= 0)
		end(lingering);
	else
		event_add(lingering->readable, &wait);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	char discarded[16384];
	ssize_t got = what & EV_READ ? recv(fd, discarded, sizeof discarded, MSG_DONTWAIT) : 0;
	if (got <= 0)
		end(arg);
	else
		wait_on(arg);
}

void linger(struct http_server *server, int fd)
{
	struct lingering *lingering = calloc(1, sizeof *lingering);
	struct event *readable =
		lingering ? event_new(server->base, fd, EV_READ, on_readable, lingering) : NULL;
	if (!readable) {
		free(lingering);
		close(fd);
		return;
	}
	lingering->server = server;
	lingering->readable = readable;
	lingering->fd = fd;
	lingering->until_us = clock_monotonic_us() + LINGER_US;
	LIST_INSERT_HEAD(&server->lingering, lingering, links);
	shutdown(fd, SHUT_WR); /* the client sees the end at once */
	server->sockets++;
	wait_on(lingering);
}

void linger_close(struct http_server *server)
{
	struct lingering *next;
	for (struct lingering *lingering = LIST_FIRST(&server->lingering); lingering; lingering = next) {
		next = LIST_NEXT(lingering, links);
		end(lingering);
	}
}
