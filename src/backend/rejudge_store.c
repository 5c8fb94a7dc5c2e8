#include "rejudge_store.h"

#include <string.h>

#include "participant.h"

static const char *const scope_names[] = { "submission", "problem", "contest" };
static const char *const state_names[] = { "running", "judged", "applied", "undone", "cancelled" };

const char *rejudge_scope_name(enum rejudge_scope scope)
{
	return scope_names[scope];
}

const char *rejudge_state_name(enum rejudge_state state)
{
	return state_names[state];
}

static size_t index_of(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i + 1 < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* ---- writing ---- */

static const char *const insert_items[] = {
#define INSERT_ITEMS(condition)                                                              \
	"INSERT INTO rejudge_item (rejudge_id, submission_id, before_verdict, before_score)" \
	" SELECT $1, id, verdict, score FROM submission WHERE " condition                    \
	" AND completed_ms IS NOT NULL AND problem_id IS NOT NULL AND state <> 'cancelled'"  \
	" RETURNING submission_id"
	[REJUDGE_SUBMISSION] = INSERT_ITEMS("id = $2"),
	[REJUDGE_PROBLEM] = INSERT_ITEMS("problem_id = $2"),
	[REJUDGE_CONTEST] = INSERT_ITEMS("contest_id = $2"),
#undef INSERT_ITEMS
};

int rejudge_insert(struct db_tx *tx, struct pool *pool, struct rejudge *r, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "INSERT INTO rejudge (actor_id, scope, scope_id, reason, state, created_ms)"
			  " VALUES ($1, $2, $3, $4, 'running', $5) RETURNING id",
			  DB_VALUES(r->actor_id != 0 ? db_int(r->actor_id) : db_null(),
				    db_text(scope_names[r->scope]), db_int(r->scope_id), db_text(r->reason),
				    db_int(r->created_ms)),
			  &rows, err);

	if (code < 0)
		return code;
	r->id = db_int_at(&rows, 0, 0, 0);
	code = db_run(tx, pool, insert_items[r->scope], DB_VALUES(db_int(r->id), db_int(r->scope_id)), &rows,
		      err);
	if (code == 0 && rows.count == 0)
		code = db_run(tx, pool, "DELETE FROM rejudge WHERE id = $1", DB_VALUES(db_int(r->id)), NULL,
			      err);
	if (code < 0)
		return code;
	r->state = REJUDGE_RUNNING;
	r->total = (int64_t)rows.count;
	return (int)rows.count;
}

/* ---- reading ---- */

/* Whether an item's end is another than before. */
#define IS_CHANGED                                                                \
	"(i.verdict IS NOT NULL AND (COALESCE(i.before_verdict, '') <> i.verdict" \
	" OR COALESCE(i.before_score, -1) <> COALESCE(i.score, -1)))"

#define SELECT_REJUDGE                                                                                \
	"SELECT j.id, j.actor_id, j.scope, j.scope_id, j.reason, j.state, j.created_ms, j.judged_ms," \
	" j.applied_ms, j.undone_ms,"                                                                 \
	" (SELECT COUNT(*) FROM rejudge_item i WHERE i.rejudge_id = j.id),"                           \
	" (SELECT COUNT(*) FROM rejudge_item i WHERE i.rejudge_id = j.id AND i.verdict IS NOT NULL)," \
	" (SELECT COUNT(*) FROM rejudge_item i WHERE i.rejudge_id = j.id AND " IS_CHANGED ")"         \
	" FROM rejudge j"

static void of_row(const struct db_rows *rows, size_t row, struct rejudge *r)
{
	*r = (struct rejudge){
		.id = db_int_at(rows, row, 0, 0),
		.actor_id = db_int_at(rows, row, 1, 0),
		.scope = (enum rejudge_scope)index_of(scope_names, 3, db_text_at(rows, row, 2)),
		.scope_id = db_int_at(rows, row, 3, 0),
		.reason = db_text_at(rows, row, 4),
		.state = (enum rejudge_state)index_of(state_names, 5, db_text_at(rows, row, 5)),
		.created_ms = db_int_at(rows, row, 6, 0),
		.judged_ms = db_int_at(rows, row, 7, 0),
		.applied_ms = db_int_at(rows, row, 8, 0),
		.undone_ms = db_int_at(rows, row, 9, 0),
		.total = db_int_at(rows, row, 10, 0),
		.judged = db_int_at(rows, row, 11, 0),
		.changed = db_int_at(rows, row, 12, 0),
	};
}

int rejudge_load(struct db_tx *tx, struct pool *pool, int64_t id, bool lock, struct rejudge *rejudge,
		 struct error *err)
{
	struct db_rows rows;
	int code = lock ? db_run(tx, pool, "SELECT id FROM rejudge WHERE id = $1 /*pg FOR UPDATE*/",
				 DB_VALUES(db_int(id)), &rows, err)
			: 0;

	if (code == 0)
		code = db_run(tx, pool, SELECT_REJUDGE " WHERE j.id = $1", DB_VALUES(db_int(id)), &rows, err);
	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	of_row(&rows, 0, rejudge);
	return 1;
}

