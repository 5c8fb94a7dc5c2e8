#include "db/gather.h"

#include <pthread.h>
#include <stdlib.h>

/* While one transaction waits for the disk, or for a row, another goes on. */
enum { LEADERS_MAX = 1, BATCH_MAX = 64 };

/* One caller; lives on his stack until `done`. */
struct caller {
	struct caller *next;
	void *item;
	struct error *err;
	int result;
	bool taken, done;
	pthread_cond_t changed;
};

struct db_gather {
	struct db *db;
	db_gather_work *work;
	void *context;
	pthread_mutex_t mutex; /* guards what follows, and the callers' `taken` and `done` */
	struct caller *first, **end;
	size_t leaders;
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

/* ---- who does it; all with the mutex held ---- */

static struct caller *take_batch(struct db_gather *gather, size_t *count)
{
	struct caller *batch = gather->first, **last = &batch;
	for (*count = 0; *last && *count < BATCH_MAX; last = &(*last)->next, ++*count)
		(*last)->taken = true;
	gather->first = *last;
	*last = NULL;
	if (!gather->first)
		gather->end = &gather->first;
	return batch;
}

static void answer(struct caller *batch)
{
	for (struct caller *caller = batch, *next; caller; caller = next) {
		next = caller->next; /* the caller is gone as soon as the mutex is free */
		caller->done = true;
		pthread_cond_signal(&caller->changed);
	}
}

static void lead(struct db_gather *gather)
{
	size_t count;
	struct caller *batch = take_batch(gather, &count);
	gather->leaders++;
	pthread_mutex_unlock(&gather->mutex);
	run_batch(gather, batch, count);
	pthread_mutex_lock(&gather->mutex);
	gather->leaders--;
	answer(batch);
	if (gather->first)
		pthread_cond_signal(&gather->first->changed); /* it leads next */
}

static int run_together(struct db_gather *gather, void *item, struct error *err)
{
	struct caller self = { .item = item, .err = err };
	pthread_cond_init(&self.changed, NULL);
	pthread_mutex_lock(&gather->mutex);
	*gather->end = &self;
	gather->end = &self.next;
	while (!self.done)
		if (!self.taken && gather->leaders < LEADERS_MAX)
			lead(gather);
		else
			pthread_cond_wait(&self.changed, &gather->mutex);
	pthread_mutex_unlock(&gather->mutex);
	pthread_cond_destroy(&self.changed);
	return self.result;
}

int db_gather_run(struct db_gather *gather, void *item, struct error *err)
{
	struct error unheard;
	err = err ? err : &unheard;
	return db_is_shared(gather->db) ? run_together(gather, item, err) : run_items(gather, &item, 1, err);
}
