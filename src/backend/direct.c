/* The runs that the backend's own worker has, and those that wait for it.
 *
 * Everything that changes is under the lock; the thread alone speaks to the worker (direct_link.c) and calls back,
 * with the lock let go. A slot is taken from the hand-out until the worker says "idle", so that one whose run was
 * cancelled is not thought to be free while the program still dies.
 *
 *     STARTING  a worker was asked for: runs wait
 *     READY     it said hello
 *     DOWN      it could not start: runs are refused, until a later try succeeds */
#include "direct.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "direct_data.h"
#include "direct_link.h"
#include "model/outcome.h"

enum {
	TRIES_MAX = 2,
	SLOTS_MAX = 256,
	HELLO_US = 60000000,
	YOUNG_US = 10000000, /* a worker that dies younger is not replaced at once */
	PAUSE_FIRST_US = 100000,
	PAUSE_MAX_US = 10000000,
	PAUSE_DOWN_MAX_US = 300000000, /* of one that could not even start */
	BUSY_RETRY_S = 2,
	DOWN_RETRY_S = 5,
	TICK_MS = 1000,
};

enum state { STARTING, READY, DOWN };

struct slot {
	uint64_t id;            /* 0: idle */
	struct direct_run *run; /* NULL: nobody waits for it any more */
	bool cancel;            /* still to be said */
	int64_t until_us;
};

struct queue {
	struct direct_run *first, **last;
	size_t count;
};

struct direct {
	struct direct_options options;
	pthread_t thread;
	bool runs;
	int wake; /* eventfd */

	pthread_mutex_t lock;
	pthread_cond_t settled; /* the state is not STARTING any more */
	enum state state;
	bool stopping;
	struct slot slots[SLOTS_MAX];
	size_t slot_count;
	uint64_t last_id;
	struct queue waiting, late; /* those that are late come when nobody else waits */
	struct queue refused;       /* what ends without having been run */
	char why[160];

	/* the thread's own */
	struct direct_link link;
	struct direct_data *data;            /* of that link */
	int64_t began_us, pause_us, next_us; /* the next worker is not asked for before */
};

/* ---- queues; with the lock held ---- */

static void push(struct queue *queue, struct direct_run *run)
{
	if (!queue->first)
		queue->last = &queue->first;
	run->next = NULL;
	*queue->last = run;
	queue->last = &run->next;
	queue->count++;
}

static void push_front(struct queue *queue, struct direct_run *run)
{
	if (!queue->first)
		queue->last = &run->next;
	run->next = queue->first;
	queue->first = run;
	queue->count++;
}

static struct direct_run *pop(struct queue *queue)
{
	struct direct_run *run = queue->first;

	if (!run)
		return NULL;
	queue->first = run->next;
	queue->count--;
	return run;
}

static bool take_out(struct queue *queue, struct direct_run *run)
{
	for (struct direct_run **slot = &queue->first; *slot; slot = &(*slot)->next) {
		if (*slot != run)
			continue;
		*slot = run->next;
		if (!*slot)
			queue->last = slot;
		queue->count--;
		return true;
	}
	return false;
}

static struct direct_run *next_of(struct direct *direct)
{
	struct direct_run *run = pop(&direct->waiting);

	return run ? run : pop(&direct->late);
}

/* ---- telling; the thread, without the lock ---- */

static void tell(struct direct_run *run, int code, const char *why, int retry_s)
{
	struct pool *none = NULL;

	run->done(run, &(struct direct_end){ .code = code, .pool = &none, .why = why, .retry_s = retry_s });
}

