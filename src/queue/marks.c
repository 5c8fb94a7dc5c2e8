/* marks.c - what keeps the queue fast where PostgreSQL cannot clean up.
 *
 * A job that was claimed leaves its entry in the index of ready jobs until vacuum removes it, and one that is over
 * leaves another in the index of leased jobs; and vacuum cannot while some transaction, anybody's, may still look at
 * the past. Such entries lie where walks begin: before the front. After a million of them every claim takes a second,
 * and so does every heartbeat. So when a walk was slow, somebody looks how far the dead region reaches in each lane (a
 * class and a capability), and from then on all begin behind it. Claims move the marks on, from where they were, which
 * is cheap; aside, in 1/25 of the time at most, queue_look() looks at everything again, and when that is quick the
 * marks are dropped.
 *
 * They are a hint: a job that is put before its lane's mark (it can happen where lanes have drifted apart) waits until
 * the next full look; so does one that another process leases before it, when it is to be taken back. Where nothing is
 * slow there are no marks, and everything is walked. */
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
	pthread_mutex_t mutex;         /* guards what follows */
	bool hold;                     /* the marks are in use */
	bool looked;                   /* somebody is just looking */
	int64_t step_us, full_us;      /* when to look again: from the marks on, and at everything */
	int64_t leased[QUEUE_CLASSES]; /* no leased job stands before */
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

/* What is leased next comes from what is ready now. */
void queue_marks_leased(struct queue_marks *marks, struct db_value lows[QUEUE_CLASSES])
{
	for (int of = 0; of < QUEUE_CLASSES; of++)
		lows[of] = db_int(0);
	if (!marks)
		return;
	pthread_mutex_lock(&marks->mutex);
	for (int of = 0; of < QUEUE_CLASSES && marks->hold; of++) {
		lows[of].number = marks->leased[of];
		for (size_t i = 0; i < marks->count; i++)
			if (marks->lanes[i].low[of] < lows[of].number)
				lows[of].number = marks->lanes[i].low[of];
	}
	pthread_mutex_unlock(&marks->mutex);
}

void queue_marks_lent(struct queue_marks *marks, enum job_class of, int64_t vt)
{
	if (!marks)
		return;
	pthread_mutex_lock(&marks->mutex);
	if (vt < marks->leased[of])
		marks->leased[of] = vt;
	pthread_mutex_unlock(&marks->mutex);
}

void queue_marks_note(struct queue_marks *marks, int64_t took_us)
{
	if (!marks || took_us < SLOW_US)
		return;
	pthread_mutex_lock(&marks->mutex);
	if (!marks->hold)
		memset(marks->leased, 0, sizeof marks->leased); /* as the lanes are: the next look tells */
	marks->hold = true;
	pthread_mutex_unlock(&marks->mutex);
}

/* ---- the look ---- */

