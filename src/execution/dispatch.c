#include "dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

enum { TOGETHER_MAX = 64 };

/* Waits; is in a transaction; has an answer, which may be no tasks. A transaction that brings nothing leads back. */
enum asking_state { ASKING_WAITS, ASKING_TAKES, ASKING_ANSWERED };

struct asking {
	struct asking *next;
	struct dispatcher *dispatcher;
	struct pool *pool; /* of what follows; itself too */
	struct work_taker taker;
	enum asking_state state;
	bool told;      /* the tasks are on their way */
	bool forgotten; /* whoever asked is gone; the dispatcher's own now */
};

struct dispatcher {
	struct execution *service;
	pthread_t thread;
	bool runs;
	pthread_mutex_t lock; /* guards what follows, and what is asked */
	pthread_cond_t woken, settled;
	bool wake, stopping;
	struct asking *first, **end; /* in the order in which they asked */
};

/* ---- asking ---- */

static const char **copy_names(struct pool *pool, const char *const *names, size_t count)
{
	const char **copy = pool_array(pool, count + 1, sizeof *copy);

	for (size_t i = 0; i < count && copy; i++)
		if (!(copy[i] = pool_strdup(pool, names[i])))
			copy = NULL;
	return copy;
}

struct asking *dispatcher_ask(struct dispatcher *dispatcher, const char *session,
			      const char *const *languages, size_t language_count, size_t wanted)
{
	cleanup_pool struct pool *pool = pool_new();
	struct asking *asking = pool ? pool_alloc(pool, sizeof *asking) : NULL;

	if (!asking)
		return NULL;
	*asking = (struct asking){ .dispatcher = dispatcher,
				   .taker = { .session = pool_strdup(pool, session),
					      .languages = copy_names(pool, languages, language_count),
					      .language_count = language_count,
					      .wanted = wanted } };
	if (!asking->taker.session || !asking->taker.languages)
		return NULL;
	asking->pool = take_pointer(&pool);
	pthread_mutex_lock(&dispatcher->lock);
	*dispatcher->end = asking;
	dispatcher->end = &asking->next;
	pthread_mutex_unlock(&dispatcher->lock);
	dispatcher_wake(dispatcher);
	return asking;
}

bool dispatcher_look(struct asking *asking, bool give_up, struct work_task **tasks, size_t *count)
{
	struct dispatcher *dispatcher = asking->dispatcher;

	pthread_mutex_lock(&dispatcher->lock);
	while (give_up && asking->state == ASKING_TAKES)
		pthread_cond_wait(&dispatcher->settled, &dispatcher->lock);
	if (give_up)
		asking->state = ASKING_ANSWERED;
	bool answered = asking->state == ASKING_ANSWERED;
	*tasks = asking->taker.tasks;
	*count = answered ? asking->taker.count : 0;
	pthread_mutex_unlock(&dispatcher->lock);
	return answered;
}

void dispatcher_told(struct asking *asking)
{
	pthread_mutex_lock(&asking->dispatcher->lock);
	asking->told = true;
	pthread_mutex_unlock(&asking->dispatcher->lock);
}

static bool is_orphan(const struct asking *asking)
{
	return asking->taker.count > 0 && !asking->told;
}

/* With the lock held. */
static void drop(struct asking *asking)
{
	struct dispatcher *dispatcher = asking->dispatcher;
	struct asking **slot = &dispatcher->first;

	while (*slot && *slot != asking)
		slot = &(*slot)->next;
	*slot = asking->next;
	if (!asking->next)
		dispatcher->end = slot;
	pool_free(asking->pool);
}

void dispatcher_forget(struct asking *asking)
{
	if (!asking)
		return;
	struct dispatcher *dispatcher = asking->dispatcher;

	pthread_mutex_lock(&dispatcher->lock);
	asking->forgotten = true;
	if (asking->state != ASKING_TAKES && !(is_orphan(asking) && dispatcher->runs))
		drop(asking);
	dispatcher->wake = true;
	pthread_cond_signal(&dispatcher->woken);
	pthread_mutex_unlock(&dispatcher->lock);
}

void dispatcher_wake(struct dispatcher *dispatcher)
{
	pthread_mutex_lock(&dispatcher->lock);
	dispatcher->wake = true;
	pthread_cond_signal(&dispatcher->woken);
	pthread_mutex_unlock(&dispatcher->lock);
}

/* ---- answering ---- */

static void answer(struct asking *asking)
{
	struct http_server *server = asking->dispatcher->service->server;
	char key[KEY_BYTES];

	asking->state = ASKING_ANSWERED;
	if (server)
		http_wake(server, key_claim(asking->taker.session, key));
}

/* With the lock held: up to TOGETHER_MAX that wait, behind `from`; who takes nothing any more is answered. */
static size_t gather(struct dispatcher *dispatcher, struct asking **from, struct asking **batch)
{
	size_t count = 0;

	for (; *from && count < TOGETHER_MAX; *from = (*from)->next) {
		struct asking *asking = *from;

		if (asking->state != ASKING_WAITS)
			continue;
		if (!sessions_takes_tasks(dispatcher->service->sessions, asking->taker.session)) {
			answer(asking);
			continue;
		}
		asking->state = ASKING_TAKES;
		batch[count++] = asking;
	}
	return count;
}