static void tell_refused(struct direct *direct, struct direct_run *run)
{
	char why[sizeof direct->why];

	pthread_mutex_lock(&direct->lock);
	bool down = direct->state == DOWN, over = direct->stopping || run->cancelled;
	snprintf(why, sizeof why, "%s", direct->why);
	pthread_mutex_unlock(&direct->lock);
	if (over)
		tell(run, -ECANCELED, "The run was cancelled", 0);
	else if (run->job_size > direct->options.message_max)
		tell(run, -EMSGSIZE, "The program and its tests are too large to be run", 0);
	else if (run->tries >= TRIES_MAX)
		tell(run, -EHOSTDOWN, "The program could not be run: try again", BUSY_RETRY_S);
	else if (down)
		tell(run, -EHOSTDOWN, "Programs cannot be run at the moment", DOWN_RETRY_S);
	else
		tell(run, -EAGAIN, "Too many programs are waiting to be run", BUSY_RETRY_S);
}

static void tell_all_refused(struct direct *direct)
{
	for (;;) {
		pthread_mutex_lock(&direct->lock);
		struct direct_run *run = pop(&direct->refused);
		pthread_mutex_unlock(&direct->lock);
		if (!run)
			return;
		tell_refused(direct, run);
	}
}

/* ---- the worker's life ---- */

static bool is_stopping(struct direct *direct)
{
	pthread_mutex_lock(&direct->lock);
	bool stopping = direct->stopping;
	pthread_mutex_unlock(&direct->lock);
	return stopping;
}

/* With the lock held. */
static void run_again(struct direct *direct, struct direct_run *run)
{
	if (++run->tries < TRIES_MAX && !direct->stopping && !run->cancelled)
		push_front(run->is_late ? &direct->late : &direct->waiting, run);
	else
		push(&direct->refused, run);
}

static void settle(struct direct *direct, enum state state, const char *why)
{
	direct->state = state;
	snprintf(direct->why, sizeof direct->why, "%s", why);
	pthread_cond_broadcast(&direct->settled);
}

/* What it had is run again by the next, before all others; when it never said hello nobody waits for the next. */
static void take_back(struct direct *direct, const char *why)
{
	pthread_mutex_lock(&direct->lock);
	bool was_ready = direct->state == READY;
	for (size_t i = direct->slot_count; i-- > 0;)
		if (direct->slots[i].run)
			run_again(direct, direct->slots[i].run);
	memset(direct->slots, 0, sizeof direct->slots);
	direct->slot_count = 0;
	settle(direct, was_ready ? STARTING : DOWN, why);
	while (!was_ready && (direct->waiting.first || direct->late.first))
		push(&direct->refused, next_of(direct));
	pthread_mutex_unlock(&direct->lock);
}

static void close_link(struct direct *direct)
{
	link_close(&direct->link);
	direct_data_stop(take_pointer(&direct->data));
}

static void lose_worker(struct direct *direct, const char *why)
{
	int64_t now_us = clock_monotonic_us();
	bool was_ready = direct->slot_count > 0, young = now_us - direct->began_us < YOUNG_US;
	int64_t first_us = was_ready ? PAUSE_FIRST_US : PAUSE_MAX_US;

	close_link(direct);
	direct->pause_us = was_ready && !young           ? 0
			   : direct->pause_us < first_us ? first_us
							 : 2 * direct->pause_us;
	if (direct->pause_us > (was_ready ? PAUSE_MAX_US : PAUSE_DOWN_MAX_US))
		direct->pause_us = was_ready ? PAUSE_MAX_US : PAUSE_DOWN_MAX_US;
	direct->next_us = now_us + direct->pause_us;
	if (is_stopping(direct))
		return;
	log_error("the worker for direct execution is gone", LOG_TEXT("why", why),
		  LOG_INT("next_in_ms", direct->pause_us / 1000));
	take_back(direct, why);
}

static void ask_for_worker(struct direct *direct)
{
	struct error err = { 0 };

	if (link_is_open(&direct->link) || clock_monotonic_us() < direct->next_us)
		return;
	direct->began_us = clock_monotonic_us();
	int code = link_open(&direct->link, direct->options.control, direct->options.message_max, &err);
	if (code == 0)
		code = direct_data_start(take_fd(&direct->link.data), direct->options.data, &direct->data,
					 &err);
	if (code < 0)
		lose_worker(direct, err.text);
}

