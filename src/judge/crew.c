/* Each member takes the first test that nobody has taken, one ahead of the one that runs, so that its lane need not
 * wait. A test that comes to nothing (its member was called away, its lane is gone) is given back; the judge whose
 * task it is stays until all have a result, so it is run in the end, by that judge if nobody else does.
 *
 * A run whose time was nearly enough, or that hardly had a processor, is given back once: it is run again by whoever has
 * nothing else under way, when no other judge of this process has, or after a second of waiting for that; what comes of it
 * then counts. Where more patience helped one of the second kind nothing, others do not get it. */
#include "judge/crew.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "inside.h"

enum { HELPERS_MAX = 64, AHEAD_TOGETHER = 2, LOOK_AGAIN_US = 20000 };

struct member {
	struct job job; /* the task's, with this member's judge, session and pool */
	struct judge *judge;
	bool leads, alone; /* alone: what has begun is run again, and nothing besides */
	size_t ahead;      /* how many tests may have begun */
	size_t begun[BOX_AHEAD_MAX], first, count;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *job;
	size_t test_count;
	size_t next; /* the first that nobody has taken */
	size_t last; /* none beyond it is wanted */
	size_t *given_back, given_back_count;
	bool *done, *again; /* again: it was borderline */
	enum verdict *verdicts;
	size_t in_order; /* so many from the first on are done */
	struct member *members[HELPERS_MAX + 1];
	size_t member_count, joined, pool_count;
	struct pool *pools[HELPERS_MAX]; /* of helpers: what they wrote stands in the report */
	bool over;                       /* nothing more is wanted */
	bool patience_was_in_vain;
};

/* ---- with the lock held ---- */

/* What others came to makes it pointless. */
static bool is_skipped(const struct crew *crew, size_t index)
{
	return crew->job->scoring && scoring_skips(crew->job->scoring, index);
}

static bool anything_left(struct crew *crew)
{
	while (crew->next < crew->test_count && is_skipped(crew, crew->next))
		crew->next++;
	return !crew->over &&
	       (crew->given_back_count > 0 || (crew->next < crew->test_count && crew->next <= crew->last));
}

static bool take(struct crew *crew, struct member *member, size_t *index)
{
	if (!anything_left(crew))
		return false;
	if (crew->given_back_count == 0) {
		*index = crew->next++;
		return true;
	}
	*index = crew->given_back[crew->given_back_count - 1];
	member->alone = crew->again[*index] && member->count == 0;
	if (crew->again[*index] && !member->alone)
		return false; /* its turn comes when those have ended that this member has begun */
	crew->given_back_count--;
	return true;
}

static bool is_wanted(const struct crew *crew, size_t index)
{
	return !crew->over && index <= crew->last && !is_skipped(crew, index);
}

static void give_back(struct crew *crew, size_t index)
{
	if (is_wanted(crew, index))
		crew->given_back[crew->given_back_count++] = index;
	pthread_cond_broadcast(&crew->changed);
}

/* Runs that nobody wants any more. */
static void end_unwanted(struct crew *crew)
{
	for (size_t i = 0; i < crew->member_count; i++) {
		const struct member *member = crew->members[i];

		if (member->count > 0 && !is_wanted(crew, member->begun[member->first]))
			judge_end_runs(member->judge);
	}
}

/* Not run, which is a result too. */
static const struct run_report skipped = { .verdict = VERDICT_SKIPPED,
					   .outcome = "skipped",
					   .exit_code = -1,
					   .cpu_us = -1,
					   .wall_us = -1,
					   .memory_bytes = -1,
					   .processes_peak = -1,
					   .output = "",
					   .error_output = "" };

/* Those that were given back and that nobody wants by now. */
static void forget_given_back(struct crew *crew)
{
	size_t kept = 0;

	for (size_t i = 0; i < crew->given_back_count; i++)
		if (is_wanted(crew, crew->given_back[i]))
			crew->given_back[kept++] = crew->given_back[i];
	crew->given_back_count = kept;
	end_unwanted(crew);
}

