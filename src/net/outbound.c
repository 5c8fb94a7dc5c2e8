/* The thread that speaks to others' servers.
 *
 * Requests come in by an inbox under a lock; everything else belongs to the thread alone. Each goes to its
 * destination, which starts it, keeps it waiting, or sends it back because it is left alone. A destination is
 * kept while it has requests, or failures to remember. */
#include "net/outbound.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "breaker.h"
#include "transfer.h"

enum { BUCKETS = 256, POLL_MS = 1000, CONNECTIONS_KEPT = 64, FORGET_US = 600000000, SWEEP_US = 60000000 };

struct queue {
	struct transfer *first, **last;
};

struct destination {
	struct destination *next;
	char origin[OUTBOUND_ORIGIN_BYTES];
	struct breaker breaker;
	size_t active;
	struct queue waiting;
	struct destination *next_waiting; /* in the ring of those that could start one but for the total */
	bool listed;
	int64_t used_us;
};

struct outbound {
	const struct outbound_options *options;
	struct breaker_rules rules;
	CURLM *multi;
	pthread_t thread;
	bool runs;

	pthread_mutex_t lock;
	struct queue inbox; /* under the lock */
	bool stopping;      /* the same */

	/* the thread's own */
	struct destination *buckets[BUCKETS];
	struct destination *listed, **last_listed;
	struct transfer **started; /* `active` of them, of `total` places */
	size_t active;
	int64_t swept_us;
};

static void queue_push(struct queue *queue, struct transfer *transfer)
{
	if (!queue->first)
		queue->last = &queue->first;
	transfer->next = NULL;
	*queue->last = transfer;
	queue->last = &transfer->next;
}

static struct transfer *queue_pop(struct queue *queue)
{
	struct transfer *transfer = queue->first;

	if (transfer)
		queue->first = transfer->next;
	return transfer;
}

/* ---- destinations ---- */

static struct destination **bucket_of(struct outbound *outbound, const char *origin)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (; *origin; origin++)
		hash = (hash ^ (unsigned char)*origin) * 16777619;
	return &outbound->buckets[hash % BUCKETS];
}

/* NULL when memory is out. */
static struct destination *destination_of(struct outbound *outbound, const char *origin)
{
	struct destination **bucket = bucket_of(outbound, origin), *destination = *bucket;

	while (destination && strcmp(destination->origin, origin) != 0)
		destination = destination->next;
	if (destination || !(destination = calloc(1, sizeof *destination)))
		return destination;
	memcpy(destination->origin, origin, sizeof destination->origin);
	destination->next = *bucket;
	return *bucket = destination;
}

/* Forgets those that have nothing to do: at once when they answer, after a while when they did not. */
static void sweep(struct outbound *outbound, int64_t now_us)
{
	if (now_us - outbound->swept_us < SWEEP_US)
		return;
	outbound->swept_us = now_us;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct destination **slot = &outbound->buckets[i]; *slot;) {
			struct destination *d = *slot;
			bool busy = d->active > 0 || d->waiting.first || d->listed;

			if (busy || (d->breaker.failures > 0 && now_us - d->used_us < FORGET_US)) {
				slot = &d->next;
				continue;
			}
			*slot = d->next;
			free(d);
		}
}

/* ---- the life of a request ---- */

static void finish(struct transfer *transfer, const struct outbound_result *result)
{
	transfer->done(transfer->context, result);
	transfer_free(transfer);
}

static void finish_unsent(struct transfer *transfer, enum outbound_end end, const char *why, int64_t retry_ms)
{
	finish(transfer,
	       &(struct outbound_result){ .end = end, .why = why, .body = "", .retry_ms = retry_ms });
}

static void postpone(struct transfer *transfer, int64_t now_us)
{
	finish_unsent(transfer, OUTBOUND_POSTPONED,
		      "the receiver did not answer, and is left alone for a while",
		      breaker_retry_us(&transfer->destination->breaker, now_us) / 1000 + 1);
}