/* ---- what the worker says ---- */

/* With the lock held. */
static struct slot *slot_of(struct direct *direct, uint64_t id)
{
	for (size_t i = 0; i < direct->slot_count; i++)
		if (id != 0 && direct->slots[i].id == id)
			return &direct->slots[i];
	return NULL;
}

/* Its run, which is not the slot's any more. */
static struct direct_run *take_run(struct direct *direct, uint64_t id)
{
	pthread_mutex_lock(&direct->lock);
	struct slot *slot = slot_of(direct, id);
	struct direct_run *run = slot ? slot->run : NULL;
	if (slot)
		slot->run = NULL;
	pthread_mutex_unlock(&direct->lock);
	return run;
}

static int note_hello(struct direct *direct, const struct link_message *message)
{
	pthread_mutex_lock(&direct->lock);
	direct->slot_count = (size_t)message->slots;
	settle(direct, READY, "");
	pthread_mutex_unlock(&direct->lock);
	log_info("the worker for direct execution is ready", LOG_INT("slots", message->slots));
	return 0;
}

static int note_idle(struct direct *direct, const struct link_message *message, struct error *err)
{
	pthread_mutex_lock(&direct->lock);
	struct slot *slot = slot_of(direct, message->job);
	bool ended = slot && !slot->run;
	if (ended)
		*slot = (struct slot){ 0 };
	pthread_mutex_unlock(&direct->lock);
	return ended ? 0 : error_set(err, -EPROTO, "a job is over that was not told of");
}

static int note_report(struct direct *direct, struct link_message *message, struct error *err)
{
	struct direct_run *run = take_run(direct, message->job);
	const char *misfit = run ? outcome_misfit(message->report, run->tests) : NULL;

	if (misfit) {
		tell(run, -EHOSTDOWN, "The program could not be run: try again", BUSY_RETRY_S);
		return error_set(err, -EPROTO, "a report cannot be: %s", misfit);
	}
	if (run)
		run->done(run, &(struct direct_end){
				       .pool = &message->pool, .report = message->report, .why = "" });
	return 0;
}

/* It was given up there: by a worker that stops, or that could not. */
static int note_return(struct direct *direct, const struct link_message *message)
{
	struct direct_run *run = take_run(direct, message->job);

	log_warning("a run came back from the worker", LOG_TEXT("why", message->why));
	if (!run)
		return 0;
	pthread_mutex_lock(&direct->lock);
	run_again(direct, run);
	pthread_mutex_unlock(&direct->lock);
	return 0;
}

/* The thread is the only one that could end the run meanwhile. */
static int note_progress(struct direct *direct, const struct link_message *message)
{
	pthread_mutex_lock(&direct->lock);
	struct slot *slot = slot_of(direct, message->job);
	struct direct_run *run = slot ? slot->run : NULL;
	pthread_mutex_unlock(&direct->lock);
	if (run && run->progress)
		run->progress(run, &message->progress);
	return 0;
}

static int note(struct direct *direct, struct link_message *message, struct error *err)
{
	bool ready = direct->slot_count > 0; /* which this thread alone changes */

	if (ready == (message->route == LINK_HELLO || message->route == LINK_FAILED))
		return error_set(err, -EPROTO, "a message came out of turn");
	switch (message->route) {
	case LINK_HELLO: return note_hello(direct, message);
	case LINK_FAILED: return error_set(err, -EHOSTDOWN, "%s", message->why);
	case LINK_IDLE: return note_idle(direct, message, err);
	case LINK_FINISH: return note_report(direct, message, err);
	case LINK_RETURN: return note_return(direct, message);
	case LINK_PROGRESS: return note_progress(direct, message);
	}
	return error_set(err, -EPROTO, "a message of no kind");
}

