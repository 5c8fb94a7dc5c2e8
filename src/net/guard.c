/* The guard: evhttp never sees a byte of a request that was not looked at first.
 *
 * What evhttp 2.1.12 does when left alone: it takes the first of two Content-Lengths, prefers
 * Transfer-Encoding where both are there, reads header values up to a NUL and a line that starts with one as
 * the end of the head, joins folded lines, takes "Content-Length : 5" for a header of that odd name, takes
 * the body of a GET for the next request, accepts bare line feeds and chunk sizes such as "+5" and "0x5",
 * merges trailers into the headers, does not ask for a Host, and restarts its one timeout with every byte.
 *
 * So each connection's input is taken away from evhttp by a callback on the bufferevent's input buffer, and
 * kept here until one request is there from its first to its last byte and head.h finds nothing wrong with
 * it. Then exactly those bytes go back into the input buffer, and evhttp parses them in one go. It never
 * waits within a request, so its own states and timeouts do not matter; it stays the one that parses.
 *
 * A bad request is replaced by a harmless one that closes the connection, and the server, which asks
 * guard_refusal() first, answers that with the status and the reason. This way a refusal takes the same way
 * as every other answer.
 *
 *   IDLE --byte--> HEAD --empty line--> BODY --last byte--> HANDED --answer--> ANSWERING --written--> IDLE
 *
 * Deadlines are absolute: one timer, set when a state is entered, never moved by arriving bytes. IDLE ends in
 * silence, HEAD and BODY in 408, ANSWERING is closed when its reader has not taken a fair amount meanwhile.
 * HANDED has none: the server's own waiting is not the client's fault.
 *
 * Bytes that come early (pipelining) are held for the next request, up to a head's size, then the socket is
 * no longer read. All connections together hold a bounded amount, so that a thousand slow uploads are
 * refused with 503 instead of filling the memory. */
#include "guard.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "head.h"

enum { FAIR_READ_BYTES = 65536 }; /* what the reader of a long answer must take in body_ms */

static const char stand_in[] = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

enum guard_state { GUARD_IDLE, GUARD_HEAD, GUARD_BODY, GUARD_HANDED, GUARD_ANSWERING };

struct guard {
	struct guard_rules *rules;
	struct bufferevent *bev; /* evhttp's */
	struct event *deadline;
	enum guard_state state;
	bool giving;        /* the bytes that are being added to the input are ours */
	size_t charged;     /* our share of rules->held */
	struct buffer held; /* not yet given to evhttp */
	size_t scanned;     /* how much of it was looked at */
	size_t head_size;
	size_t body_bytes_max; /* of this request's route */
	struct head head;
	struct chunks chunks;
	struct guard_refusal refusal;
	char *too_large; /* the words of a refusal */
	size_t unread;   /* of the answer, when the deadline was set */
};

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg);
static void on_deadline(evutil_socket_t fd, short what, void *arg);
static void set_deadline(struct guard *guard, int64_t ms);
static void advance(struct guard *guard);

struct guard *guard_new(struct guard_rules *rules, struct bufferevent *bev)
{
	struct guard *guard = calloc(1, sizeof *guard);
	if (!guard)
		return NULL;
	guard->rules = rules;
	guard->bev = bev;
	guard->deadline = evtimer_new(bufferevent_get_base(bev), on_deadline, guard);
	if (!guard->deadline || !evbuffer_add_cb(bufferevent_get_input(bev), on_input, guard)) {
		guard_free(guard);
		return NULL;
	}
	/* Our emptying of the input must not call evhttp; 1 byte is the least that does. */
	bufferevent_setwatermark(bev, EV_READ, 1, 0);
	set_deadline(guard, rules->head_ms);
	return guard;
}

static void charge(struct guard *guard, size_t bytes)
{
	guard->rules->held += bytes - guard->charged;
	guard->charged = bytes;
}

void guard_free(struct guard *guard)
{
	if (!guard)
		return;
	charge(guard, 0);
	if (guard->deadline)
		event_free(guard->deadline);
	evbuffer_remove_cb(bufferevent_get_input(guard->bev), on_input, guard);
	buffer_free(&guard->held);
	free(guard->too_large);
	free(guard);
}