int rejudge_list(struct db_tx *tx, struct pool *pool, int64_t actor_id, int64_t skip, int64_t limit,
		 struct rejudge **rejudges, size_t *count, int64_t *total, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT COUNT(*) FROM rejudge WHERE ($1 = 0 OR actor_id = $1)",
			  DB_VALUES(db_int(actor_id)), &rows, err);

	if (code < 0)
		return code;
	*total = db_int_at(&rows, 0, 0, 0);
	code = db_run(tx, pool,
		      SELECT_REJUDGE
		      " WHERE ($1 = 0 OR j.actor_id = $1) ORDER BY j.id DESC LIMIT $2 OFFSET $3",
		      DB_VALUES(db_int(actor_id), db_int(limit), db_int(skip)), &rows, err);
	if (code < 0)
		return code;
	*rejudges = pool_array(pool, rows.count + 1, sizeof **rejudges);
	if (!*rejudges)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		of_row(&rows, i, &(*rejudges)[i]);
	return 0;
}

int rejudge_changes(struct db_tx *tx, struct pool *pool, int64_t id, int64_t skip, int64_t limit,
		    struct rejudge_change **changes, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT i.submission_id, s.user_id, s.problem_id, i.before_verdict, i.verdict,"
			  " i.before_score, i.score FROM rejudge_item i JOIN submission s"
			  " ON s.id = i.submission_id WHERE i.rejudge_id = $1 AND " IS_CHANGED
			  " ORDER BY i.submission_id LIMIT $2 OFFSET $3",
			  DB_VALUES(db_int(id), db_int(limit), db_int(skip)), &rows, err);

	if (code < 0)
		return code;
	*changes = pool_array(pool, rows.count + 1, sizeof **changes);
	if (!*changes)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*changes)[i] = (struct rejudge_change){ .submission_id = db_int_at(&rows, i, 0, 0),
							 .user_id = db_int_at(&rows, i, 1, 0),
							 .problem_id = db_int_at(&rows, i, 2, 0),
							 .before = db_text_at(&rows, i, 3),
							 .after = db_text_at(&rows, i, 4),
							 .before_score = db_int_at(&rows, i, 5, -1),
							 .after_score = db_int_at(&rows, i, 6, -1) };
	return 0;
}

/* ---- putting results in each other's place ---- */

#define RESULT_COLUMNS                                                                                 \
	"state, verdict, output, error_output, execution_us, cpu_us, memory_bytes, score, is_correct," \
	" passed, total, results, completed_ms, scores, package_version"

static int put_results(struct db_tx *tx, int64_t id, const char *moment, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE submission SET state = r.state, verdict = r.verdict, output = r.output,"
		      " error_output = r.error_output, execution_us = r.execution_us, cpu_us = r.cpu_us,"
		      " memory_bytes = r.memory_bytes, score = r.score, is_correct = r.is_correct,"
		      " passed = r.passed, total = r.total, results = r.results,"
		      " completed_ms = r.completed_ms, scores = r.scores,"
		      " package_version = r.package_version FROM rejudge_result r"
		      " WHERE r.rejudge_id = $1 AND r.moment = $2 AND r.submission_id = submission.id",
		      DB_VALUES(db_int(id), db_text(moment)), NULL, err);
}

static int set_state(struct db_tx *tx, int64_t id, enum rejudge_state state, const char *time_column,
		     int64_t now_ms, struct error *err)
{
	bool applies = strcmp(time_column, "applied_ms") == 0;

	return db_run(
		tx, NULL,
		applies ? "UPDATE rejudge SET state = $2, applied_ms = $3, undone_ms = NULL WHERE id = $1"
			: "UPDATE rejudge SET state = $2, undone_ms = $3 WHERE id = $1",
		DB_VALUES(db_int(id), db_text(state_names[state]), db_int(now_ms)), NULL, err);
}

int rejudge_apply(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err)
{
	int code = db_run(tx, NULL, "DELETE FROM rejudge_result WHERE rejudge_id = $1 AND moment = 'before'",
			  DB_VALUES(db_int(id)), NULL, err);

	if (code == 0)
		code = db_run(tx, NULL,
			      "INSERT INTO rejudge_result (rejudge_id, submission_id, moment, " RESULT_COLUMNS
			      ") SELECT $1, id, 'before', " RESULT_COLUMNS " FROM submission WHERE id IN"
			      " (SELECT submission_id FROM rejudge_item WHERE rejudge_id = $1)",
			      DB_VALUES(db_int(id)), NULL, err);
	if (code == 0)
		code = put_results(tx, id, "after", err);
	if (code == 0)
		code = participant_rejudged(tx, pool, id, err);
	return code < 0 ? code : set_state(tx, id, REJUDGE_APPLIED, "applied_ms", now_ms, err);
}