static void hear(struct direct *direct)
{
	struct error err = { 0 };
	int code = link_receive(&direct->link, &err);

	while (code == 0) {
		struct link_message message = { 0 };

		code = link_next(&direct->link, &message, &err);
		if (code == 0)
			break;
		if (code > 0)
			code = note(direct, &message, &err);
		pool_free(message.pool);
	}
	if (code < 0)
		lose_worker(direct, err.text);
}

/* ---- what it is told ---- */

/* With the lock held. */
static int fill_slot(struct direct *direct, struct slot *slot, struct direct_run *run)
{
	*slot = (struct slot){ .id = ++direct->last_id,
			       .run = run,
			       .until_us = clock_monotonic_us() + run->most_ms * 1000 };
	return link_job(&direct->link, slot->id, run->request_id, run->job, run->job_size);
}

static void hand_out(struct direct *direct)
{
	int code = 0;

	pthread_mutex_lock(&direct->lock);
	for (size_t i = 0; i < direct->slot_count && code == 0; i++) {
		struct slot *slot = &direct->slots[i];

		struct direct_run *next = slot->id == 0 ? next_of(direct) : NULL;
		if (next)
			code = fill_slot(direct, slot, next);
		if (slot->cancel && code == 0)
			code = link_cancel(&direct->link, slot->id);
		slot->cancel = false;
	}
	pthread_mutex_unlock(&direct->lock);
	if (code == 0)
		code = link_send(&direct->link);
	if (code < 0)
		lose_worker(direct, "it does not hear us");
}

/* The moment at which the worker must be stuck. */
static void look_at_time(struct direct *direct)
{
	int64_t now_us = clock_monotonic_us();
	bool stuck = false;

	if (!link_is_open(&direct->link))
		return;
	pthread_mutex_lock(&direct->lock);
	for (size_t i = 0; i < direct->slot_count; i++)
		stuck = stuck || (direct->slots[i].id != 0 && direct->slots[i].until_us < now_us);
	stuck = stuck || (direct->slot_count == 0 && now_us - direct->began_us > HELLO_US);
	pthread_mutex_unlock(&direct->lock);
	if (stuck)
		lose_worker(direct, "it does not get on with its work");
}

/* ---- the thread ---- */

static void wait_for_news(struct direct *direct)
{
	struct pollfd polled[] = { { .fd = direct->wake, .events = POLLIN },
				   { .fd = link_socket(&direct->link),
				     .events = link_events(&direct->link) } };
	int64_t pause_us = direct->next_us - clock_monotonic_us();
	bool asks_soon = !link_is_open(&direct->link) && pause_us < TICK_MS * 1000;
	uint64_t count;

	if (poll(polled, 2, asks_soon ? pause_us > 0 ? (int)(pause_us / 1000) + 1 : 0 : TICK_MS) <= 0)
		return;
	if (polled[0].revents && read(direct->wake, &count, sizeof count) < 0)
		return;
	if (polled[1].revents & (POLLIN | POLLHUP | POLLERR))
		hear(direct);
}

static void end_all(struct direct *direct)
{
	close_link(direct);
	pthread_mutex_lock(&direct->lock);
	for (size_t i = 0; i < direct->slot_count; i++)
		if (direct->slots[i].run)
			push(&direct->refused, direct->slots[i].run);
	while (direct->waiting.first || direct->late.first)
		push(&direct->refused, next_of(direct));
	memset(direct->slots, 0, sizeof direct->slots);
	direct->slot_count = 0;
	settle(direct, DOWN, "the backend stops");
	pthread_mutex_unlock(&direct->lock);
	tell_all_refused(direct);
}

static void *direct_main(void *argument)
{
	struct direct *direct = argument;

	while (!is_stopping(direct)) {
		ask_for_worker(direct);
		if (link_is_open(&direct->link))
			hand_out(direct);
		look_at_time(direct);
		tell_all_refused(direct);
		wait_for_news(direct);
	}
	end_all(direct);
	return NULL;
}

