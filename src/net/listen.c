#include "listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

enum { BACKLOG = 4096, ENTRY_BYTES = 128 };

struct entry {
	char text[ENTRY_BYTES]; /* "[::1]:8001" */
	char host[ENTRY_BYTES]; /* "::1" */
	const char *port;       /* within text */
};

static int split_entry(const char *start, size_t size, struct entry *entry, struct error *err)
{
	while (size > 0 && *start == ' ')
		start++, size--;
	while (size > 0 && start[size - 1] == ' ')
		size--;
	snprintf(entry->text, sizeof entry->text, "%.*s", (int)size, start);
	char *colon = strrchr(entry->text, ':');
	size_t host_size = colon ? (size_t)(colon - entry->text) : 0;
	bool bracketed = host_size > 2 && entry->text[0] == '[' && colon[-1] == ']';
	if (host_size == 0 || size >= sizeof entry->text ||
	    (!bracketed && memchr(entry->text, ':', host_size)))
		return error_set(err, -EINVAL,
				 "listen on '%s': not ADDRESS:PORT, such as 127.0.0.1:8001 or [::1]:8001",
				 entry->text);
	snprintf(entry->host, sizeof entry->host, "%.*s", (int)(bracketed ? host_size - 2 : host_size),
		 entry->text + bracketed);
	entry->port = colon + 1;
	return 0;
}

static int bind_failure(const struct entry *entry, struct error *err)
{
	if (errno == EADDRINUSE)
		return error_set(err, -EADDRINUSE,
				 "listen on %s: address already in use (another arena, or another program?)",
				 entry->text);
	if (errno == EACCES)
		return error_set(err, -EACCES, "listen on %s: not allowed (ports below 1024 need root)",
				 entry->text);
	return error_errno(err, "listen on %s", entry->text);
}

/* SO_REUSEADDR lets a restart bind while old connections linger; SO_REUSEPORT would let a second arena bind
 * the same port unnoticed. */
static int open_socket(const struct entry *entry, const struct addrinfo *address, int *ret_fd,
		       struct error *err)
{
	const int on = 1;
	cleanup_fd int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return bind_failure(entry, err);
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return bind_failure(entry, err);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* With the port that the kernel chose where 0 was asked for. */
static char *address_text(int fd, const char *host)
{
	struct sockaddr_in6 bound = { 0 }; /* the port is at the same place in both families */
	socklen_t size = sizeof bound;
	char *text = NULL;
	if (getsockname(fd, (struct sockaddr *)&bound, &size) < 0)
		return NULL;
	bool v6 = bound.sin6_family == AF_INET6;
	if (asprintf(&text, "http://%s%s%s:%d", v6 ? "[" : "", host, v6 ? "]" : "", ntohs(bound.sin6_port)) <
	    0)
		return NULL;
	return text;
}

static void free_addresses(struct addrinfo **addresses)
{
	if (*addresses)
		freeaddrinfo(*addresses);
}

static int open_entry(struct listeners *listeners, const char *start, size_t size, struct error *err)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	cleanup_with(free_addresses) struct addrinfo *address = NULL;
	struct entry entry;

	int status = split_entry(start, size, &entry, err);
	if (status < 0)
		return status;
	if (listeners->count == LISTEN_MAX)
		return error_set(err, -E2BIG, "listen: more than %d addresses", LISTEN_MAX);
	int failed = getaddrinfo(entry.host, entry.port, &hints, &address);
	if (failed || !*entry.port || entry.port[strspn(entry.port, "0123456789")] ||
	    atol(entry.port) > 65535)
		return error_set(err, -EINVAL,
				 "listen on '%s': needs a numeric address and a port up to 65535",
				 entry.text);

	int fd = -1;
	status = open_socket(&entry, address, &fd, err);
	if (status < 0)
		return status;
	listeners->fds[listeners->count] = fd;
	char *text = listeners->addresses[listeners->count++] = address_text(fd, entry.host);
	return text ? 0 : error_set(err, -ENOMEM, "listen on %s: out of memory", entry.text);
}

int listen_open(const char *list, struct listeners *listeners, struct error *err)
{
	struct listeners opened = { 0 };
	int status = 0;
	for (const char *start = list;; start++) {
		size_t size = strcspn(start, ",");
		status = open_entry(&opened, start, size, err);
		start += size;
		if (status < 0 || *start == '\0')
			break;
	}
	if (status < 0)
		listen_close(&opened);
	else
		*listeners = opened;
	return status;
}

void listen_close(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++) {
		close_fd(&listeners->fds[i]);
		free(listeners->addresses[i]);
	}
	*listeners = (struct listeners){ 0 };
}
