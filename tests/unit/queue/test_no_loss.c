/* No job is lost and none is done twice visibly: whatever happens in whatever order, and with threads. */
#include "queue_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- random steps against a model ----
 * Workers claim, forget, report late, hand back, go silent; the clock steps both ways; owners cancel. Every
 * submission must end exactly once: finished, cancelled, or dead. */

enum { SUBMISSIONS = 150, STEPS = 2000, WORKERS = 4, HELD_MAX = 16 };

enum fate { UNKNOWN, QUEUED, FINISHED, CANCELLED, DEAD };

struct model {
	struct queue_fixture *f;
	enum fate fates[SUBMISSIONS + 1];
	int64_t put_count;
	struct {
		const struct queue_job *held[HELD_MAX]; /* what the worker believes to hold; may be stale */
		size_t count;
		char session[8];
	} workers[WORKERS];
	uint64_t random;
};

static uint64_t dice(struct model *model, uint64_t sides)
{
	model->random = model->random * 6364136223846793005u + 1442695040888963407u;
	return (model->random >> 33) % sides;
}

static void end(struct model *model, int64_t submission, enum fate fate)
{
	assert_in_range(submission, 1, SUBMISSIONS);
	assert_int_equal(model->fates[submission], QUEUED);
	model->fates[submission] = fate;
}

static void step_put(struct model *model)
{
	static const char *const capabilities[] = { "c", "go", "rust" };
	static const char *const users[] = { "ann", "bob", "" };
	if (model->put_count == SUBMISSIONS)
		return;
	int64_t submission = ++model->put_count;
	put(model->f, submission, (enum job_class)dice(model, 4), capabilities[dice(model, 3)],
	    users[dice(model, 3)]);
	model->fates[submission] = QUEUED;
}

static void step_claim(struct model *model, size_t w)
{
	static const char *const can[WORKERS] = { "c,go,rust", "c,go", "rust", "go" };
	if (model->workers[w].count == HELD_MAX)
		return;
	const struct queue_job *job = take(model->f, model->workers[w].session, can[w]);
	if (!job)
		return;
	assert_int_equal(model->fates[job->submission_id], QUEUED);
	model->workers[w].held[model->workers[w].count++] = job;
}

static const struct queue_job *drop_one(struct model *model, size_t w)
{
	size_t *count = &model->workers[w].count;
	if (*count == 0)
		return NULL;
	size_t which = dice(model, *count);
	const struct queue_job *job = model->workers[w].held[which];
	model->workers[w].held[which] = model->workers[w].held[--*count];
	return job;
}

static void step_finish(struct model *model, size_t w)
{
	int64_t submission;
	const struct queue_job *job = drop_one(model, w);
	if (job && finish(model->f, job, &submission)) {
		assert_int_equal(submission, job->submission_id);
		end(model, submission, FINISHED);
	}
}

static void step_return(struct model *model, size_t w)
{
	struct queue_returned returned;
	const struct queue_job *job = drop_one(model, w);
	if (job && hand_back(model->f, job, dice(model, 2), (int64_t)dice(model, 5000), &returned) &&
	    returned.dead)
		end(model, returned.submission_id, DEAD);
}

static void step_reap(struct model *model, const char *session)
{
	struct queue_returned *returned;
	size_t count = reap(model->f, session, &returned);
	for (size_t i = 0; i < count; i++)
		if (returned[i].dead)
			end(model, returned[i].submission_id, DEAD);
}

static void step_heartbeat(struct model *model, size_t w)
{
	struct error err;
	const char *leases[HELD_MAX];
	for (size_t i = 0; i < model->workers[w].count; i++)
		leases[i] = model->workers[w].held[i]->lease;
	assert_ok(queue_heartbeat(&model->f->tx, NULL, model->workers[w].session, leases,
				  model->workers[w].count, model->f->now_ms, LEASE_MS, &err),
		  &err);
}