/* In the tests' order: what is run, and so what comes of it, is the same however many judges there are. */
static void advance(struct crew *crew)
{
	struct run_report *runs = crew->job->report->runs;
	size_t before = crew->in_order;

	for (; crew->in_order < crew->test_count; crew->in_order++) {
		size_t index = crew->in_order;

		if (is_skipped(crew, index))
			runs[index] = skipped;
		else if (!crew->done[index])
			break;
		crew->verdicts[index] = runs[index].verdict;
		if (crew->job->scoring)
			scoring_note(crew->job->scoring, index, &runs[index]);
	}
	if (crew->job->scoring && crew->in_order > before)
		forget_given_back(crew);
}

static void keep_result(struct crew *crew, size_t index, const struct run_report *run)
{
	const struct task *task = crew->job->task;

	if (!is_wanted(crew, index))
		return;
	crew->job->report->runs[index] = *run;
	crew->job->report->runs[index].borderline = crew->again[index];
	crew->verdicts[index] = run->verdict;
	crew->done[index] = true;
	advance(crew);
	if (task->early_stop && !task->groups && !verdict_is_pass(run->verdict)) {
		crew->last = index;
		forget_given_back(crew);
	}
	pthread_cond_broadcast(&crew->changed);
}

/* ---- one member ---- */

static void add_member(struct crew *crew, struct member *member)
{
	pthread_mutex_lock(&crew->lock);
	crew->members[crew->member_count++] = member;
	pthread_mutex_unlock(&crew->lock);
}

static void remove_member(struct crew *crew, struct member *member)
{
	size_t i = 0;

	pthread_mutex_lock(&crew->lock);
	while (crew->members[i] != member)
		i++;
	crew->members[i] = crew->members[--crew->member_count];
	pthread_mutex_unlock(&crew->lock);
}

/* 1: one more has begun; 0: there is none, or enough have. */
static int begin_one(struct crew *crew, struct member *member, struct error *err)
{
	size_t index;

	if (member->count == member->ahead || member->alone)
		return 0;
	pthread_mutex_lock(&crew->lock);
	bool taken = take(crew, member, &index);
	if (taken)
		member->begun[(member->first + member->count++) % BOX_AHEAD_MAX] = index;
	pthread_mutex_unlock(&crew->lock);
	if (!taken)
		return 0;
	if (member->alone)
		judge_await_quiet(member->judge);
	member->job.patience = member->alone ? PATIENCE : 1;
	int code = job_begin_test(&member->job, &crew->job->task->tests[index], err);
	if (code == 0)
		return 1;
	pthread_mutex_lock(&crew->lock);
	member->count--;
	member->alone = false;
	give_back(crew, index);
	pthread_mutex_unlock(&crew->lock);
	return code;
}

/* With the lock held: whether a run is to be made once more. */
static bool wants_another(struct crew *crew, size_t index, const struct run_report *run)
{
	bool over_wall = strcmp(run->outcome, box_outcome_name(BOX_WALL_LIMIT)) == 0;

	if (crew->again[index])
		crew->patience_was_in_vain = crew->patience_was_in_vain || over_wall;
	return run->borderline && !crew->again[index] && !(over_wall && crew->patience_was_in_vain);
}

/* 1: goes on; 0: this member was called away. */
static int end_one(struct crew *crew, struct member *member, struct error *err)
{
	size_t index = member->begun[member->first];
	struct run_report run;
	int code = job_end_test(&member->job, &crew->job->task->tests[index], &run, err);
	bool cancelled = code == 0 && run.verdict == VERDICT_CANCELLED;
	bool called_away = cancelled && atomic_load(&member->judge->cancelled);

	pthread_mutex_lock(&crew->lock);
	member->first = (member->first + 1) % BOX_AHEAD_MAX;
	member->count--;
	member->alone = false;
	bool again = code == 0 && wants_another(crew, index, &run);
	crew->again[index] = crew->again[index] || again;
	if (code < 0 || again || (cancelled && !(called_away && member->leads)))
		give_back(crew, index);
	else
		keep_result(crew, index, &run);
	pthread_mutex_unlock(&crew->lock);
	return code < 0 ? code : !called_away;
}