void guard_take(struct guard *guard, struct buffer *early)
{
	charge(guard, 0);
	*early = guard->held;
	guard->held = (struct buffer){ 0 };
}

struct guard_refusal guard_refusal(const struct guard *guard)
{
	return guard->refusal;
}

static void set_deadline(struct guard *guard, int64_t ms)
{
	struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	/* From now, not from when this turn of the loop began: a large answer takes its time to copy. */
	event_base_update_cache_time(bufferevent_get_base(guard->bev));
	evtimer_add(guard->deadline, &wait);
}

/* ---- from the socket to evhttp ---- */

static void give(struct guard *guard, const void *bytes, size_t size)
{
	guard->state = GUARD_HANDED;
	evtimer_del(guard->deadline);
	guard->giving = true;
	/* To the front: a bufferevent's input is frozen at its end, and empty anyway. */
	evbuffer_prepend(bufferevent_get_input(guard->bev), bytes, size);
	guard->giving = false;
}

static void refuse(struct guard *guard, int status, const char *why)
{
	guard->refusal = (struct guard_refusal){ status, why };
	buffer_free(&guard->held);
	give(guard, stand_in, sizeof stand_in - 1);
}

static void give_request(struct guard *guard, size_t size)
{
	give(guard, guard->held.data, size);
	guard->held.size -= size;
	memmove(guard->held.data, guard->held.data + size, guard->held.size);
	if (guard->held.size == 0)
		buffer_free(&guard->held);
	guard->scanned = 0;
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct guard *guard = arg;
	size_t size = evbuffer_get_length(input);
	if (info->n_added == 0 || guard->giving)
		return;
	if (guard->refusal.status == 0) {
		buffer_append(&guard->held, evbuffer_pullup(input, -1), size);
		charge(guard, guard->charged + size);
	}
	evbuffer_drain(input, size);

	if (guard->state == GUARD_HANDED || guard->state == GUARD_ANSWERING) {
		if (guard->held.size > guard->rules->head_bytes)
			bufferevent_disable(guard->bev, EV_READ);
		return;
	}
	advance(guard);
}

static void begin_head(struct guard *guard)
{
	/* RFC 9112 section 2.2: empty lines before a request are skipped. */
	size_t skip = 0;
	while (skip < guard->held.size && (guard->held.data[skip] == '\r' || guard->held.data[skip] == '\n'))
		skip++;
	guard->held.size -= skip;
	memmove(guard->held.data, guard->held.data + skip, guard->held.size);
	if (guard->held.size == 0)
		return;
	guard->state = GUARD_HEAD;
	guard->scanned = 0;
	set_deadline(guard, guard->rules->head_ms);
}

