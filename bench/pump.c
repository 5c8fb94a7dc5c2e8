#include "pump.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

enum { ANSWER_BYTES = 16384, EVENTS = 64, PATIENCE_MS = 60000 };

struct pump_client {
	int fd;
	bool asked;
	int64_t asked_us;
	size_t size;
	char answer[ANSWER_BYTES];
};

static int connect_one(struct pump *pump, struct pump_client *client, struct error *err)
{
	const int on = 1;
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)pump->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&to, sizeof to) < 0 ||
	    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
	    epoll_ctl(pump->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0)
		return error_errno(err, "connect a client");
	return 0;
}

int pump_open(struct pump *pump, int port, const char *request, const char *expected, size_t connections,
	      struct error *err)
{
	*pump = (struct pump){ .epoll = epoll_create1(EPOLL_CLOEXEC),
			       .port = port,
			       .request = request,
			       .expected = expected,
			       .size = strlen(request),
			       .clients = calloc(connections, sizeof *pump->clients) };
	int code = 0;
	if (pump->epoll < 0 || !pump->clients) {
		pump_close(pump);
		return error_set(err, -ENOMEM, "no room for clients");
	}
	while (code == 0 && pump->count < connections)
		code = connect_one(pump, &pump->clients[pump->count++], err);
	if (code < 0)
		pump_close(pump);
	return code;
}

void pump_close(struct pump *pump)
{
	for (size_t i = 0; pump->clients && i < pump->count; i++)
		close_fd(&pump->clients[i].fd);
	free(pump->clients);
	if (pump->epoll > 0)
		close_fd(&pump->epoll);
	*pump = (struct pump){ 0 };
}

static int ask(const struct pump *pump, struct pump_client *client, struct error *err)
{
	client->size = 0;
	client->asked = true;
	client->asked_us = clock_monotonic_us();
	if (send(client->fd, pump->request, pump->size, MSG_NOSIGNAL) != (ssize_t)pump->size)
		return error_errno(err, "send a request");
	return 0;
}

/* 1 when all of it is there. */
static int is_whole(const struct pump *pump, const struct pump_client *client, struct error *err)
{
	const char *body = strstr(client->answer, "\r\n\r\n");
	const char *length = strcasestr(client->answer, "\r\nContent-Length:");
	if (!body)
		return 0;
	body += 4;
	if (!length ||
	    (size_t)strtoul(length + 17, NULL, 10) > client->size - (size_t)(body - client->answer))
		return 0;
	if (strncmp(client->answer, "HTTP/1.1 200", 12) != 0 || !strstr(body, pump->expected))
		return error_set(err, -EPROTO, "answered with %.300s", client->answer);
	return 1;
}

static int read_some(const struct pump *pump, struct pump_client *client, struct error *err)
{
	size_t room = sizeof client->answer - 1 - client->size;
	ssize_t got = recv(client->fd, client->answer + client->size, room, MSG_DONTWAIT);
	if (got <= 0)
		return error_set(err, -EPIPE, "the service ended a connection");
	client->size += (size_t)got;
	client->answer[client->size] = '\0';
	return is_whole(pump, client, err);
}

/* Whoever has been answered asks again, as long as there is something to ask. */
static int go_on(struct pump *pump, struct pump_client *client, size_t *to_ask, struct error *err)
{
	client->asked = false;
	if (*to_ask == 0)
		return 0;
	--*to_ask;
	return ask(pump, client, err);
}

int pump_run(struct pump *pump, size_t answers, struct samples *latencies, struct error *err)
{
	size_t to_ask = answers;
	int code = 0;
	for (size_t i = 0; i < pump->count && code == 0; i++)
		code = go_on(pump, &pump->clients[i], &to_ask, err);
	while (answers > 0 && code == 0) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(pump->epoll, events, EVENTS, PATIENCE_MS);
		if (count <= 0)
			return error_set(err, -ETIMEDOUT, "no answer for %d s", PATIENCE_MS / 1000);
		for (int i = 0; i < count && code >= 0; i++) {
			struct pump_client *client = events[i].data.ptr;
			code = read_some(pump, client, err);
			if (code <= 0)
				continue;
			answers--;
			if (latencies)
				samples_add(latencies, (double)(clock_monotonic_us() - client->asked_us));
			code = go_on(pump, client, &to_ask, err);
		}
		code = code < 0 ? code : 0;
	}
	return code;
}
