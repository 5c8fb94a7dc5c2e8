#include "judging_store.h"

int judging_end_work(struct db_tx *tx, void *context, struct error *err)
{
	struct run_ends *ends = context;

	for (size_t i = 0; i < ends->count; i++) {
		struct run_end *it = ends->items[i];
		const struct rejudge_item item = { it->rejudge_id, it->id };
		int code = it->rejudge_id != 0 ? rejudge_note(tx, it->pool, &item, &it->end, err)
					       : submission_end(tx, it->pool, it->id, &it->end, err);

		if (code < 0)
			return code;
		it->was_first = code > 0;
	}
	return 0;
}

int judging_remove_work(struct db_tx *tx, void *context, struct error *err)
{
	struct run_removal *r = context;
	struct db_rows rows;
	int code = db_run(tx, r->pool,
			  "DELETE FROM submission WHERE id = $1 AND completed_ms IS NULL AND replica = $2"
			  " RETURNING id",
			  DB_VALUES(db_int(r->id), db_text(r->replica)), &rows, err);

	r->removed = code == 0 && rows.count > 0;
	return code;
}

/* What comes too late finds a submission that has ended, and tells nothing. */
static int tell_one(struct db_tx *tx, const struct run_told *told, struct error *err)
{
	int code = submission_begin(tx, NULL, told->id, err);

	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO submission_live (submission_id, updates, tests)"
				 " SELECT id, 1, $2 FROM submission WHERE id = $1 AND completed_ms IS NULL"
				 " ON CONFLICT (submission_id) DO UPDATE SET"
				 " updates = submission_live.updates + 1, tests = EXCLUDED.tests",
				 DB_VALUES(db_int(told->id), db_text(told->tests)), NULL, err);
}

int judging_tell_work(struct db_tx *tx, void *context, struct error *err)
{
	int code = db_relax(tx, err);

	for (const struct run_told *told = context; told && code >= 0; told = told->next)
		code = tell_one(tx, told, err);
	return code;
}

/* ---- replicas ---- */

static int note_replicas(struct db_tx *tx, const struct replica_beat *beat, struct error *err)
{
	int64_t dead_ms = beat->alone ? INT64_MAX : beat->now_ms - beat->silent_ms;
	int code = db_run(tx, NULL, "DELETE FROM replica WHERE seen_ms < $1 AND id <> $2",
			  DB_VALUES(db_int(dead_ms), db_text(beat->replica)), NULL, err);

	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO replica (id, seen_ms) VALUES ($1, $2)"
				 " ON CONFLICT (id) DO UPDATE SET seen_ms = EXCLUDED.seen_ms",
				 DB_VALUES(db_text(beat->replica), db_int(beat->now_ms)), NULL, err);
}

/* Their runs begin anew. Two replicas that look at the same moment do not wait for each other, and get different
 * ones. */
static int take_over(struct db_tx *tx, struct replica_beat *beat, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, beat->pool,
			  "UPDATE submission SET replica = $1, state = 'pending' WHERE id IN"
			  " (SELECT s.id FROM submission s WHERE s.way = 'run' AND s.completed_ms IS NULL"
			  " AND NOT EXISTS (SELECT 1 FROM replica r WHERE r.id = s.replica)"
			  " ORDER BY s.id LIMIT $2 /*pg FOR UPDATE SKIP LOCKED*/) RETURNING id",
			  DB_VALUES(db_text(beat->replica), db_int(RUNS_TAKEN)), &rows, err);

	if (code < 0)
		return code;
	beat->taken_count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		beat->taken[i] = db_int_at(&rows, i, 0, 0);
	return 0;
}

static int sweep_live(struct db_tx *tx, struct error *err)
{
	return db_run(tx, NULL,
		      "DELETE FROM submission_live WHERE NOT EXISTS (SELECT 1 FROM submission s"
		      " WHERE s.id = submission_live.submission_id AND s.completed_ms IS NULL)",
		      DB_NO_VALUES, NULL, err);
}

int judging_beat_work(struct db_tx *tx, void *context, struct error *err)
{
	struct replica_beat *beat = context;
	int code = note_replicas(tx, beat, err);

	if (code == 0)
		code = sweep_live(tx, err);
	return code < 0 ? code : take_over(tx, beat, err);
}

int judging_rejudge_work(struct db_tx *tx, void *context, struct error *err)
{
	struct rejudge_taking *t = context;

	return rejudge_take(tx, t->pool, t->replica, t->now_ms, t->limit, t->items, &t->count, err);
}

int judging_leave_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct replica_beat *beat = context;

	return db_run(tx, NULL, "DELETE FROM replica WHERE id = $1", DB_VALUES(db_text(beat->replica)), NULL,
		      err);
}
