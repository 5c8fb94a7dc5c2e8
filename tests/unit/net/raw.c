#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

struct http_server *raw_serve(struct http_server_options options)
{
	struct http_server *server = NULL;
	struct error err = { 0 };
	options.listen = options.listen ? options.listen : "127.0.0.1:0";
	options.threads = options.threads ? options.threads : 2;
	options.queue = options.queue ? options.queue : 64;
	options.connections = options.connections ? options.connections : 1000;
	options.body_bytes = options.body_bytes ? options.body_bytes : 1 << 20;
	options.head_ms = options.head_ms ? options.head_ms : 10000;
	options.body_ms = options.body_ms ? options.body_ms : 10000;
	options.idle_ms = options.idle_ms ? options.idle_ms : 10000;
	if (http_server_start(&options, &server, &err) < 0)
		fail_msg("%s", err.text);
	return server;
}

int raw_port(const struct http_server *server)
{
	const char *colon = strrchr(http_server_addresses(server)[0], ':');
	return (int)strtol(colon + 1, NULL, 10);
}

int raw_connect(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

void raw_send_bytes(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		at += sent;
		size -= (size_t)sent;
	}
}

void raw_send(int fd, const char *text)
{
	raw_send_bytes(fd, text, strlen(text));
}

const char *raw_header(const struct raw_response *response, const char *name)
{
	static char value[256];
	char start[64];
	snprintf(start, sizeof start, "\r\n%s: ", name);
	const char *found = strcasestr(buffer_text(&response->text), start);
	if (!found || (response->body && found > response->body))
		return NULL;
	found += strlen(start);
	snprintf(value, sizeof value, "%.*s", (int)strcspn(found, "\r"), found);
	return value;
}

static bool complete(struct raw_response *response)
{
	const char *text = buffer_text(&response->text);
	const char *end = strstr(text, "\r\n\r\n");
	if (!end)
		return false;
	response->body = end + 4;
	response->status = (int)strtol(text + strlen("HTTP/1.1 "), NULL, 10);
	const char *length = raw_header(response, "Content-Length");
	size_t body = response->text.size - (size_t)(response->body - text);
	if (!length)
		return response->status / 100 == 1 || response->status == 204;
	return body >= strtoul(length, NULL, 10);
}

void raw_read(int fd, struct raw_response *response)
{
	*response = (struct raw_response){ 0 };
	while (!complete(response)) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		if (poll(&waiting, 1, PATIENCE_MS) == 0)
			fail_msg("no answer within %d ms; so far: %s", PATIENCE_MS,
				 buffer_text(&response->text));
		char *room = buffer_reserve(&response->text, 65536);
		ssize_t got = recv(fd, room, 65536, 0);
		if (got <= 0) {
			response->ended = true;
			break;
		}
		response->text.size += (size_t)got;
		response->text.data[response->text.size] = '\0';
	}
}

void raw_free(struct raw_response *response)
{
	buffer_free(&response->text);
}

bool raw_closed(int fd)
{
	char discarded[65536];
	for (;;) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		if (poll(&waiting, 1, PATIENCE_MS) == 0)
			return false;
		if (recv(fd, discarded, sizeof discarded, 0) <= 0)
			return true;
	}
}

int raw_ask(int port, const char *text, struct raw_response *response)
{
	int fd = raw_connect(port);
	raw_send(fd, text);
	raw_read(fd, response);
	close(fd);
	return response->status;
}

void sleep_ms(int ms)
{
	struct timespec wait = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	while (nanosleep(&wait, &wait) < 0 && errno == EINTR)
		;
}
