/* Many tasks on a few judges: each thread takes the next one until there are no more. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "inside.h"

static void free_pool(void *pool)
{
	pool_free(pool);
}

struct pool *work_pool(struct pool *pool)
{
	struct pool *its = pool_new();

	if (its && pool_defer(pool, free_pool, its) < 0) {
		pool_free(its);
		return NULL;
	}
	return its;
}

/* ---- threads ---- */

struct hand {
	struct verifier *verifier;
	size_t number;
	pthread_t thread;
};

static struct work *take(struct verifier *verifier)
{
	struct work *work = NULL;

	pthread_mutex_lock(&verifier->lock);
	if (verifier->next_work < verifier->work_count && !atomic_load(&verifier->cancelled))
		work = &verifier->works[verifier->next_work++];
	pthread_mutex_unlock(&verifier->lock);
	return work;
}

static void tell(struct verifier *verifier)
{
	pthread_mutex_lock(&verifier->lock);
	verifier->done++;
	if (verifier->options.progress)
		verifier->options.progress(verifier->options.context, verifier->done, verifier->total);
	pthread_mutex_unlock(&verifier->lock);
}

/* This hand's judge. */
static int judge_of(struct verifier *verifier, size_t number, struct judge **judge, struct error *err)
{
	int code = 0;

	*judge = verifier->judges[number];
	if (*judge)
		return 0;
	code = judge_new(verifier->options.sandbox, verifier->options.catalogue, judge, err);
	if (code < 0)
		return code;
	pthread_mutex_lock(&verifier->lock);
	verifier->judges[number] = *judge;
	pthread_mutex_unlock(&verifier->lock);
	return 0;
}

static void *work_on(void *context)
{
	struct hand *hand = context;

	for (struct work *work; (work = take(hand->verifier));) {
		struct judge *judge;

		work->code = judge_of(hand->verifier, hand->number, &judge, &work->err);
		if (work->code == 0)
			work->code = judge_run(judge, work->task, NULL, NULL, work->pool, &work->report,
					       &work->err);
		tell(hand->verifier);
	}
	return NULL;
}

static int outcome(const struct verifier *verifier, const struct work *works, size_t count, struct error *err)
{
	if (atomic_load(&verifier->cancelled))
		return error_set(err, -ECANCELED, "cancelled");
	for (size_t i = 0; i < count; i++)
		if (works[i].code < 0)
			return error_set(err, works[i].code, "%s", works[i].err.text);
	return 0;
}

int crowd_judge(struct verifier *verifier, struct work *works, size_t count, size_t jobs, struct error *err)
{
	struct hand hands[JOBS_MAX];
	size_t started = 0;
	int code = 0;

	verifier->works = works;
	verifier->work_count = count;
	verifier->next_work = 0;
	if (jobs > count)
		jobs = count;
	for (; started < jobs && code == 0; started += code == 0) {
		hands[started] = (struct hand){ .verifier = verifier, .number = started };
		code = pthread_create(&hands[started].thread, NULL, work_on, &hands[started]);
	}
	for (size_t i = 0; i < started; i++)
		pthread_join(hands[i].thread, NULL);
	if (started == 0 && count > 0)
		return error_set(err, -code, "start a thread: %s", strerror(code));
	return outcome(verifier, works, count, err);
}

/* ---- memory ---- */

/* INT64_MAX when the kernel does not say. */
static int64_t free_bytes(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	int64_t kb = -1;

	while (file && kb < 0 && fgets(line, sizeof line, file))
		if (sscanf(line, "MemAvailable: %" SCNd64, &kb) != 1)
			kb = -1;
	if (file)
		fclose(file);
	return kb < 0 ? INT64_MAX : kb * 1024;
}

size_t crowd_jobs(const struct verifier *verifier, const struct package *package)
{
	int64_t one = package->limits.memory_bytes;
	size_t jobs = verifier->options.jobs < JOBS_MAX ? verifier->options.jobs : JOBS_MAX;

	if (package->output_validator)
		one += package->validation_limits.memory_bytes;
	int64_t room = one > 0 ? free_bytes() / one : (int64_t)jobs;
	if ((int64_t)jobs > room)
		jobs = room > 0 ? (size_t)room : 1;
	return jobs > 0 ? jobs : 1;
}
