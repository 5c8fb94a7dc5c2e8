#include "crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

enum { AT_ONCE = 50, PACE_US = 10000, EVENTS = 256, FILES_BESIDE = 200 };

/* What the answer has in it, and no news before. */
static const char final_state[] = "\"cancelled\"";

struct waiter {
	int fd; /* -1 when done */
	size_t seen;
	char end[sizeof final_state]; /* of what came so far, in case it is cut in two */
};

static int raise_file_limit(size_t count, struct error *err)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < count + FILES_BESIDE)
		return error_set(err, -EMFILE, "%zu clients need as many open files; the hard limit is %llu",
				 count, (unsigned long long)limit.rlim_cur);
	return 0;
}

/* A source address for each kind, so that the ports of one that has ended are not missed by the next. */
static int open_socket(enum crowd_kind kind, int port, int *ret_fd, struct error *err)
{
	const int on = 1;
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (unsigned)kind) };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	cleanup_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) < 0 ||
	    bind(fd, (struct sockaddr *)&from, sizeof from) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return error_errno(err, "connect a client");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int send_request(int fd, enum crowd_kind kind, int port, int64_t submission, struct error *err)
{
	static const struct {
		const char *path, *headers;
	} kinds[] = {
		[CROWD_POLL] = { "?wait=3600", "" },
		[CROWD_EVENTS] = { "/events", "Accept: text/event-stream\r\n" },
		[CROWD_WEBSOCKET] = { "/ws", "Upgrade: websocket\r\nConnection: "
					     "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
					     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" },
	};
	char request[512];
	int size = snprintf(request, sizeof request,
			    "GET /api/v1/submissions/%lld%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: "
			    "bench\r\n%s\r\n",
			    (long long)submission, kinds[kind].path, port, kinds[kind].headers);
	if (send(fd, request, (size_t)size, MSG_NOSIGNAL) != size)
		return error_errno(err, "send a request");
	return 0;
}

static int join_one(struct crowd *crowd, enum crowd_kind kind, int port, int64_t submission,
		    struct error *err)
{
	struct waiter *waiter = &crowd->waiters[crowd->count];
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = waiter };
	int code = open_socket(kind, port, &waiter->fd, err);
	if (code < 0)
		return code;
	crowd->count++;
	code = send_request(waiter->fd, kind, port, submission, err);
	if (code == 0 && epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, waiter->fd, &event) < 0)
		code = error_errno(err, "epoll_ctl");
	return code;
}

static void end_waiter(struct waiter *waiter)
{
	close_fd(&waiter->fd);
}

static void read_some(struct crowd *crowd, struct waiter *waiter)
{
	enum { KEPT = sizeof final_state - 1 };
	char bytes[KEPT + 65536];
	ssize_t got = recv(waiter->fd, bytes + KEPT, sizeof bytes - KEPT, MSG_DONTWAIT);
	if (got <= 0) {
		crowd->dropped++;
		end_waiter(waiter);
		return;
	}
	if (waiter->seen == 0 && got > 12 && memcmp(bytes + KEPT + 8, " 4", 2) == 0)
		crowd->refused++;
	waiter->seen += (size_t)got;
	memcpy(bytes, waiter->end, KEPT);
	if (memmem(bytes, KEPT + (size_t)got, final_state, KEPT)) {
		crowd->answered++;
		end_waiter(waiter);
	} else {
		memcpy(waiter->end, bytes + got, KEPT);
	}
}

void crowd_await(struct crowd *crowd, int64_t wait_ms)
{
	int64_t until = clock_monotonic_us() + wait_ms * 1000, left;
	while (crowd->answered + crowd->dropped < crowd->count && (left = until - clock_monotonic_us()) > 0) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(crowd->epoll, events, EVENTS, (int)(left / 1000 + 1));
		for (int i = 0; i < count; i++)
			read_some(crowd, events[i].data.ptr);
	}
}

int crowd_join(struct crowd *crowd, enum crowd_kind kind, int port, const int64_t *submissions,
	       size_t submission_count, size_t count, struct error *err)
{
	*crowd = (struct crowd){ .epoll = epoll_create1(EPOLL_CLOEXEC),
				 .waiters = calloc(count, sizeof *crowd->waiters) };
	if (crowd->epoll < 0 || !crowd->waiters)
		return error_set(err, -ENOMEM, "no room for %zu clients", count);
	int code = raise_file_limit(count, err);
	for (size_t i = 0; i < count && code == 0; i++) {
		code = join_one(crowd, kind, port, submissions[i % submission_count], err);
		if (i % AT_ONCE == AT_ONCE - 1)
			crowd_await(crowd, PACE_US / 1000);
	}
	return code;
}

void crowd_leave(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++)
		end_waiter(&crowd->waiters[i]);
	free(crowd->waiters);
	if (crowd->waiters)
		close_fd(&crowd->epoll);
	*crowd = (struct crowd){ 0 };
}
