/* sql.h - the pieces of SQL that more than one of the queue's steps needs. */
#pragma once

#include "base/buffer.h"
#include "queue/queue.h"

/* clang-format off */

/* Where the ready jobs of a class and capability stand now: the least virtual time among them, or without any
 * that of the latest job being run in the class, or the clock's. Whoever comes now, or comes back, starts no
 * earlier. Nothing that counts lies before `low`. */
#define QUEUE_FRONT(class, capability, now_ms, low)                                     \
	"COALESCE((SELECT min(ahead.vt) FROM job AS ahead WHERE ahead.state = 'ready'"  \
	" AND ahead.capability = " capability " AND ahead.class = " class               \
	" AND ahead.vt >= " low "),"                                                    \
	" (SELECT max(ahead.vt) FROM job AS ahead WHERE ahead.state = 'leased'"         \
	" AND ahead.class = " class " AND ahead.vt >= " low "), 1000 * " now_ms ")"

/* The place of a job that would stand at `own` if it were alone: there, but not before the front. */
#define QUEUE_PLACE(own, class, capability, now_ms, low)                                \
	"(SELECT CASE WHEN own > front THEN own ELSE front END FROM"                    \
	" (SELECT " own " AS own, " QUEUE_FRONT(class, capability, now_ms, low)         \
	" AS front) AS place)"

/* Leased jobs for which `condition` holds, as `job`; behind the lowest place that one can have in each class: $2 to $5.
 * `fence` keeps PostgreSQL from walking the other way round. */
#define QUEUE_LEASED(condition, fence)                                                  \
	" FROM (SELECT 0 AS class, $2 AS low UNION ALL SELECT 1, $3 UNION ALL SELECT 2, $4" \
	" UNION ALL SELECT 3, $5) AS lane"                                              \
	" /*sqlite*/JOIN job ON job.class = lane.class AND job.vt >= lane.low"          \
	"/*pg , LATERAL (SELECT * FROM job WHERE job.class = lane.class"                \
	" AND job.vt >= lane.low AND job.state = 'leased' AND " condition " " fence     \
	") AS job*/ WHERE job.state = 'leased' AND " condition

/* clang-format on */

enum { QUEUE_CLASSES = 4 };

/* Finds what may be leased. $1: how many; $2: how many of them are kept, $3: from which class on; then the
 * capabilities; then, if it goes by lane, class by class and capability by capability, before which virtual time
 * nothing is. */
void queue_pick_sql(size_t capability_count, bool by_lane, struct buffer *sql);

/* As queue_session_seen(), of each in a JSON list of one-element lists. */
int queue_sessions_seen(struct db_tx *tx, const char *list, int64_t now_ms, int64_t life_ms,
			struct error *err);

/* Jobs whose delay is over become ready. */
int queue_promote(struct db_tx *tx, int64_t now_ms, struct error *err);

/* ---- marks.c ---- */

/* 0 where nothing is known, and always without marks. */
int64_t queue_marks_low(struct queue_marks *marks, enum job_class of, const char *capability);
bool queue_marks_hold(struct queue_marks *marks);
/* Below these no job is leased, by class. */
void queue_marks_leased(struct queue_marks *marks, struct db_value lows[QUEUE_CLASSES]);
/* A job was leased here. */
void queue_marks_lent(struct queue_marks *marks, enum job_class of, int64_t vt);
/* Looks again, from the marks on, when it is time to. */
int queue_marks_refresh(struct queue_marks *marks, struct db_tx *tx, const char *const *capabilities,
			size_t capability_count, int64_t now_ms, struct error *err);
/* How long it took to find what is ready, or leased. */
void queue_marks_note(struct queue_marks *marks, int64_t took_us);