static void step_cancel(struct model *model)
{
	struct error err;
	int64_t submission = 1 + (int64_t)dice(model, SUBMISSIONS);
	int code = queue_cancel(&model->f->tx, submission, NULL, &err);
	assert_int_equal(code, model->fates[submission] == QUEUED);
	if (code)
		end(model, submission, CANCELLED);
}

static void step_clock(struct model *model)
{
	static const int64_t steps[] = { 10, 100, 1000, 5000, 16000, -500, -60000, -3600000, 3600000 };
	model->f->now_ms += steps[dice(model, sizeof steps / sizeof steps[0])];
}

static void check(struct model *model)
{
	struct error err;
	struct queue_counts counts;
	int64_t queued = 0;
	for (int i = 1; i <= SUBMISSIONS; i++)
		queued += model->fates[i] == QUEUED;
	assert_ok(queue_count(&model->f->tx, &counts, &err), &err);
	assert_int_equal(counts.ready + counts.leased + counts.delayed, queued);
	for (size_t w = 0; w < WORKERS; w++) /* two valid leases on one job cannot be */
		for (size_t i = 0; i < model->workers[w].count; i++)
			for (size_t v = 0; v < w; v++)
				for (size_t j = 0; j < model->workers[v].count; j++)
					if (model->workers[w].held[i]->id == model->workers[v].held[j]->id)
						assert_false(holds(model->f, model->workers[w].held[i]) &&
							     holds(model->f, model->workers[v].held[j]));
}

static void step(struct model *model)
{
	size_t w = dice(model, WORKERS);
	switch (dice(model, 20)) {
	case 0:
	case 1: step_put(model); break;
	case 2:
	case 3:
	case 4:
	case 5:
	case 6: step_claim(model, w); break;
	case 7: step_finish(model, w); break;
	case 8:
	case 9:
	case 10: step_return(model, w); break;
	case 11: drop_one(model, w); break; /* forgot it without a word */
	case 12: step_reap(model, NULL); break;
	case 13: step_reap(model, dice(model, 4) ? NULL : model->workers[w].session); break;
	case 14:
	case 15:
	case 16: step_heartbeat(model, w); break;
	case 17: dice(model, 8) ? (void)0 : step_cancel(model); break;
	default: step_clock(model); break;
	}
}

/* Nobody claims any more what nobody lets go: within a lease's time every job can be had again. */
static void drain(struct model *model)
{
	for (size_t w = 0; w < WORKERS; w++)
		model->workers[w].count = 0;
	for (int i = 0; i < 3; i++) {
		model->f->now_ms += LEASE_MS;
		step_reap(model, NULL);
	}
	for (const struct queue_job *job; (job = take(model->f, "last", "c,go,rust"));) {
		int64_t submission;
		assert_int_equal(finish(model->f, job, &submission), 1);
		end(model, submission, FINISHED);
	}
}

static void random_steps_lose_and_double_nothing(void **state)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct model model = { .f = *state, .random = seed };
		for (size_t w = 0; w < WORKERS; w++)
			snprintf(model.workers[w].session, sizeof model.workers[w].session, "w%zu", w);
		for (int i = 0; i < STEPS; i++) {
			step(&model);
			if (i % 20 == 0)
				check(&model);
		}
		while (model.put_count < SUBMISSIONS)
			step_put(&model);
		drain(&model);
		size_t tally[5] = { 0 };
		for (int i = 1; i <= SUBMISSIONS; i++)
			tally[model.fates[i]]++;
		assert_int_equal(tally[UNKNOWN] + tally[QUEUED], 0);
		assert_true(tally[FINISHED] > 0 && tally[CANCELLED] > 0 && tally[DEAD] > 0);
		assert_int_equal(ask(model.f, "SELECT count(*) FROM job"), 0);
		ask(model.f, "DELETE FROM dead_letter");
	}
}