static void ask_for_body(struct guard *guard)
{
	/* Around the bufferevent, whose write callback evhttp reserves for answers. Nothing is unsent on this
	 * connection, so these 25 bytes find room; a client that misses them sends its body all the same. */
	send(bufferevent_getfd(guard->bev), go_on, sizeof go_on - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* head_check() has seen that the request line is "METHOD /path HTTP/1.1". */
static size_t body_bytes_max(const struct guard *guard)
{
	const char *method = guard->held.data;
	size_t method_size = strcspn(method, " ");
	const char *path = method + method_size + 1;
	return guard->rules->body_bytes_of(guard->rules->server, method, method_size, path,
					   strcspn(path, " ?"));
}

static void refuse_body(struct guard *guard)
{
	free(guard->too_large);
	if (asprintf(&guard->too_large, "The request's body is too large: at most %zu bytes",
		     guard->body_bytes_max) < 0)
		guard->too_large = NULL;
	refuse(guard, 413, guard->too_large ? guard->too_large : "The request's body is too large");
}

static void end_head(struct guard *guard)
{
	const struct guard_rules *rules = guard->rules;
	size_t size = head_end(guard->held.data, guard->held.size, &guard->scanned);
	if (size > rules->head_bytes || (size == 0 && guard->held.size > rules->head_bytes)) {
		refuse(guard, 431, "The request's head is too large");
		return;
	}
	if (size == 0)
		return;

	const char *why;
	int status = head_check(guard->held.data, size, &guard->head, &why);
	if (status != 0) {
		refuse(guard, status, why);
		return;
	}
	guard->state = GUARD_BODY;
	guard->head_size = guard->scanned = size;
	guard->chunks = (struct chunks){ 0 };
	guard->body_bytes_max = body_bytes_max(guard);
	set_deadline(guard, rules->body_ms);
	if (guard->head.expects_continue && guard->held.size == size &&
	    guard->head.content_length <= guard->body_bytes_max)
		ask_for_body(guard);
}

static void end_body(struct guard *guard)
{
	struct buffer *held = &guard->held;
	size_t size = guard->head.content_length;
	bool complete = held->size - guard->head_size >= size;

	if (guard->head.chunked) {
		long used =
			chunks_feed(&guard->chunks, held->data + guard->scanned, held->size - guard->scanned);
		if (used < 0) {
			refuse(guard, 400, "The chunked body is malformed");
			return;
		}
		guard->scanned += (size_t)used;
		size = guard->chunks.total;
		complete = guard->chunks.step == CHUNKS_DONE;
	}
	if (size > guard->body_bytes_max)
		refuse_body(guard);
	else if (complete)
		give_request(guard, guard->head.chunked ? guard->scanned : guard->head_size + size);
	else if (guard->rules->held > guard->rules->held_max)
		refuse(guard, 503, "Too many large requests at once");
}

static void advance(struct guard *guard)
{
	if (guard->held.failed) {
		refuse(guard, 503, "Out of memory");
		return;
	}
	if (guard->state == GUARD_IDLE)
		begin_head(guard);
	if (guard->state == GUARD_HEAD)
		end_head(guard);
	if (guard->state == GUARD_BODY)
		end_body(guard);
}

/* ---- after that ---- */

void guard_answering(struct guard *guard)
{
	guard->state = GUARD_ANSWERING;
	guard->unread = evbuffer_get_length(bufferevent_get_output(guard->bev));
	set_deadline(guard, guard->rules->body_ms);
}

void guard_next(struct guard *guard)
{
	guard->state = GUARD_IDLE;
	charge(guard, guard->held.size);
	/* What was held is looked at when evhttp is ready for it, which it is not within its callback. */
	set_deadline(guard, guard->held.size > 0 ? 0 : guard->rules->idle_ms);
}

/* In on_input(), what was given is parsed on return from it; elsewhere it has to be asked for, at once: bytes
 * that arrived in between would mix with it. */
static void let_parse(struct guard *guard)
{
	if (guard->state == GUARD_HANDED)
		bufferevent_trigger(guard->bev, EV_READ, 0);
}

/* evhttp's own way out: it frees the connection, and with that this guard. */
static void hang_up(struct guard *guard)
{
	bufferevent_trigger_event(guard->bev, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
}

static void end_idling(struct guard *guard)
{
	if (guard->held.size == 0) {
		hang_up(guard);
		return;
	}
	set_deadline(guard, guard->rules->idle_ms);
	advance(guard);
	let_parse(guard);
}

static void watch_reader(struct guard *guard)
{
	size_t unread = evbuffer_get_length(bufferevent_get_output(guard->bev));
	if (unread + FAIR_READ_BYTES <= guard->unread) {
		guard_answering(guard);
		return;
	}
	/* A reset: otherwise the kernel would go on keeping megabytes for this reader. */
	const struct linger reset = { .l_onoff = 1 };
	setsockopt(bufferevent_getfd(guard->bev), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	hang_up(guard);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct guard *guard = arg;
	switch (guard->state) {
	case GUARD_IDLE: end_idling(guard); break;
	case GUARD_HEAD:
	case GUARD_BODY:
		refuse(guard, 408, "The request took too long to arrive");
		let_parse(guard);
		break;
	case GUARD_ANSWERING: watch_reader(guard); break;
	case GUARD_HANDED: break;
	}
}