static void wake(struct direct *direct)
{
	const uint64_t one = 1;

	if (write(direct->wake, &one, sizeof one) < 0)
		return; /* it is full of wakes already */
}

/* ---- for the runner ---- */

void direct_submit(struct direct *direct, struct direct_run *run)
{
	pthread_mutex_lock(&direct->lock);
	bool stopped = direct->stopping;
	bool takes = direct->state != DOWN && !run->cancelled && run->job_size <= direct->options.message_max;
	size_t idle = 0;

	for (size_t i = 0; i < direct->slot_count; i++)
		idle += direct->slots[i].id == 0;
	struct queue *queue = run->is_late ? &direct->late : &direct->waiting;
	takes = takes && queue->count < direct->options.queue_max + idle;
	if (!stopped)
		push(takes ? queue : &direct->refused, run);
	pthread_mutex_unlock(&direct->lock);
	if (stopped)
		tell_refused(direct, run);
	else
		wake(direct);
}

void direct_cancel(struct direct *direct, struct direct_run *run)
{
	pthread_mutex_lock(&direct->lock);
	run->cancelled = true;
	bool ends = take_out(run->is_late ? &direct->late : &direct->waiting, run);
	for (size_t i = 0; i < direct->slot_count; i++) {
		struct slot *slot = &direct->slots[i];

		if (slot->run != run)
			continue;
		slot->run = NULL;
		slot->cancel = ends = true;
	}
	if (ends)
		push(&direct->refused, run);
	pthread_mutex_unlock(&direct->lock);
	if (ends)
		wake(direct);
}

void direct_look(struct direct *direct, struct direct_status *status)
{
	pthread_mutex_lock(&direct->lock);
	*status = (struct direct_status){ .available = direct->state == READY,
					  .slots = (int64_t)direct->slot_count,
					  .waiting = (int64_t)(direct->waiting.count + direct->late.count) };
	for (size_t i = 0; i < direct->slot_count; i++)
		status->running += direct->slots[i].id != 0;
	memcpy(status->why, direct->why, sizeof status->why);
	pthread_mutex_unlock(&direct->lock);
}

bool direct_await(struct direct *direct, int64_t timeout_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	pthread_mutex_lock(&direct->lock);
	while (direct->state == STARTING &&
	       pthread_cond_timedwait(&direct->settled, &direct->lock, &until) == 0)
		;
	bool ready = direct->state == READY;
	pthread_mutex_unlock(&direct->lock);
	return ready;
}

int direct_start(const struct direct_options *options, struct direct **ret_direct, struct error *err)
{
	struct direct *direct = calloc(1, sizeof *direct);

	if (!direct) {
		close(options->control);
		return error_set(err, -ENOMEM, "out of memory");
	}
	direct->options = *options;
	direct->link = (struct direct_link){ .socket = -1, .data = -1 };
	pthread_mutex_init(&direct->lock, NULL);
	pthread_cond_init(&direct->settled, NULL);
	direct->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int code = direct->wake < 0 ? errno : pthread_create(&direct->thread, NULL, direct_main, direct);
	if (code != 0) {
		direct_free(direct);
		return error_set(err, -code, "start the thread of direct execution: error %d", code);
	}
	pthread_setname_np(direct->thread, "direct");
	direct->runs = true;
	*ret_direct = direct;
	return 0;
}

void direct_stop(struct direct *direct)
{
	pthread_mutex_lock(&direct->lock);
	direct->stopping = true;
	pthread_mutex_unlock(&direct->lock);
	wake(direct);
	if (direct->runs)
		pthread_join(direct->thread, NULL);
	direct->runs = false;
	close_fd(&direct->options.control);
}

void direct_free(struct direct *direct)
{
	if (!direct)
		return;
	direct_stop(direct);
	close_fd(&direct->wake);
	pthread_cond_destroy(&direct->settled);
	pthread_mutex_destroy(&direct->lock);
	free(direct);
}
