#include "direct_link.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"

enum { SLOTS_MAX = 256, WHY_BYTES_MAX = 400, ENVELOPE_BYTES = 64 << 10 };

/* ---- its life ---- */

static int hand_over(int to, char byte, int socket, struct error *err)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room = { .bytes = { 0 } };
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room.bytes,
				  .msg_controllen = sizeof room.bytes };
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof socket);
	memcpy(CMSG_DATA(rights), &socket, sizeof socket);
	return sendmsg(to, &message, MSG_NOSIGNAL) == 1 ? 0 : error_errno(err, "ask for a worker");
}

/* The first that goes down the socket is the other one. */
static int hand_over_data(struct direct_link *link, struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "socketpair");
	link->data = ends[0];
	int code = hand_over(link->socket, 'd', ends[1], err);
	close(ends[1]);
	return code;
}

int link_open(struct direct_link *link, int control, size_t max, struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "socketpair");
	*link = (struct direct_link){ .socket = ends[0], .data = -1, .in = { .max = max + ENVELOPE_BYTES } };
	int code = hand_over_data(link, err);
	if (code == 0)
		code = hand_over(control, 'w', ends[1], err);
	close(ends[1]);
	if (code < 0)
		link_close(link);
	return code;
}

void link_close(struct direct_link *link)
{
	close_fd(&link->socket);
	close_fd(&link->data);
	frames_free(&link->in);
	buffer_free(&link->out);
	*link = (struct direct_link){ .socket = -1, .data = -1 };
}

bool link_is_open(const struct direct_link *link)
{
	return link->socket >= 0;
}

int link_socket(const struct direct_link *link)
{
	return link->socket;
}

short link_events(const struct direct_link *link)
{
	return (short)(link->sent < link->out.size ? POLLIN | POLLOUT : POLLIN);
}

/* ---- saying ---- */

static int say(struct direct_link *link, const struct buffer *text)
{
	return text->failed ? -ENOMEM : frame_append(&link->out, text->data, text->size, link->in.max);
}

int link_job(struct direct_link *link, uint64_t id, const char *request_id, const char *job, size_t size)
{
	cleanup_json json_t *request = request_id ? json_string(request_id) : json_null();
	cleanup_buffer struct buffer text = { 0 };

	buffer_printf(&text,
		      "{\"job\":{\"job\":%" PRIu64 ",\"submission_id\":%" PRIu64
		      ",\"lease\":\"direct\",\"request_id\":",
		      id, id);
	if (!request || json_write(request, &text) < 0)
		return -ENOMEM;
	buffer_puts(&text, ",\"task\":");
	buffer_append(&text, job, size);
	buffer_puts(&text, "}}");
	return say(link, &text);
}

int link_cancel(struct direct_link *link, uint64_t id)
{
	cleanup_buffer struct buffer text = { 0 };

	buffer_printf(&text, "{\"cancel\":%" PRIu64 "}", id);
	return say(link, &text);
}

int link_send(struct direct_link *link)
{
	while (link->sent < link->out.size) {
		ssize_t count = send(link->socket, link->out.data + link->sent, link->out.size - link->sent,
				     MSG_NOSIGNAL | MSG_DONTWAIT);

		if (count < 0 && errno == EAGAIN)
			return 0;
		if (count < 0 && errno != EINTR)
			return -errno;
		link->sent += count > 0 ? (size_t)count : 0;
	}
	buffer_free(&link->out); /* tasks are large, and rest in between */
	link->sent = 0;
	return 0;
}

/* ---- hearing ---- */

int link_receive(struct direct_link *link, struct error *err)
{
	ssize_t count = frames_read(&link->in, link->socket);

	if (count == 0)
		return error_set(err, -EPIPE, "it ended");
	return count > 0 || count == -EAGAIN ? 0 : error_set(err, (int)count, "it cannot be heard");
}

static const char *const route_names[] = {
	[LINK_HELLO] = "hello",   [LINK_FAILED] = "failed", [LINK_IDLE] = "idle",
	[LINK_FINISH] = "finish", [LINK_RETURN] = "return", [LINK_PROGRESS] = "progress",
};
enum { ROUTES = sizeof route_names / sizeof route_names[0] };

static int decode_route(const char *name, enum link_route *route, struct error *err)
{
	for (size_t i = 0; name && i < ROUTES; i++) {
		if (strcmp(route_names[i], name) != 0)
			continue;
		*route = (enum link_route)i;
		return 0;
	}
	return error_set(err, -EPROTO, "a message of no kind that we know");
}

static const char *copy_why(const char *text, struct pool *pool)
{
	const char *copy = pool_printf(pool, "%.*s", WHY_BYTES_MAX, text);

	return copy ? copy : "";
}

static int decode_report(const json_t *json, struct link_message *message, struct error *err)
{
	if (!json)
		return error_set(err, -EPROTO, "a message without its report");
	message->report = pool_alloc(message->pool, sizeof *message->report);
	if (!message->report)
		return error_set(err, -ENOMEM, "out of memory");
	return report_decode(json, message->pool, message->report, err);
}

/* Workers of other versions may say more: what is not known is left aside. */
static int decode_body(const json_t *body, struct link_message *message, struct error *err)
{
	struct json_reader reader;
	bool early = message->route == LINK_HELLO || message->route == LINK_FAILED;
	const char *reason = message->route == LINK_FAILED ? "why" : "reason";

	json_reader_open(&reader, body, "body", err);
	if (!early)
		message->job = (uint64_t)json_need_int(&reader, "job", 1, INT64_MAX);
	if (message->route == LINK_HELLO)
		message->slots = json_need_int(&reader, "slots", 1, SLOTS_MAX);
	if (message->route == LINK_PROGRESS)
		progress_read(&reader, message->pool, &message->progress);
	if (message->route == LINK_FAILED || message->route == LINK_RETURN)
		message->why = copy_why(json_get_text(&reader, reason, "", NULL), message->pool);
	if (reader.failed)
		return reader.failed;
	return message->route == LINK_FINISH ? decode_report(json_object_get(body, "report"), message, err)
					     : 0;
}

int link_decode(const char *bytes, size_t size, struct link_message *message, struct error *err)
{
	cleanup_json json_t *json = NULL;

	*message = (struct link_message){ .pool = pool_new(), .why = "" };
	if (!message->pool)
		return error_set(err, -ENOMEM, "out of memory");
	int code = json_parse(bytes, size, &json, err);
	if (code == 0)
		code = decode_route(json_string_value(json_object_get(json, "route")), &message->route, err);
	return code < 0 ? code : decode_body(json_object_get(json, "body"), message, err);
}

int link_next(struct direct_link *link, struct link_message *message, struct error *err)
{
	const char *bytes;
	size_t size;
	int code = frames_next(&link->in, &bytes, &size);

	if (code < 0)
		return error_set(err, code, "a message that is too large");
	if (code == 0)
		return 0;
	code = link_decode(bytes, size, message, err);
	return code < 0 ? code : 1;
}