/* Tasks are copied into the pool of who asked: each is forgotten at a time of his own. */
static bool keep_tasks(struct asking *asking, const struct work_taker *taker)
{
	struct pool *pool = asking->pool;
	struct work_task *tasks = pool_array(pool, taker->count, sizeof *tasks);

	for (size_t i = 0; tasks && i < taker->count; i++) {
		const struct work_task *task = &taker->tasks[i];

		tasks[i] = *task;
		tasks[i].lease = pool_strdup(pool, task->lease);
		tasks[i].request_id = task->request_id ? pool_strdup(pool, task->request_id) : NULL;
		tasks[i].task = pool_memdup(pool, task->task, task->task_size);
		if (!tasks[i].lease || !tasks[i].task)
			tasks = NULL;
	}
	asking->taker.tasks = tasks;
	asking->taker.count = tasks ? taker->count : 0; /* without memory: the heartbeats let them go */
	return asking->taker.count > 0;
}

/* With the lock held, which it gives up for a while; meanwhile nobody frees who is in the batch. */
static void claim_for(struct dispatcher *dispatcher, struct asking **batch, size_t count)
{
	cleanup_pool struct pool *pool = pool_new();
	struct work_taker takers[TOGETHER_MAX];
	struct error err = { .text = "out of memory" };

	for (size_t i = 0; i < count; i++)
		takers[i] = batch[i]->taker;
	pthread_mutex_unlock(&dispatcher->lock);
	int code = pool ? work_claim(dispatcher->service, takers, count, pool, &err) : -ENOMEM;
	if (code < 0)
		log_error("claim failed", LOG_TEXT("error", err.text));
	pthread_mutex_lock(&dispatcher->lock);
	for (size_t i = 0; i < count; i++) {
		batch[i]->state = ASKING_WAITS;
		if (code == 0 && takers[i].count > 0 && keep_tasks(batch[i], &takers[i]))
			answer(batch[i]);
	}
	pthread_cond_broadcast(&dispatcher->settled);
}

/* Whoever is gone gets nothing: what he was given was not his fault. */
static void give_back(struct dispatcher *dispatcher, const struct asking *asking)
{
	cleanup_pool struct pool *pool = pool_new();
	struct error err;

	for (size_t i = 0; i < asking->taker.count && pool && !asking->told; i++) {
		const struct work_task *task = &asking->taker.tasks[i];
		struct work_lease lease = { task->queue_job, task->lease };

		if (work_return(dispatcher->service, lease, false, 0, "its worker was gone", pool, &err) < 0)
			log_error("job not given back", LOG_TEXT("error", err.text));
	}
}

/* With the lock held, which it gives up for a while. */
static void bury_forgotten(struct dispatcher *dispatcher)
{
	struct asking *asking = dispatcher->first;

	while (asking) {
		struct asking *next = asking->next;

		if (asking->forgotten) {
			pthread_mutex_unlock(&dispatcher->lock);
			give_back(dispatcher, asking);
			pthread_mutex_lock(&dispatcher->lock);
			next = asking->next;
			drop(asking);
		}
		asking = next;
	}
}

/* With the lock held. */
static void look_once(struct dispatcher *dispatcher)
{
	struct asking *batch[TOGETHER_MAX], *from;
	size_t count = TOGETHER_MAX;

	bury_forgotten(dispatcher);
	from = dispatcher->first;
	while (count == TOGETHER_MAX && !dispatcher->stopping) {
		count = gather(dispatcher, &from, batch);
		if (count > 0) {
			claim_for(dispatcher, batch, count);
			from = batch[count - 1]->next;
		}
	}
}

static void *dispatch(void *argument)
{
	struct dispatcher *dispatcher = argument;

	pthread_mutex_lock(&dispatcher->lock);
	while (!dispatcher->stopping) {
		while (!dispatcher->wake && !dispatcher->stopping)
			pthread_cond_wait(&dispatcher->woken, &dispatcher->lock);
		dispatcher->wake = false;
		look_once(dispatcher);
	}
	pthread_mutex_unlock(&dispatcher->lock);
	return NULL;
}

int dispatcher_start(struct execution *service, struct dispatcher **ret_dispatcher, struct error *err)
{
	struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);

	if (!dispatcher)
		return error_set(err, -ENOMEM, "out of memory");
	dispatcher->service = service;
	dispatcher->end = &dispatcher->first;
	pthread_mutex_init(&dispatcher->lock, NULL);
	pthread_cond_init(&dispatcher->woken, NULL);
	pthread_cond_init(&dispatcher->settled, NULL);
	int code = pthread_create(&dispatcher->thread, NULL, dispatch, dispatcher);
	dispatcher->runs = code == 0;
	if (code == 0)
		pthread_setname_np(dispatcher->thread, "dispatcher");
	if (code != 0) {
		dispatcher_free(dispatcher);
		return error_set(err, -code, "start the dispatcher: %s", strerror(code));
	}
	*ret_dispatcher = dispatcher;
	return 0;
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
	if (!dispatcher || !dispatcher->runs)
		return;
	pthread_mutex_lock(&dispatcher->lock);
	dispatcher->stopping = true;
	pthread_cond_signal(&dispatcher->woken);
	pthread_mutex_unlock(&dispatcher->lock);
	pthread_join(dispatcher->thread, NULL);
	dispatcher->runs = false;
}

void dispatcher_free(struct dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	dispatcher_stop(dispatcher);
	while (dispatcher->first)
		drop(dispatcher->first);
	pthread_cond_destroy(&dispatcher->woken);
	pthread_cond_destroy(&dispatcher->settled);
	pthread_mutex_destroy(&dispatcher->lock);
	free(dispatcher);
}