/* Tests that began and that nobody asks for any more, or that others are to run. */
static void abandon(struct crew *crew, struct member *member)
{
	if (member->count > 0)
		box_cancel(member->judge->lane);
	while (member->count > 0) {
		size_t index = member->begun[member->first];
		struct box_result result;

		box_end(member->judge->lane, &result, NULL);
		box_result_free(&result);
		pthread_mutex_lock(&crew->lock);
		member->first = (member->first + 1) % BOX_AHEAD_MAX;
		member->count--;
		member->alone = false;
		give_back(crew, index);
		pthread_mutex_unlock(&crew->lock);
	}
}

static bool is_in_vain(struct crew *crew, const struct member *member)
{
	pthread_mutex_lock(&crew->lock);
	bool in_vain = crew->over || (member->count > 0 && !is_wanted(crew, member->begun[member->first]));
	pthread_mutex_unlock(&crew->lock);
	return in_vain;
}

/* 1: has run what there was; 0: called away. `step` hears of each result, and may be NULL. */
static int work(struct crew *crew, struct member *member, void (*step)(struct crew *crew, void *context),
		void *context, struct error *err)
{
	int code = 1;

	for (;;) {
		code = begin_one(crew, member, err);
		if (code > 0)
			continue;
		if (code < 0 || member->count == 0 || is_in_vain(crew, member))
			break;
		if ((code = end_one(crew, member, err)) <= 0)
			break;
		if (step)
			step(crew, context);
	}
	bool called_away = code == 0 && atomic_load(&member->judge->cancelled);
	abandon(crew, member);
	return code < 0 ? code : !called_away;
}

/* Where a failure ends the task, fewer tests are run in vain. */
static size_t ahead_alone(const struct task *task)
{
	return task->checker || job_plays(task) ? 1 : task->early_stop || task->groups ? 2 : BOX_AHEAD_MAX;
}

/* A checker has the processor to itself, and so has the run behind it. */
static size_t ahead_together(const struct task *task)
{
	return task->checker || job_plays(task) ? 1 : AHEAD_TOGETHER;
}

/* ---- helpers ---- */

void judge_set_sharing(struct judge *judge, const struct judge_sharing *sharing)
{
	judge->sharing = *sharing;
}

bool crew_join(struct crew *crew, struct judge *helper)
{
	pthread_mutex_lock(&crew->lock);
	struct pool *pool = anything_left(crew) && crew->pool_count < HELPERS_MAX ? pool_new() : NULL;
	if (pool) {
		crew->pools[crew->pool_count++] = pool;
		crew->joined++;
		helper->helping_pool = pool;
		atomic_store(&helper->cancelled, false);
	}
	pthread_mutex_unlock(&crew->lock);
	return pool != NULL;
}

void crew_help(struct crew *crew, struct judge *helper)
{
	struct member member = { .job = *crew->job,
				 .judge = helper,
				 .ahead = ahead_together(crew->job->task) };
	struct error err;

	member.job.judge = helper;
	member.job.pool = helper->helping_pool;
	member.job.session = job_new_session();
	member.job.silent = true;
	add_member(crew, &member);
	judge_at_work(1);
	work(crew, &member, NULL, NULL, &err);
	judge_at_work(-1);
	remove_member(crew, &member);
	pthread_mutex_lock(&crew->lock);
	crew->joined--;
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
}

/* ---- the judge whose task it is ---- */

struct telling {
	struct report so_far;
	judge_progress_fn *progress;
	void *context;
	size_t told;
};

static void tell(struct crew *crew, void *context)
{
	struct telling *t = context;

	pthread_mutex_lock(&crew->lock);
	size_t done = crew->in_order <= crew->last ? crew->in_order : crew->last + 1;
	pthread_mutex_unlock(&crew->lock);
	while (t->progress && t->told < done) {
		t->so_far.run_count = ++t->told;
		t->so_far.verdict = verdict_of_tests(crew->verdicts, t->told);
		t->progress(&t->so_far, t->told, crew->test_count, t->context);
	}
}

static bool has_all(const struct crew *crew)
{
	return crew->in_order > crew->last || crew->in_order == crew->test_count;
}

static void wait_a_little(struct crew *crew)
{
	int64_t until_us = clock_monotonic_us() + LOOK_AGAIN_US;
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };

	pthread_cond_clockwait(&crew->changed, &crew->lock, CLOCK_MONOTONIC, &until);
}

