/* claim.c - jobs given out: see docs/queue.md.
 *
 * Takers that can do the same are a group, and what a group may have is found by one statement: a short walk along
 * the index for each capability, merged, so that however many jobs wait for what nobody here can do, none of them is
 * looked at. Then the first are locked one by one, past those that another process is just taking (PostgreSQL walks
 * on for some more than it needs, for that). What is locked and still ready is dealt out, and one more statement
 * leases all of it under random tokens. Where a walk must begin behind a mark (marks.c), each lane (a class and a
 * capability) has one of its own.
 *
 * None of this leaves PostgreSQL a choice that depends on how large it believes the table to be: docs/queue.md,
 * "What makes claims slow". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "sql.h"

enum { GROUP_WANTED_MAX = 1024 };

/* ---- what there is ---- */

static void put_walks(const char *from, const char *limit, size_t capability_count, bool by_lane,
		      struct buffer *sql)
{
	static const char walk[] =
		"%sSELECT * FROM (SELECT id, class, vt FROM job WHERE state = 'ready'"
		" AND capability = $%zu AND class >= %s%s ORDER BY class, vt, id LIMIT %s/*pg  * 2 + 32*/)"
		" AS walk_%zu";
	size_t walks = by_lane ? capability_count * QUEUE_CLASSES : capability_count;
	for (size_t i = 0; i < walks; i++) {
		char lane[64] = "";
		if (by_lane)
			snprintf(lane, sizeof lane, " AND class = %zu AND vt >= $%zu", i / capability_count,
				 capability_count + i + 4);
		buffer_printf(sql, walk, i ? " UNION ALL " : "", i % capability_count + 4, from, lane, limit,
			      i);
	}
}

/* The first of them, in order. */
static void put_pick(const char *from, const char *limit, size_t capability_count, bool by_lane,
		     struct buffer *sql)
{
	buffer_puts(sql, "SELECT * FROM (SELECT job.id, job.submission_id, job.class, job.capability,"
			 " job.attempts, job.max_attempts, job.enqueued_at, job.vt FROM"
			 " (SELECT id, class, vt FROM (");
	put_walks(from, limit, capability_count, by_lane, sql);
	buffer_printf(sql,
		      ") AS walks ORDER BY class, vt, id LIMIT %s/*pg  * 2 + 32*/) AS front"
		      " /*sqlite*/ JOIN job ON job.id = front.id /*pg , LATERAL (SELECT * FROM job"
		      " WHERE job.id = front.id LIMIT 1 FOR UPDATE SKIP LOCKED) AS job*/"
		      " WHERE job.state = 'ready' ORDER BY front.class, front.vt, front.id LIMIT %s)",
		      limit, limit);
}

void queue_pick_sql(size_t capability_count, bool by_lane, struct buffer *sql)
{
	put_pick("$3", "$2", capability_count, by_lane, sql);
	buffer_puts(sql, " AS kept UNION ALL ");
	put_pick("0", "$1", capability_count, by_lane, sql);
	buffer_puts(sql, " AS best");
}

/* Takers of the same capabilities, and what is found for them. */
struct group {
	const struct queue_claim *asked;
	struct queue_marks *marks;
	const char *capabilities[QUEUE_CAPABILITIES_MAX]; /* in order, none twice */
	size_t capability_count;
	struct queue_taker **takers;
	size_t taker_count;
	size_t wanted, kept; /* of all of them */
	struct pool *pool;
	struct queue_job *jobs; /* room for `wanted` */
	size_t count;
};

static void read_job(const struct db_rows *rows, size_t row, struct queue_job *job)
{
	*job = (struct queue_job){
		.id = db_int_at(rows, row, 0, 0),
		.submission_id = db_int_at(rows, row, 1, 0),
		.class = (enum job_class)db_int_at(rows, row, 2, 0),
		.capability = db_text_at(rows, row, 3),
		.attempts = (int)db_int_at(rows, row, 4, 0) + 1,
		.max_attempts = (int)db_int_at(rows, row, 5, 0),
		.enqueued_ms = db_int_at(rows, row, 6, 0),
		.vt = db_int_at(rows, row, 7, 0),
	};
	random_uuid(job->lease);
}

static bool is_picked(const struct group *group, int64_t id)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->jobs[i].id == id)
			return true;
	return false;
}