/* ---- threads: half of them put jobs in, half of them work ---- */

enum { PRODUCERS = 4, CONSUMERS = 4, EACH = 40 };

struct threads {
	struct scratch *scratch;
	atomic_int finished[PRODUCERS * EACH + 1];
	atomic_int left;
};

struct job_work {
	int64_t submission;
	struct pool *pool;
	struct queue_job *jobs;
	size_t count;
};

static int put_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct job_work *work = context;
	struct queue_entry entry = {
		work->submission, JOB_SUBMISSION, "c", work->submission % 2 ? "ann" : "bob", 3, 1
	};
	return queue_enqueue(tx, NULL, &entry, 1, START_MS, err);
}

static int claim_work(struct db_tx *tx, void *context, struct error *err)
{
	struct job_work *work = context;
	const char *capability = "c";
	struct queue_taker taker = { "w", &capability, 1, 3, 1, NULL, 0 };
	struct queue_claim claim = { &taker, 1, JOB_SUBMISSION, START_MS, LEASE_MS };
	int code = queue_claim(tx, NULL, &claim, work->pool, err);
	work->jobs = taker.jobs;
	work->count = taker.count;
	return code;
}

static int finish_work(struct db_tx *tx, void *context, struct error *err)
{
	struct job_work *work = context;
	struct queue_end end = { work->jobs->id, work->jobs->lease, 0 };
	int code = queue_finish(tx, &end, 1, err);
	work->submission = end.submission_id;
	return code;
}

struct producer {
	struct threads *threads;
	int64_t first;
};

static void *produce(void *argument)
{
	const struct producer *producer = argument;
	for (int64_t i = 0; i < EACH; i++) {
		struct job_work work = { .submission = producer->first + i };
		if (db_write(producer->threads->scratch->db, put_work, &work, NULL) < 0)
			return strdup("enqueue failed");
	}
	return NULL;
}

static void *consume(void *argument)
{
	struct threads *threads = argument;
	while (atomic_load(&threads->left) > 0) {
		cleanup_pool struct pool *pool = pool_new();
		struct job_work work = { .pool = pool };
		if (db_write(threads->scratch->db, claim_work, &work, NULL) < 0)
			return strdup("claim failed");
		for (size_t i = 0; i < work.count; i++) {
			struct job_work done = { .jobs = &work.jobs[i] };
			if (db_write(threads->scratch->db, finish_work, &done, NULL) < 0 ||
			    done.submission != work.jobs[i].submission_id)
				return strdup("finish failed");
			atomic_fetch_add(&threads->finished[done.submission], 1);
			atomic_fetch_sub(&threads->left, 1);
		}
		if (work.count == 0)
			usleep(500);
	}
	return NULL;
}

static void threads_share_the_work(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	struct threads threads = { .scratch = scratch, .left = PRODUCERS * EACH };
	struct producer producers[PRODUCERS];
	pthread_t ids[PRODUCERS + CONSUMERS];
	assert_ok(db_migrate(scratch->db, queue_migrations, queue_migration_count, &err), &err);
	for (int i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){ &threads, 1 + i * EACH };
		assert_int_equal(pthread_create(&ids[i], NULL, produce, &producers[i]), 0);
	}
	for (int i = PRODUCERS; i < PRODUCERS + CONSUMERS; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, consume, &threads), 0);
	for (int i = 0; i < PRODUCERS + CONSUMERS; i++) {
		void *complaint;
		pthread_join(ids[i], &complaint);
		if (complaint)
			fail_msg("%s", (char *)complaint);
	}
	for (int i = 1; i <= PRODUCERS * EACH; i++)
		assert_int_equal(atomic_load(&threads.finished[i]), 1);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM job"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		queue_test(random_steps_lose_and_double_nothing),
		scratch_test(threads_share_the_work),
	};
	return cmocka_run_group_tests_name("queue without loss", tests, NULL, NULL);
}
