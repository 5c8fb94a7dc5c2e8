/* Tells the service what is known of tasks that run: tests that are done, and what the run under way has written.
 *
 * A courtesy, at most some times a second and only of tasks that have run for a while: a slot that judges notes what
 * is new and goes on; one thread tells it for all slots, each time the whole state, so that nothing has to be told
 * again when a message was lost. Only a lost lease ends it. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "inside.h"
#include "model/progress.h"

enum { EVERY_US = 200000, YOUNG_US = 100000, TELL_MS = 1000 };

/* ---- noting ---- */

void live_begin(struct slot *slot)
{
	struct live *live = &slot->live;
	const struct assignment *assignment = slot->assignment;
	size_t tests = assignment->task.test_count;

	buffer_clear(&live->output);
	*live = (struct live){ .output = live->output,
			       .total = tests > 0 ? tests : 1,
			       .verdicts = pool_array(assignment->pool, tests, sizeof *live->verdicts),
			       .began_us = clock_monotonic_us() };
	if (slot->worker->teller_sleeps)
		pthread_cond_signal(&slot->worker->judges);
}

void live_note_test(const struct report *so_far, size_t done, size_t total, void *context)
{
	struct slot *slot = context;
	struct live *live = &slot->live;

	pthread_mutex_lock(&slot->worker->lock);
	if (live->verdicts && done > 0)
		live->verdicts[done - 1] = so_far->runs[done - 1].verdict;
	live->done = done;
	live->total = total;
	if (slot->assignment->task.judged) { /* the next test writes from its beginning */
		buffer_clear(&live->output);
		live->output_cut = false;
	}
	live->is_news = true;
	pthread_mutex_unlock(&slot->worker->lock);
}

void live_note_output(const void *bytes, size_t size, void *context)
{
	struct slot *slot = context;
	struct live *live = &slot->live;
	size_t room = PROGRESS_OUTPUT_BYTES - live->output.size;

	if (live->output_cut) /* which nobody else changes */
		return;
	pthread_mutex_lock(&slot->worker->lock);
	buffer_append(&live->output, bytes, size < room ? size : room);
	live->output_cut = size > room;
	live->is_news = true;
	pthread_mutex_unlock(&slot->worker->lock);
}

/* ---- telling; with the lock held ---- */

static json_t *message_of(const struct worker *worker, const struct slot *slot)
{
	const struct live *live = &slot->live;
	const struct progress progress = {
		.done = live->done,
		.total = live->total,
		.verdicts = live->verdicts,
		.verdict_count = !live->verdicts                      ? 0
				 : live->done < PROGRESS_VERDICTS_MAX ? live->done
								      : PROGRESS_VERDICTS_MAX,
		.output = buffer_text(&live->output),
		.output_size = live->output.size,
		.output_cut = live->output_cut,
	};
	json_t *message = service_message(worker);

	json_object_set_new(message, "job", json_integer(slot->assignment->job));
	json_object_set_new(message, "lease", json_string(slot->assignment->lease));
	progress_put(message, &progress);
	return message;
}

static bool wants_telling(const struct slot *slot, int64_t now_us)
{
	const struct live *live = &slot->live;

	return slot->judging && !slot->lost && live->is_news && !live->over &&
	       now_us - live->began_us >= YOUNG_US;
}

/* Lets go of the lock meanwhile: the slot may be at its next task when it comes back. */
static void tell(struct worker *worker, struct slot *slot)
{
	cleanup_json json_t *message = message_of(worker, slot), *reply = NULL;
	int64_t began_us = slot->live.began_us;
	struct error err;
	int status = 0;

	slot->live.is_news = false;
	pthread_mutex_unlock(&worker->lock);
	int code = service_post(worker, worker->live_client, "progress", message, TELL_MS, &status, &reply,
				&err);
	pthread_mutex_lock(&worker->lock);
	if (slot->live.began_us != began_us)
		return;
	slot->live.over = code == 0 && status >= 400 && status < 500;
	slot->live.is_news = slot->live.is_news || code < 0 || status >= 500;
}

static bool anybody_judges(const struct worker *worker)
{
	for (size_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i].judging)
			return true;
	return false;
}

/* Sleeps while nobody judges, and else for one turn. */
static void await_turn(struct worker *worker)
{
	worker->teller_sleeps = true;
	while (!worker->finished && !anybody_judges(worker))
		pthread_cond_wait(&worker->judges, &worker->lock);
	worker->teller_sleeps = false;
	int64_t until_us = clock_monotonic_us() + EVERY_US;
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
	while (!worker->finished && clock_monotonic_us() < until_us)
		pthread_cond_timedwait(&worker->judges, &worker->lock, &until);
}

void *live_main(void *argument)
{
	struct worker *worker = argument;

	pthread_mutex_lock(&worker->lock);
	while (!worker->finished) {
		await_turn(worker);
		for (size_t i = 0; i < worker->slot_count && !worker->finished; i++)
			if (wants_telling(&worker->slots[i], clock_monotonic_us()))
				tell(worker, &worker->slots[i]);
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}