/* $1: the clock; then the capabilities; then, by lane, from where. */
static void look_sql(size_t capability_count, struct buffer *sql)
{
	for (size_t i = 0; i < QUEUE_CLASSES * capability_count; i++) {
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

/* The same for what is leased, by class alone; `first` is the parameter that says from where. */
static void look_leased_sql(size_t first, struct buffer *sql)
{
	for (size_t of = 0; of < QUEUE_CLASSES; of++)
		buffer_printf(sql,
			      "%s SELECT %zu AS class, NULL AS capability, COALESCE((SELECT min(vt) FROM job"
			      " WHERE state = 'leased' AND class = %zu AND vt >= $%zu), $1), 0",
			      sql->size > 0 ? " UNION ALL" : "", of, of, first + of);
}

static void remember_lane(struct queue_marks *marks, const char *capability, int64_t of, int64_t low)
{
	struct lane *lane = find(marks, capability);
	if (!lane && marks->count < QUEUE_CAPABILITIES_MAX &&
	    (marks->lanes[marks->count].capability = strdup(capability)))
		lane = &marks->lanes[marks->count++];
	if (lane)
		lane->low[of] = low;
}

static void remember(struct queue_marks *marks, const struct db_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const char *capability = db_text_at(rows, i, 1);
		int64_t of = db_int_at(rows, i, 0, 0), first = db_int_at(rows, i, 2, 0),
			leased = db_int_at(rows, i, 3, 0);
		if (capability)
			remember_lane(marks, capability, of, first < leased ? first : leased);
		else
			marks->leased[of] = first;
	}
}

/* One thread's look at some lanes; the others go on with what they have. */
struct look {
	bool full;   /* from the beginning */
	bool leased; /* and at what is leased */
	const char *names[QUEUE_CAPABILITIES_MAX];
	size_t count;
	struct db_value values[1 + (QUEUE_CLASSES + 1) * QUEUE_CAPABILITIES_MAX + QUEUE_CLASSES];
	size_t value_count;
};

/* With the mutex held. */
static void begin_look(struct queue_marks *marks, struct look *look, int64_t now_ms)
{
	size_t at = 0;
	marks->looked = true;
	look->values[at++] = db_int(1000 * (now_ms - CLOCKS_APART_MS));
	for (size_t i = 0; i < look->count; i++)
		look->values[at++] = db_text(look->names[i]);
	for (size_t i = 0; i < QUEUE_CLASSES * look->count; i++)
		look->values[at++] = db_int(look->full ? 0
						       : low_of(marks, (enum job_class)(i / look->count),
								look->names[i % look->count]));
	for (size_t of = 0; of < QUEUE_CLASSES && look->leased; of++)
		look->values[at++] = db_int(look->full ? 0 : marks->leased[of]);
	look->value_count = at;
}

static int64_t later(int64_t now_us, int64_t rest_us, int64_t least_us)
{
	return now_us + (rest_us > least_us ? rest_us : least_us);
}

static void end_look(struct queue_marks *marks, const struct look *look, const struct db_rows *rows,
		     int64_t cost_us)
{
	int64_t now_us = clock_monotonic_us();
	pthread_mutex_lock(&marks->mutex);
	if (rows)
		remember(marks, rows);
	marks->step_us = later(now_us, look->full ? 0 : STEP_REST * cost_us, STEP_MIN_US);
	if (look->full)
		marks->full_us = later(now_us, FULL_REST * cost_us, FULL_MIN_US);
	if (look->full && rows && cost_us < SLOW_US)
		marks->hold = false;
	marks->looked = false;
	pthread_mutex_unlock(&marks->mutex);
}

static int take_look(struct queue_marks *marks, const struct look *look, struct db_tx *tx, struct error *err)
{
	cleanup_buffer struct buffer sql = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int64_t began_us = clock_monotonic_us();
	if (look->count > 0)
		look_sql(look->count, &sql);
	if (look->leased)
		look_leased_sql(look->value_count - QUEUE_CLASSES + 1, &sql);
	int code = db_run(tx, pool, buffer_text(&sql), look->values, look->value_count, &rows, err);
	end_look(marks, look, code < 0 ? NULL : &rows, clock_monotonic_us() - began_us);
	return code;
}

int queue_marks_refresh(struct queue_marks *marks, struct db_tx *tx, const char *const *capabilities,
			size_t capability_count, int64_t now_ms, struct error *err)
{
	struct look look = { .count = capability_count };
	if (!marks || capability_count == 0)
		return 0;
	memcpy(look.names, capabilities, capability_count * sizeof *capabilities);
	pthread_mutex_lock(&marks->mutex);
	bool mine = marks->hold && !marks->looked && clock_monotonic_us() >= marks->step_us;
	if (mine)
		begin_look(marks, &look, now_ms);
	pthread_mutex_unlock(&marks->mutex);
	return mine ? take_look(marks, &look, tx, err) : 0;
}

/* Lanes are never forgotten while the process lives, so their names stay where they are. */
int queue_look(struct db_tx *tx, struct queue_marks *marks, int64_t now_ms, struct error *err)
{
	struct look look = { .leased = true };
	pthread_mutex_lock(&marks->mutex);
	bool mine = marks->hold && !marks->looked;
	look.full = clock_monotonic_us() >= marks->full_us;
	for (size_t i = 0; mine && look.full && i < marks->count; i++)
		look.names[look.count++] = marks->lanes[i].capability;
	if (mine)
		begin_look(marks, &look, now_ms);
	pthread_mutex_unlock(&marks->mutex);
	if (mine && take_look(marks, &look, tx, err) < 0)
		return error_wrap(err, "look where the queue begins");
	return 0;
}
