/* direct_link.h - the conversation with one worker of ours: the other end of worker/direct.c. One thread's.
 *
 * The worker is not believed more than needed: it handles programs that nobody trusts. What makes no sense ends the
 * conversation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/frames.h"
#include "base/pool.h"
#include "model/progress.h"
#include "model/report.h"

struct direct_link {
	int socket; /* -1: none */
	int data; /* our end of another, by which it asks for test data (direct_data.h); -1: taken, or none */
	struct frames in;
	struct buffer out;
	size_t sent; /* of `out` */
};

/* Asks for a worker by the control socket (cli/nursery.h). Messages are at most `max` bytes, either way. */
int link_open(struct direct_link *link, int control, size_t max, struct error *err);
void link_close(struct direct_link *link);
bool link_is_open(const struct direct_link *link);
int link_socket(const struct direct_link *link);   /* for poll(2) */
short link_events(const struct direct_link *link); /* the same */

/* What is to be said; `job` is the JSON of the task. -EMSGSIZE, -ENOMEM. */
int link_job(struct direct_link *link, uint64_t id, const char *request_id, const char *job, size_t size);
int link_cancel(struct direct_link *link, uint64_t id);
/* As much of it as the socket takes now. 0, or negative when nobody is there. */
int link_send(struct direct_link *link);

enum link_route { LINK_HELLO, LINK_FAILED, LINK_IDLE, LINK_FINISH, LINK_RETURN, LINK_PROGRESS };
struct link_message {
	enum link_route route;
	struct pool *pool; /* owned by who asked: all that follows lives there */
	uint64_t job;
	int64_t slots;            /* LINK_HELLO */
	const char *why;          /* LINK_FAILED, LINK_RETURN */
	struct report *report;    /* LINK_FINISH */
	struct progress progress; /* LINK_PROGRESS */
};
/* Reads what is there: 0, or negative at the end. */
int link_receive(struct direct_link *link, struct error *err);
/* 1 and *message; 0: nothing more for now; negative: it makes no sense. */
int link_next(struct direct_link *link, struct link_message *message, struct error *err);

/* Decodes one message. Its pool is made here, also where it fails. */
int link_decode(const char *bytes, size_t size, struct link_message *message, struct error *err);