/* Another that was applied later has put its own results in the place of ours. */
static int check_latest(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "SELECT j.id FROM rejudge own JOIN rejudge j ON j.state = 'applied' AND j.id <> own.id"
		       " AND j.applied_ms >= own.applied_ms WHERE own.id = $1 AND EXISTS"
		       " (SELECT 1 FROM rejudge_item a JOIN rejudge_item b"
		       " ON b.submission_id = a.submission_id AND b.rejudge_id = j.id"
		       " WHERE a.rejudge_id = own.id) ORDER BY j.id DESC LIMIT 1",
		       DB_VALUES(db_int(id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	return error_set(err, -EBUSY,
			 "Rejudge %lld was applied to some of these submissions since: undo that first",
			 (long long)db_int_at(&rows, 0, 0, 0));
}

int rejudge_undo(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err)
{
	int code = check_latest(tx, pool, id, err);

	if (code == 0)
		code = put_results(tx, id, "before", err);
	if (code == 0)
		code = participant_rejudged(tx, pool, id, err);
	return code < 0 ? code : set_state(tx, id, REJUDGE_UNDONE, "undone_ms", now_ms, err);
}

int rejudge_cancel(struct db_tx *tx, int64_t id, struct error *err)
{
	int code = db_run(tx, NULL, "DELETE FROM rejudge_result WHERE rejudge_id = $1", DB_VALUES(db_int(id)),
			  NULL, err);

	return code < 0 ? code
			: db_run(tx, NULL, "UPDATE rejudge SET state = 'cancelled' WHERE id = $1",
				 DB_VALUES(db_int(id)), NULL, err);
}

/* ---- for who judges ---- */

int rejudge_take(struct db_tx *tx, struct pool *pool, const char *replica, int64_t now_ms, size_t limit,
		 struct rejudge_item *items, size_t *count, struct error *err)
{
	struct db_rows rows = { 0 };
	int code = db_run(tx, NULL,
			  "UPDATE rejudge SET state = 'judged', judged_ms = $1 WHERE state = 'running'"
			  " AND NOT EXISTS (SELECT 1 FROM rejudge_item i WHERE i.rejudge_id = rejudge.id"
			  " AND i.verdict IS NULL)",
			  DB_VALUES(db_int(now_ms)), NULL, err);

	if (code == 0)
		code = db_run(tx, pool,
			      "UPDATE rejudge_item SET replica = $1 WHERE (rejudge_id, submission_id) IN"
			      " (SELECT i.rejudge_id, i.submission_id FROM rejudge_item i"
			      " JOIN rejudge j ON j.id = i.rejudge_id AND j.state = 'running'"
			      " WHERE i.verdict IS NULL AND (i.replica IS NULL OR NOT EXISTS"
			      " (SELECT 1 FROM replica r WHERE r.id = i.replica))"
			      " ORDER BY i.rejudge_id, i.submission_id LIMIT $2"
			      " /*pg FOR UPDATE OF i SKIP LOCKED*/) RETURNING rejudge_id, submission_id",
			      DB_VALUES(db_text(replica), db_int((int64_t)limit)), &rows, err);
	if (code < 0)
		return code;
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		items[i] = (struct rejudge_item){ db_int_at(&rows, i, 0, 0), db_int_at(&rows, i, 1, 0) };
	return 0;
}

int rejudge_wants(struct db_tx *tx, struct pool *pool, const struct rejudge_item *item, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT 1 FROM rejudge_item i JOIN rejudge j ON j.id = i.rejudge_id"
			  " WHERE j.id = $1 AND j.state = 'running' AND i.submission_id = $2"
			  " AND i.verdict IS NULL",
			  DB_VALUES(db_int(item->rejudge_id), db_int(item->submission_id)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

static struct db_value known_or_null(int64_t number)
{
	return number >= 0 ? db_int(number) : db_null();
}

/* The first end counts, as with submissions themselves. */
int rejudge_note(struct db_tx *tx, struct pool *pool, const struct rejudge_item *item,
		 const struct submission *end, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE rejudge_item SET verdict = $3, score = $4 WHERE rejudge_id = $1"
			  " AND submission_id = $2 AND verdict IS NULL AND EXISTS (SELECT 1 FROM rejudge j"
			  " WHERE j.id = $1 AND j.state = 'running') RETURNING submission_id",
			  DB_VALUES(db_int(item->rejudge_id), db_int(item->submission_id),
				    db_text(end->verdict), known_or_null(end->score)),
			  &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	code = db_run(tx, NULL,
		      "INSERT INTO rejudge_result (rejudge_id, submission_id, moment, " RESULT_COLUMNS
		      ") VALUES ($1, $2, 'after', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
		      " $16, $17)",
		      DB_VALUES(db_int(item->rejudge_id), db_int(item->submission_id),
				db_text(submission_state_name(end->state)), db_text(end->verdict),
				db_text(end->output), db_text(end->error_output),
				known_or_null(end->execution_us), known_or_null(end->cpu_us),
				known_or_null(end->memory_bytes), known_or_null(end->score),
				known_or_null(end->is_correct), known_or_null(end->passed),
				known_or_null(end->total), db_text(end->results), db_int(end->completed_ms),
				db_text(end->scores),
				end->package_version > 0 ? db_int(end->package_version) : db_null()),
		      NULL, err);
	return code < 0 ? code : 1;
}