static void start(struct outbound *outbound, struct transfer *transfer, int64_t now_us)
{
	struct destination *destination = transfer->destination;

	transfer->began_us = destination->used_us = now_us;
	if (curl_multi_add_handle(outbound->multi, transfer->easy) != CURLM_OK) {
		breaker_forget(&destination->breaker);
		finish_unsent(transfer, OUTBOUND_FAILED, "out of memory", 0);
		return;
	}
	destination->active++;
	transfer->place = outbound->active;
	outbound->started[outbound->active++] = transfer;
}

/* It is ours again; the last that was started takes its place. */
static void stop(struct outbound *outbound, struct transfer *transfer)
{
	curl_multi_remove_handle(outbound->multi, transfer->easy);
	transfer->destination->active--;
	outbound->started[transfer->place] = outbound->started[--outbound->active];
	outbound->started[transfer->place]->place = transfer->place;
}

/* Takes its place among those that have something waiting. */
static void list(struct outbound *outbound, struct destination *destination)
{
	if (destination->listed || !destination->waiting.first)
		return;
	destination->listed = true;
	destination->next_waiting = NULL;
	*outbound->last_listed = destination;
	outbound->last_listed = &destination->next_waiting;
}

/* One request of the destination moves on: started, or sent back. False when none can. */
static bool advance(struct outbound *outbound, struct destination *destination, int64_t now_us)
{
	if (!destination->waiting.first || destination->active >= outbound->options->per_destination)
		return false;
	if (breaker_admits(&destination->breaker, now_us))
		start(outbound, queue_pop(&destination->waiting), now_us);
	else
		postpone(queue_pop(&destination->waiting), now_us);
	return true;
}

/* Each listed destination in turn, one request each, while there is room. One that cannot move on leaves the
 * list, and comes back when one of its requests ends. */
static void start_waiting(struct outbound *outbound, int64_t now_us)
{
	while (outbound->listed && outbound->active < outbound->options->total) {
		struct destination *destination = outbound->listed;

		outbound->listed = destination->next_waiting;
		if (!outbound->listed)
			outbound->last_listed = &outbound->listed;
		destination->listed = false;
		if (advance(outbound, destination, now_us))
			list(outbound, destination);
	}
}

static bool is_answer(const struct outbound_result *result)
{
	int status = result->status;

	return result->end == OUTBOUND_ANSWERED && status != 429 && status != 502 && status != 503 &&
	       status != 504;
}

static void end(struct outbound *outbound, struct transfer *transfer, CURLcode code, int64_t now_us)
{
	struct destination *destination = transfer->destination;
	struct outbound_result result;

	transfer_result(transfer, code, &result);
	stop(outbound, transfer);
	breaker_note(&destination->breaker, &outbound->rules, is_answer(&result), now_us);
	list(outbound, destination);
	finish(transfer, &result);
}

static void end_all_done(struct outbound *outbound, int64_t now_us)
{
	int left;

	for (const CURLMsg *message; (message = curl_multi_info_read(outbound->multi, &left));) {
		struct transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		end(outbound, transfer, message->data.result, now_us);
	}
}

/* ---- the thread ---- */

/* True when it has to stop. */
static bool take_inbox(struct outbound *outbound, struct queue *taken)
{
	pthread_mutex_lock(&outbound->lock);
	*taken = outbound->inbox;
	outbound->inbox.first = NULL;
	bool stopping = outbound->stopping;
	pthread_mutex_unlock(&outbound->lock);
	return stopping;
}

static void distribute(struct outbound *outbound, struct queue *taken)
{
	for (struct transfer *transfer; (transfer = queue_pop(taken));) {
		transfer->destination = destination_of(outbound, transfer->origin);
		if (!transfer->destination) {
			finish_unsent(transfer, OUTBOUND_FAILED, "out of memory", 0);
			continue;
		}
		queue_push(&transfer->destination->waiting, transfer);
		list(outbound, transfer->destination);
	}
}

