/* marks.c - what keeps claims fast where PostgreSQL cannot clean up.
 *
 * A job that was claimed leaves its entry in the index of ready jobs until vacuum removes it, and vacuum cannot
 * while some transaction, anybody's, may still look at the past. Such entries lie where claims begin to look: before
 * the front. After a million of them every claim takes a second. So when claims become slow, somebody looks how far
 * the dead region reaches in each lane (a class and a capability), and from then on all begin behind it. The mark is
 * moved on every moment, from where it was, which is cheap; now and then, in 1/25 of the time at most, somebody looks
 * at everything again, and when that is quick the marks are dropped.
 *
 * They are a hint: a job that is put before its lane's mark (it can happen where lanes have drifted apart) waits until
 * the next full look. Where nothing is slow there are no marks, and claims look at everything. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sql.h"

enum {
	SLOW_US = 20000,
	STEP_MIN_US = 50000,
	FULL_MIN_US = 1000000,
	STEP_REST = 4,
	FULL_REST = 25,
	CLOCKS_APART_MS = 10000, /* what those of several replicas may differ by */
};

struct lane {
	char *capability;
	int64_t low[QUEUE_CLASSES];
};

struct queue_marks {
	pthread_mutex_t mutex;    /* guards what follows */
	bool hold;                /* the marks are in use */
	bool looked;              /* somebody is just looking */
	int64_t step_us, full_us; /* when to look again: from the marks on, and at everything */
	struct lane lanes[QUEUE_CAPABILITIES_MAX];
	size_t count;
};

struct queue_marks *queue_marks_new(void)
{
	struct queue_marks *marks = calloc(1, sizeof *marks);
	if (marks)
		pthread_mutex_init(&marks->mutex, NULL);
	return marks;
}

void queue_marks_free(struct queue_marks *marks)
{
	if (!marks)
		return;
	for (size_t i = 0; i < marks->count; i++)
		free(marks->lanes[i].capability);
	pthread_mutex_destroy(&marks->mutex);
	free(marks);
}

/* With the mutex held. */
static struct lane *find(struct queue_marks *marks, const char *capability)
{
	for (size_t i = 0; i < marks->count; i++)
		if (strcmp(marks->lanes[i].capability, capability) == 0)
			return &marks->lanes[i];
	return NULL;
}

bool queue_marks_hold(struct queue_marks *marks)
{
	if (!marks)
		return false;
	pthread_mutex_lock(&marks->mutex);
	bool hold = marks->hold;
	pthread_mutex_unlock(&marks->mutex);
	return hold;
}

/* With the mutex held. */
static int64_t low_of(struct queue_marks *marks, enum job_class of, const char *capability)
{
	const struct lane *lane = marks->hold ? find(marks, capability) : NULL;
	return lane ? lane->low[of] : 0;
}

int64_t queue_marks_low(struct queue_marks *marks, enum job_class of, const char *capability)
{
	if (!marks)
		return 0;
	pthread_mutex_lock(&marks->mutex);
	int64_t low = low_of(marks, of, capability);
	pthread_mutex_unlock(&marks->mutex);
	return low;
}

void queue_marks_note(struct queue_marks *marks, int64_t took_us)
{
	if (!marks || took_us < SLOW_US)
		return;
	pthread_mutex_lock(&marks->mutex);
	if (!marks->hold)
		marks->hold = true; /* at 0 still: the next claim looks */
	pthread_mutex_unlock(&marks->mutex);
}

/* ---- the look ---- */

/* $1: the clock; then the capabilities; then, by lane, from where. */
static void look_sql(size_t capability_count, struct buffer *sql)
{
	for (size_t i = 0; capability_count > 0 && i < QUEUE_CLASSES * capability_count; i++) {
		size_t of = i / capability_count, name = i % capability_count + 2,
		       low = capability_count + i + 2;
		buffer_printf(
			sql,
			"%s SELECT %zu AS class, $%zu AS capability, COALESCE((SELECT min(vt) FROM job"
			" WHERE state = 'ready' AND class = %zu AND capability = $%zu AND vt >= $%zu), $1),"
			" COALESCE((SELECT max(vt) FROM job WHERE state = 'leased' AND class = %zu"
			" AND vt >= $%zu), $1)",
			i ? " UNION ALL" : "", of, name, of, name, low, of, low);
	}
}

static void remember(struct queue_marks *marks, const struct db_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const char *capability = db_text_at(rows, i, 1);
		int64_t ready = db_int_at(rows, i, 2, 0), leased = db_int_at(rows, i, 3, 0);
		struct lane *lane = find(marks, capability);
		if (!lane && marks->count < QUEUE_CAPABILITIES_MAX &&
		    (marks->lanes[marks->count].capability = strdup(capability)))
			lane = &marks->lanes[marks->count++];
		if (lane)
			lane->low[db_int_at(rows, i, 0, 0)] = ready < leased ? ready : leased;
	}
}

/* One thread looks; the others go on with what they have. `lows` has room for every lane. */
static bool take_turn(struct queue_marks *marks, const char *const *capabilities, size_t count,
		      struct db_value *lows, bool *full)
{
	int64_t now_us = clock_monotonic_us();
	pthread_mutex_lock(&marks->mutex);
	*full = now_us >= marks->full_us;
	bool mine = marks->hold && !marks->looked && (*full || now_us >= marks->step_us);
	marks->looked = marks->looked || mine;
	for (size_t i = 0; mine && i < QUEUE_CLASSES * count; i++)
		lows[i] = db_int(*full ? 0
				       : low_of(marks, (enum job_class)(i / count), capabilities[i % count]));
	pthread_mutex_unlock(&marks->mutex);
	return mine;
}

static int64_t later(int64_t now_us, int64_t rest_us, int64_t least_us)
{
	return now_us + (rest_us > least_us ? rest_us : least_us);
}

static void end_turn(struct queue_marks *marks, const struct db_rows *rows, bool full, int64_t cost_us)
{
	int64_t now_us = clock_monotonic_us();
	pthread_mutex_lock(&marks->mutex);
	if (rows)
		remember(marks, rows);
	marks->step_us = later(now_us, full ? 0 : STEP_REST * cost_us, STEP_MIN_US);
	if (full)
		marks->full_us = later(now_us, FULL_REST * cost_us, FULL_MIN_US);
	if (full && rows && cost_us < SLOW_US)
		marks->hold = false;
	marks->looked = false;
	pthread_mutex_unlock(&marks->mutex);
}

int queue_marks_refresh(struct queue_marks *marks, struct db_tx *tx, const char *const *capabilities,
			size_t capability_count, int64_t now_ms, struct error *err)
{
	struct db_value values[1 + (QUEUE_CLASSES + 1) * QUEUE_CAPABILITIES_MAX] = { db_int(
		1000 * (now_ms - CLOCKS_APART_MS)) };
	bool full;
	if (!marks || !take_turn(marks, capabilities, capability_count, values + 1 + capability_count, &full))
		return 0;
	for (size_t i = 0; i < capability_count; i++)
		values[i + 1] = db_text(capabilities[i]);
	cleanup_buffer struct buffer sql = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int64_t began_us = clock_monotonic_us();
	look_sql(capability_count, &sql);
	int code = db_run(tx, pool, buffer_text(&sql), values, 1 + (QUEUE_CLASSES + 1) * capability_count,
			  &rows, err);
	end_turn(marks, code < 0 ? NULL : &rows, full, clock_monotonic_us() - began_us);
	return code;
}
