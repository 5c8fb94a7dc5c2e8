/* Many tasks on a few judges, a thread each: it takes the next task until there are no more, and then tests of those that
 * others are at. */
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

/* ---- one thread ---- */

struct hand {
	struct verifier *verifier;
	size_t number;
	struct judge *judge;
	struct crew *crew; /* whose tests others may take; or NULL */
	pthread_t thread;
	int code; /* why it has no judge */
	struct error err;
};

static void offer(struct crew *crew, void *context)
{
	struct hand *hand = context;

	pthread_mutex_lock(&hand->verifier->lock);
	hand->crew = crew;
	pthread_cond_broadcast(&hand->verifier->changed);
	pthread_mutex_unlock(&hand->verifier->lock);
}

static void withdraw(struct crew *crew, void *context)
{
	struct hand *hand = context;

	(void)crew;
	pthread_mutex_lock(&hand->verifier->lock);
	hand->crew = NULL;
	pthread_mutex_unlock(&hand->verifier->lock);
}

/* This hand's judge: the one of the last time, if there was one. */
static bool take_judge(struct hand *hand)
{
	struct verifier *verifier = hand->verifier;
	struct judge *judge = verifier->judges[hand->number];

	if (!judge) {
		hand->code =
			judge_new(verifier->options.sandbox, verifier->options.catalogue, &judge, &hand->err);
		if (hand->code < 0)
			return false;
		pthread_mutex_lock(&verifier->lock);
		verifier->judges[hand->number] = judge;
		pthread_mutex_unlock(&verifier->lock);
	}
	hand->judge = judge;
	const struct judge_sharing shared = { offer, withdraw, hand }, alone = { 0 };
	judge_set_sharing(judge, verifier->hand_count > 1 ? &shared : &alone);
	return true;
}

/* With the lock held, as is all up to where it is let go. */
static struct work *take_work(struct verifier *verifier)
{
	if (verifier->next_work == verifier->work_count || atomic_load(&verifier->cancelled))
		return NULL;
	verifier->running++;
	return &verifier->works[verifier->next_work++];
}

static struct crew *join_somebody(struct hand *hand)
{
	struct verifier *verifier = hand->verifier;

	for (size_t i = 0; i < verifier->hand_count && !atomic_load(&verifier->cancelled); i++)
		if (verifier->hands[i].crew && crew_join(verifier->hands[i].crew, hand->judge))
			return verifier->hands[i].crew;
	return NULL;
}

/* False: there is no more to do, and nobody who could need help. */
static bool find_something(struct hand *hand, struct work **work, struct crew **crew)
{
	struct verifier *verifier = hand->verifier;

	*work = NULL;
	*crew = NULL;
	pthread_mutex_lock(&verifier->lock);
	while (!(*work = take_work(verifier)) && !(*crew = join_somebody(hand)) && verifier->running > 0)
		pthread_cond_wait(&verifier->changed, &verifier->lock);
	pthread_mutex_unlock(&verifier->lock);
	return *work || *crew;
}

static void tell(struct verifier *verifier, const struct work *work)
{
	pthread_mutex_lock(&verifier->lock);
	if (work->code == 0 && work->note && work->report.verdict != VERDICT_CANCELLED)
		work->note(work->context, &work->report);
	verifier->done++;
	if (verifier->options.progress)
		verifier->options.progress(verifier->options.context, verifier->done,
					   verifier->total + verifier->to_come);
	verifier->running--;
	pthread_cond_broadcast(&verifier->changed);
	pthread_mutex_unlock(&verifier->lock);
}

/* What programs wrote is much, so of most it does not stay. */
static void judge_it(struct hand *hand, struct work *work)
{
	cleanup_pool struct pool *own = work->pool ? NULL : pool_new();
	struct pool *pool = work->pool ? work->pool : own;

	work->code = pool ? judge_run(hand->judge, work->task, NULL, NULL, pool, &work->report, &work->err)
			  : error_set(&work->err, -ENOMEM, "out of memory");
	tell(hand->verifier, work);
}

static void *work_on(void *context)
{
	struct hand *hand = context;
	struct work *work;
	struct crew *crew;

	if (!take_judge(hand))
		return NULL;
	while (find_something(hand, &work, &crew))
		if (work)
			judge_it(hand, work);
		else
			crew_help(crew, hand->judge);
	return NULL;
}

/* ---- all of them ---- */

static int outcome(const struct verifier *verifier, struct error *err)
{
	if (atomic_load(&verifier->cancelled))
		return error_set(err, -ECANCELED, "cancelled");
	for (size_t i = 0; i < verifier->next_work; i++)
		if (verifier->works[i].code < 0)
			return error_set(err, verifier->works[i].code, "%s", verifier->works[i].err.text);
	for (size_t i = 0; i < verifier->hand_count && verifier->next_work < verifier->work_count; i++)
		if (verifier->hands[i].code < 0)
			return error_set(err, verifier->hands[i].code, "%s", verifier->hands[i].err.text);
	return 0;
}

int crowd_judge(struct verifier *verifier, struct work *works, size_t count, size_t jobs, struct error *err)
{
	struct hand hands[JOBS_MAX];
	size_t started = 0;
	int code = 0;

	if (count == 0)
		return 0;
	for (size_t i = 0; i < jobs; i++)
		hands[i] = (struct hand){ .verifier = verifier, .number = i };
	verifier->hands = hands;
	verifier->hand_count = jobs;
	verifier->works = works;
	verifier->work_count = count;
	verifier->next_work = 0;
	for (; started < jobs && code == 0; started += code == 0)
		code = pthread_create(&hands[started].thread, NULL, work_on, &hands[started]);
	for (size_t i = 0; i < started; i++)
		pthread_join(hands[i].thread, NULL);
	code = started > 0 ? outcome(verifier, err)
			   : error_set(err, -code, "start a thread: %s", strerror(code));
	verifier->hands = NULL;
	verifier->hand_count = 0;
	return code;
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

	if (package->output_validator || package->interactor)
		one += package->validation_limits.memory_bytes;
	int64_t room = one > 0 ? free_bytes() / one : (int64_t)jobs;
	if ((int64_t)jobs > room)
		jobs = room > 0 ? (size_t)room : 1;
	return jobs > 0 ? jobs : 1;
}
