/* marks.c - what keeps claims fast where PostgreSQL cannot clean up.
 *
 * A job that was claimed leaves its entry in the index of ready jobs until vacuum removes it, and vacuum cannot
 * while some transaction, anybody's, may still look at the past. Such entries lie where claims begin to look: before
 * the front. After a million of them every claim takes a second. So when claims become slow, somebody looks once
 * how far the dead region reaches in each lane (a class and a capability), and for a while all begin behind it.
 *
 * It is only a hint, for a time that is short against what it saves: a job that is put before a mark after the look
 * (it can happen where lanes have drifted apart) waits until the mark is forgotten. Where nothing is slow there are
 * no marks, and claims look at everything. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sql.h"

enum { SLOW_US = 20000, VALID_MIN_US = 100000, VALID_TIMES = 25 };

struct lane {
	char *capability;
	int64_t low[QUEUE_CLASSES];
};

struct queue_marks {
	pthread_mutex_t mutex; /* guards what follows */
	int64_t valid_until_us, cost_us;
	bool wanted;
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
	bool hold = clock_monotonic_us() < marks->valid_until_us;
	pthread_mutex_unlock(&marks->mutex);
	return hold;
}

int64_t queue_marks_low(struct queue_marks *marks, enum job_class class, const char *capability)
{
	if (!marks)
		return 0;
	pthread_mutex_lock(&marks->mutex);
	const struct lane *lane =
		clock_monotonic_us() < marks->valid_until_us ? find(marks, capability) : NULL;
	int64_t low = lane ? lane->low[class] : 0;
	pthread_mutex_unlock(&marks->mutex);
	return low;
}

void queue_marks_note(struct queue_marks *marks, int64_t took_us, bool filled)
{
	if (!marks)
		return;
	pthread_mutex_lock(&marks->mutex);
	bool valid = clock_monotonic_us() < marks->valid_until_us;
	if (!valid && took_us > SLOW_US)
		marks->wanted = true;
	if (valid && !filled && marks->cost_us < SLOW_US)
		marks->valid_until_us = 0; /* a full look is cheap, and may find what a mark hides */
	pthread_mutex_unlock(&marks->mutex);
}

/* ---- the look ---- */

static void look_sql(size_t capability_count, struct buffer *sql)
{
	for (size_t of = 0; of < QUEUE_CLASSES; of++)
		for (size_t i = 0; i < capability_count; i++)
			buffer_printf(sql,
				      "%s SELECT %zu AS class, $%zu AS capability, COALESCE("
				      "(SELECT min(vt) FROM job WHERE state = 'ready' AND class = %zu AND"
				      " capability = $%zu), $1) AS ready, COALESCE("
				      "(SELECT max(vt) FROM job WHERE state = 'leased' AND class = %zu), $1) "
				      "AS leased",
				      of + i ? " UNION ALL" : "", of, i + 2, of, i + 2, of);
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

/* One thread looks; the others go on with what they have. */
static bool take_turn(struct queue_marks *marks)
{
	pthread_mutex_lock(&marks->mutex);
	bool mine = marks->wanted;
	marks->wanted = false;
	pthread_mutex_unlock(&marks->mutex);
	return mine;
}

int queue_marks_refresh(struct queue_marks *marks, struct db_tx *tx, const char *const *capabilities,
			size_t capability_count, int64_t now_ms, struct error *err)
{
	if (!marks || !take_turn(marks))
		return 0;
	struct db_value values[1 + QUEUE_CAPABILITIES_MAX] = { db_int(1000 * now_ms) };
	for (size_t i = 0; i < capability_count; i++)
		values[i + 1] = db_text(capabilities[i]);
	cleanup_buffer struct buffer sql = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int64_t began_us = clock_monotonic_us();
	look_sql(capability_count, &sql);
	int code = db_run(tx, pool, buffer_text(&sql), values, capability_count + 1, &rows, err);
	int64_t now_us = clock_monotonic_us(), cost_us = now_us - began_us;
	if (code < 0)
		return code;
	pthread_mutex_lock(&marks->mutex);
	remember(marks, &rows);
	marks->cost_us = cost_us;
	marks->valid_until_us =
		now_us + (cost_us * VALID_TIMES > VALID_MIN_US ? cost_us * VALID_TIMES : VALID_MIN_US);
	pthread_mutex_unlock(&marks->mutex);
	return 0;
}