static void cancel_queue(struct queue *queue)
{
	for (struct transfer *transfer; (transfer = queue_pop(queue));)
		finish_unsent(transfer, OUTBOUND_CANCELLED, "we are stopping", 0);
}

static void cancel_all(struct outbound *outbound, struct queue *taken)
{
	cancel_queue(taken);
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct destination *d = outbound->buckets[i]; d; d = d->next)
			cancel_queue(&d->waiting);
	while (outbound->active > 0) {
		struct transfer *transfer = outbound->started[0];

		stop(outbound, transfer);
		finish_unsent(transfer, OUTBOUND_CANCELLED, "we are stopping", 0);
	}
}

static void *run(void *argument)
{
	struct outbound *outbound = argument;
	struct queue taken;
	int running;

	while (!take_inbox(outbound, &taken)) {
		distribute(outbound, &taken);
		start_waiting(outbound, clock_monotonic_us());
		curl_multi_perform(outbound->multi, &running);
		end_all_done(outbound, clock_monotonic_us());
		sweep(outbound, clock_monotonic_us());
		if (!outbound->listed || outbound->active >= outbound->options->total)
			curl_multi_poll(outbound->multi, NULL, 0, POLL_MS, NULL);
	}
	cancel_all(outbound, &taken);
	return NULL;
}

/* ---- for everybody ---- */

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void free_outbound_at(struct outbound **outbound)
{
	outbound_free(*outbound);
}

int outbound_start(const struct outbound_options *options, struct outbound **ret_outbound, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	cleanup_with(free_outbound_at) struct outbound *outbound = calloc(1, sizeof *outbound);

	pthread_once(&once, init_curl);
	if (!outbound)
		return error_set(err, -ENOMEM, "out of memory");
	pthread_mutex_init(&outbound->lock, NULL);
	outbound->options = options;
	outbound->rules = (struct breaker_rules){ .failures = options->failures,
						  .pause_us = options->pause_ms * 1000,
						  .pause_max_us = options->pause_max_ms * 1000 };
	outbound->last_listed = &outbound->listed;
	outbound->started = calloc(options->total, sizeof(struct transfer *));
	outbound->multi = curl_multi_init();
	if (!outbound->started || !outbound->multi)
		return error_set(err, -ENOMEM, "out of memory");
	curl_multi_setopt(outbound->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	int code = pthread_create(&outbound->thread, NULL, run, outbound);
	if (code != 0)
		return error_set(err, -code, "start the thread of outgoing requests: error %d", code);
	pthread_setname_np(outbound->thread, "outbound");
	outbound->runs = true;
	*ret_outbound = take_pointer(&outbound);
	return 0;
}

static void free_destinations(struct outbound *outbound)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct destination *d = outbound->buckets[i], *next; d; d = next) {
			next = d->next;
			free(d);
		}
}

void outbound_free(struct outbound *outbound)
{
	if (!outbound)
		return;
	if (outbound->runs) {
		pthread_mutex_lock(&outbound->lock);
		outbound->stopping = true;
		pthread_mutex_unlock(&outbound->lock);
		curl_multi_wakeup(outbound->multi);
		pthread_join(outbound->thread, NULL);
	}
	curl_multi_cleanup(outbound->multi);
	free_destinations(outbound);
	free(outbound->started);
	pthread_mutex_destroy(&outbound->lock);
	free(outbound);
}

int outbound_submit(struct outbound *outbound, const struct outbound_request *request, outbound_done *done,
		    void *context, struct error *err)
{
	struct transfer *transfer;
	int code = transfer_new(outbound->options, request, &transfer, err);

	if (code < 0)
		return code;
	transfer->done = done;
	transfer->context = context;
	pthread_mutex_lock(&outbound->lock);
	queue_push(&outbound->inbox, transfer);
	pthread_mutex_unlock(&outbound->lock);
	curl_multi_wakeup(outbound->multi);
	return 0;
}