/* What is kept comes first, and once more where it belongs. */
static int pick(struct db_tx *tx, struct group *group, struct error *err)
{
	size_t kept = group->kept < group->wanted ? group->kept : group->wanted;
	struct db_value values[3 + (QUEUE_CLASSES + 1) * QUEUE_CAPABILITIES_MAX] = {
		db_int((int64_t)group->wanted), db_int((int64_t)kept), db_int(group->asked->kept_from)
	};
	size_t count = 3, capabilities = group->capability_count;
	bool by_lane = queue_marks_hold(group->marks);
	for (size_t i = 0; i < capabilities; i++)
		values[count++] = db_text(group->capabilities[i]);
	for (size_t i = 0; by_lane && i < QUEUE_CLASSES * capabilities; i++)
		values[count++] = db_int(queue_marks_low(group->marks, (enum job_class)(i / capabilities),
							 group->capabilities[i % capabilities]));
	cleanup_buffer struct buffer sql = { 0 };
	struct db_rows rows;
	queue_pick_sql(capabilities, by_lane, &sql);
	if (sql.failed)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(tx, group->pool, buffer_text(&sql), values, count, &rows, err);
	for (size_t i = 0; code == 0 && i < rows.count && group->count < group->wanted; i++)
		if (kept == 0 || !is_picked(group, db_int_at(&rows, i, 0, 0)))
			read_job(&rows, i, &group->jobs[group->count++]);
	return code;
}

/* ---- who gets it ---- */

static int compare_jobs(const void *left, const void *right)
{
	const struct queue_job *a = left, *b = right;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->vt != b->vt)
		return a->vt < b->vt ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Round and round, the best job first, past those who have enough. There is never more than they want. */
static void deal(struct group *group)
{
	size_t next = 0;
	qsort(group->jobs, group->count, sizeof *group->jobs, compare_jobs);
	for (size_t i = 0; i < group->count; i++) {
		while (group->takers[next]->count == group->takers[next]->wanted)
			next = (next + 1) % group->taker_count;
		struct queue_taker *taker = group->takers[next];
		taker->jobs[taker->count++] = group->jobs[i];
		queue_marks_lent(group->marks, group->jobs[i].class, group->jobs[i].vt);
		next = (next + 1) % group->taker_count;
	}
}

/* What was dealt, as the statement reads it: the jobs' numbers, for each its session and lease, and the sessions. */
static int put_leases(const struct group *group, struct buffer *ids, struct buffer *leases,
		      struct buffer *sessions)
{
	cleanup_json json_t *object = json_object(), *list = json_array();
	buffer_putc(ids, '[');
	for (size_t i = 0; i < group->taker_count; i++) {
		const struct queue_taker *taker = group->takers[i];
		const char *session = taker->session;
		for (size_t j = 0; j < taker->count; j++) {
			char name[32];
			snprintf(name, sizeof name, "j%" PRId64, taker->jobs[j].id);
			buffer_printf(ids, "%s%" PRId64, ids->size > 1 ? "," : "", taker->jobs[j].id);
			json_object_set_new(object, name,
					    json_pack("[o, s]", json_text(session, strlen(session)),
						      taker->jobs[j].lease));
		}
		if (taker->count > 0)
			json_array_append_new(list, json_pack("[o]", json_text(session, strlen(session))));
	}
	buffer_putc(ids, ']');
	return json_write(object, leases) < 0 || json_write(list, sessions) < 0 || ids->failed ? -ENOMEM : 0;
}

