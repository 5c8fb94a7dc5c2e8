#include "db/gather.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

/* Who has waited for so long begins another transaction beside the one that is under way: it may be waiting for a row
 * that somebody holds. */
enum { PATIENCE_MS = 50, LEADERS_MAX = 4, BATCH_MAX = 64 };

/* One caller; lives on his stack until he is told: once, that he is done, or that he is next to lead. */
struct caller {
	struct caller *next;
	void *item;
	struct error *err;
	int result;
	bool taken; /* into a transaction, by another */
	bool leads;
	sem_t told;
};

struct db_gather {
	struct db *db;
	db_gather_work *work;
	void *context;
	pthread_mutex_t mutex; /* guards what follows, and the callers' `taken` and `leads` */
	struct caller *first, **end;
	size_t leaders; /* with who was told to be next; 0: nobody waits */
};

int db_gather_new(struct db *db, db_gather_work *work, void *context, struct db_gather **ret_gather,
		  struct error *err)
{
	struct db_gather *gather = calloc(1, sizeof *gather);
	if (!gather)
		return error_set(err, -ENOMEM, "out of memory");
	gather->db = db;
	gather->work = work;
	gather->context = context;
	gather->end = &gather->first;
	pthread_mutex_init(&gather->mutex, NULL);
	*ret_gather = gather;
	return 0;
}

void db_gather_free(struct db_gather *gather)
{
	if (gather)
		pthread_mutex_destroy(&gather->mutex);
	free(gather);
}

/* ---- a batch ---- */

struct batch {
	const struct db_gather *gather;
	void **items;
	size_t count;
};

static int work_batch(struct db_tx *tx, void *context, struct error *err)
{
	const struct batch *batch = context;
	const struct db_gather *gather = batch->gather;
	int code = gather->work(tx, gather->context, batch->items, batch->count, err);
	return code < 0 ? code : 0;
}

static int run_items(const struct db_gather *gather, void **items, size_t count, struct error *err)
{
	struct batch batch = { gather, items, count };
	return db_write(gather->db, work_batch, &batch, err);
}

static void run_each_alone(const struct db_gather *gather, struct caller *first)
{
	for (struct caller *caller = first; caller; caller = caller->next)
		caller->result = run_items(gather, &caller->item, 1, caller->err);
}

static void tell_all(struct caller *first, int code, const struct error *err)
{
	for (struct caller *caller = first; caller; caller = caller->next)
		caller->result = code < 0 ? error_set(caller->err, code, "%s", err->text) : 0;
}

static void run_batch(const struct db_gather *gather, struct caller *first, size_t count)
{
	void *items[BATCH_MAX];
	struct error err = { 0 };
	size_t at = 0;
	for (struct caller *caller = first; caller; caller = caller->next)
		items[at++] = caller->item;
	int code = count > 1 ? run_items(gather, items, count, &err) : -ECANCELED;
	if (code == 0 || code == -EIO || code == -EAGAIN)
		tell_all(first, code, &err);
	else
		run_each_alone(gather, first);
}

/* ---- who does it ---- */

static struct caller *take_batch(struct db_gather *gather, size_t *count)
{
	pthread_mutex_lock(&gather->mutex);
	struct caller *batch = gather->first, **last = &batch;
	for (*count = 0; *last && *count < BATCH_MAX; last = &(*last)->next, ++*count)
		(*last)->taken = true;
	gather->first = *last;
	*last = NULL;
	if (!gather->first)
		gather->end = &gather->first;
	pthread_mutex_unlock(&gather->mutex);
	return batch;
}

/* To the first of those who came meanwhile. */
static void pass_on(struct db_gather *gather)
{
	pthread_mutex_lock(&gather->mutex);
	struct caller *next = gather->first && !gather->first->leads ? gather->first : NULL;
	if (next)
		next->leads = true;
	else
		gather->leaders--;
	pthread_mutex_unlock(&gather->mutex);
	if (next)
		sem_post(&next->told);
}

/* Who leads is the first in the line, and so of his own batch. The others are gone as soon as they are told. */
static void lead(struct db_gather *gather)
{
	size_t count;
	struct caller *batch = take_batch(gather, &count);
	run_batch(gather, batch, count);
	pass_on(gather);
	for (struct caller *caller = batch->next, *next; caller; caller = next) {
		next = caller->next;
		sem_post(&caller->told);
	}
}

/* By the wall clock: sem_clockwait() is unknown to the thread sanitizer. One that is set back costs patience alone. */
static bool wait_a_while(struct caller *self)
{
	struct timespec until;
	int code;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while ((code = sem_timedwait(&self->told, &until)) < 0 && errno == EINTR)
		;
	return code == 0;
}

static void wait_for_good(struct caller *self)
{
	while (sem_wait(&self->told) < 0)
		;
}

/* True: he leads, beside others. Otherwise, when somebody has said or will say something, waits for that. */
static bool lose_patience(struct db_gather *gather, struct caller *self, bool *told)
{
	pthread_mutex_lock(&gather->mutex);
	bool settled = self->taken || self->leads;
	bool leads = !settled && gather->first == self && gather->leaders < LEADERS_MAX;
	gather->leaders += leads;
	self->leads = self->leads || leads; /* so that nobody tells him to */
	pthread_mutex_unlock(&gather->mutex);
	if (settled)
		wait_for_good(self);
	*told = settled;
	return leads;
}

/* True: it is up to him. False: it is done. */
static bool wait_in_line(struct db_gather *gather, struct caller *self)
{
	bool leads = false, told = wait_a_while(self);
	while (!told && !leads) {
		leads = lose_patience(gather, self, &told);
		if (!told && !leads)
			told = wait_a_while(self);
	}
	return leads || self->leads;
}

static int run_together(struct db_gather *gather, void *item, struct error *err)
{
	struct caller self = { .item = item, .err = err };
	sem_init(&self.told, 0, 0);
	pthread_mutex_lock(&gather->mutex);
	bool leads = gather->leaders == 0;
	gather->leaders += leads;
	*gather->end = &self;
	gather->end = &self.next;
	pthread_mutex_unlock(&gather->mutex);
	if (leads || wait_in_line(gather, &self))
		lead(gather);
	sem_destroy(&self.told);
	return self.result;
}

int db_gather_run(struct db_gather *gather, void *item, struct error *err)
{
	struct error unheard;
	err = err ? err : &unheard;
	return db_is_shared(gather->db) ? run_together(gather, item, err) : run_items(gather, &item, 1, err);
}