/* Until all have a result, or something is to be taken again, or the judge is cancelled; true for the first. */
static bool await_helpers(struct crew *crew, const struct judge *judge)
{
	judge_at_work(-1);
	pthread_mutex_lock(&crew->lock);
	while (!has_all(crew) && !anything_left(crew) && !atomic_load(&judge->cancelled))
		wait_a_little(crew);
	bool all = has_all(crew);
	pthread_mutex_unlock(&crew->lock);
	judge_at_work(1);
	return all;
}

/* Those who joined are sent away, and waited for; said again, as a cancel may come just before a run begins. */
static void dismiss(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->over = true;
	while (crew->joined > 0) {
		end_unwanted(crew);
		wait_a_little(crew);
	}
	pthread_mutex_unlock(&crew->lock);
}

static int lead(struct crew *crew, struct member *member, struct telling *telling, struct error *err)
{
	int code;

	do {
		code = work(crew, member, tell, telling, err);
	} while (code > 0 && !await_helpers(crew, member->judge) && !atomic_load(&member->judge->cancelled));
	return code;
}

static int lead_with_helpers(struct crew *crew, struct member *member, struct telling *telling,
			     struct error *err)
{
	const struct judge_sharing *sharing = &member->judge->sharing;
	bool shares = sharing->offer && crew->test_count > 1;

	if (shares) {
		member->ahead = ahead_together(crew->job->task);
		sharing->offer(crew, sharing->context);
	}
	add_member(crew, member);
	int code = lead(crew, member, telling, err);
	remove_member(crew, member);
	if (shares)
		sharing->withdraw(crew, sharing->context);
	dismiss(crew);
	return code;
}

static void free_pool(void *pool)
{
	pool_free(pool);
}

static int keep_pools(struct crew *crew, struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < crew->pool_count; i++) {
		if (pool_defer(crew->job->pool, free_pool, crew->pools[i]) == 0)
			continue;
		pool_free(crew->pools[i]);
		code = error_set(err, -ENOMEM, "out of memory");
	}
	return code;
}

static int decide(struct crew *crew, struct error *err)
{
	struct report *report = crew->job->report;
	bool cancelled = !has_all(crew);

	report->run_count = crew->in_order <= crew->last ? crew->in_order : crew->last + 1;
	for (size_t i = 0; i < report->run_count; i++)
		cancelled = cancelled || crew->verdicts[i] == VERDICT_CANCELLED;
	report->verdict = cancelled ? VERDICT_CANCELLED : verdict_of_tests(crew->verdicts, report->run_count);
	return cancelled || !crew->job->scoring
		       ? 0
		       : scoring_finish(crew->job->scoring, crew->job->pool, report, err);
}

int job_run_tests(struct job *job, judge_progress_fn *progress, void *context, struct error *err)
{
	const struct task *task = job->task;
	size_t count = task->test_count;
	struct crew crew = { .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER,
			     .job = job,
			     .test_count = count,
			     .last = count - 1,
			     .given_back = pool_array(job->pool, count, sizeof *crew.given_back),
			     .done = pool_array(job->pool, count, sizeof *crew.done),
			     .again = pool_array(job->pool, count, sizeof *crew.again),
			     .verdicts = pool_array(job->pool, count, sizeof *crew.verdicts) };
	struct member member = {
		.job = *job, .judge = job->judge, .leads = true, .ahead = ahead_alone(task)
	};
	struct telling telling = { .so_far = *job->report, .progress = progress, .context = context };

	if (task->groups && scoring_new(task, job->pool, &job->scoring, err) < 0)
		return error_wrap(err, "groups");
	member.job.scoring = job->scoring;
	job->report->runs = telling.so_far.runs = pool_array(job->pool, count, sizeof *job->report->runs);
	if (!crew.given_back || !crew.done || !crew.again || !crew.verdicts || !job->report->runs)
		return error_set(err, -ENOMEM, "out of memory");
	int code = lead_with_helpers(&crew, &member, &telling, err);
	int kept = keep_pools(&crew, err);
	if (code >= 0 && kept >= 0 && (kept = decide(&crew, err)) == 0)
		tell(&crew, &telling);
	pthread_cond_destroy(&crew.changed);
	pthread_mutex_destroy(&crew.lock);
	return code < 0 || kept < 0 ? error_wrap(err, "test %zu", crew.in_order + 1) : 0;
}