/* A claim that finds something is a sign of life. */
static int lease(struct db_tx *tx, const struct group *group, struct error *err)
{
	static const char sql[] =
		"WITH dealt AS (SELECT $2 /*pg ::jsonb*/ AS leases)"
		" UPDATE job SET state = 'leased', state_since = $3, state_until = $4, claimed_at = $3,"
		" attempts = attempts + 1,"
		" session = (SELECT leases FROM dealt) -> ('j' || CAST(id AS TEXT)) ->> 0,"
		" lease = (SELECT leases FROM dealt) -> ('j' || CAST(id AS TEXT)) ->> 1"
		" WHERE id " DB_ANY_OF("$1");
	const struct queue_claim *asked = group->asked;
	cleanup_buffer struct buffer ids = { 0 }, leases = { 0 }, sessions = { 0 };
	if (put_leases(group, &ids, &leases, &sessions) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(tx, NULL, sql,
			  DB_VALUES(db_text(buffer_text(&ids)), db_text(buffer_text(&leases)),
				    db_int(asked->now_ms), db_int(asked->now_ms + asked->lease_ms)),
			  NULL, err);
	return code < 0
		       ? code
		       : queue_sessions_seen(tx, buffer_text(&sessions), asked->now_ms, asked->lease_ms, err);
}

static int claim_for_group(struct db_tx *tx, struct group *group, struct error *err)
{
	int code = queue_marks_refresh(group->marks, tx, group->capabilities, group->capability_count,
				       group->asked->now_ms, err);
	int64_t began_us = clock_monotonic_us();
	if (code == 0)
		code = pick(tx, group, err);
	queue_marks_note(group->marks, clock_monotonic_us() - began_us);
	if (code < 0 || group->count == 0)
		return code;
	deal(group);
	return lease(tx, group, err);
}

/* ---- groups ---- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* In order, without one that is named twice. */
static size_t read_capabilities(const struct queue_taker *taker, const char **names)
{
	size_t count = 0;
	memcpy(names, taker->capabilities, taker->capability_count * sizeof *names);
	qsort(names, taker->capability_count, sizeof *names, compare_names);
	for (size_t i = 0; i < taker->capability_count; i++)
		if (count == 0 || strcmp(names[count - 1], names[i]) != 0)
			names[count++] = names[i];
	return count;
}

static bool belongs(const struct group *group, const char *const *names, size_t count)
{
	bool same = group->capability_count == count;
	for (size_t i = 0; same && i < count; i++)
		same = strcmp(group->capabilities[i], names[i]) == 0;
	return same;
}

static struct group *group_of(struct group *groups, size_t *count, const struct queue_taker *taker,
			      size_t taker_count, struct pool *pool)
{
	const char *names[QUEUE_CAPABILITIES_MAX];
	size_t name_count = read_capabilities(taker, names);
	for (size_t i = 0; i < *count; i++)
		if (belongs(&groups[i], names, name_count) &&
		    groups[i].wanted + taker->wanted <= GROUP_WANTED_MAX)
			return &groups[i];
	struct group *group = &groups[*count];
	*group = (struct group){ 0 };
	for (size_t i = 0; i < name_count; i++)
		group->capabilities[i] = names[i];
	group->capability_count = name_count;
	group->takers = pool_array(pool, taker_count, sizeof(struct queue_taker *));
	if (group->takers)
		++*count;
	return group->takers ? group : NULL;
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	return a->capability_count < b->capability_count ? -1 : a->capability_count > b->capability_count;
}

static int join_group(struct group *groups, size_t *count, struct queue_taker *taker, size_t taker_count,
		      struct pool *pool, struct error *err)
{
	taker->count = 0;
	if (taker->capability_count > QUEUE_CAPABILITIES_MAX)
		return error_set(err, -E2BIG, "a worker may name %d capabilities, this one has %zu",
				 QUEUE_CAPABILITIES_MAX, taker->capability_count);
	if (taker->capability_count == 0 || taker->wanted == 0)
		return 0;
	struct group *group = group_of(groups, count, taker, taker_count, pool);
	taker->jobs = pool_array(pool, taker->wanted, sizeof *taker->jobs);
	if (!group || !taker->jobs)
		return error_set(err, -ENOMEM, "out of memory");
	group->takers[group->taker_count++] = taker;
	group->wanted += taker->wanted;
	group->kept += taker->kept;
	return 0;
}

static int claim(struct db_tx *tx, struct queue_marks *marks, const struct queue_claim *asked,
		 struct pool *pool, struct error *err)
{
	size_t count = 0;
	struct group *groups = pool_array(pool, asked->taker_count + 1, sizeof *groups);
	int code = groups ? queue_promote(tx, asked->now_ms, err) : error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < asked->taker_count && code == 0; i++)
		code = join_group(groups, &count, &asked->takers[i], asked->taker_count, pool, err);
	if (code == 0)
		qsort(groups, count, sizeof *groups, compare_groups);
	for (size_t i = 0; i < count && code == 0; i++) {
		groups[i].asked = asked;
		groups[i].marks = marks;
		groups[i].pool = pool;
		groups[i].jobs = pool_array(pool, groups[i].wanted, sizeof *groups[i].jobs);
		code = groups[i].jobs ? claim_for_group(tx, &groups[i], err)
				      : error_set(err, -ENOMEM, "out of memory");
	}
	return code;
}

int queue_claim(struct db_tx *tx, struct queue_marks *marks, const struct queue_claim *asked,
		struct pool *pool, struct error *err)
{
	return claim(tx, marks, asked, pool, err) < 0 ? error_wrap(err, "claim jobs") : 0;
}

void queue_keep(struct queue_claim *claim)
{
	unsigned char random[2];
	for (size_t i = 0; i < claim->taker_count; i++) {
		struct queue_taker *taker = &claim->takers[i];
		random_bytes(random, sizeof random);
		taker->kept = taker->wanted / QUEUE_KEPT_SHARE +
			      (random[0] % QUEUE_KEPT_SHARE < taker->wanted % QUEUE_KEPT_SHARE);
	}
	random_bytes(random, sizeof random);
	claim->kept_from = (enum job_class)(JOB_CONTEST + random[1] % JOB_REJUDGE);
}
