#include "participant.h"

#include <inttypes.h>

#include "base/buffer.h"

/* ---- the clock ---- */

const char *contest_status_name(enum contest_status status)
{
	static const char *const names[] = { "upcoming", "running", "ended" };

	return names[status];
}

enum contest_status contest_status(bool is_active, int64_t start_ms, int64_t end_ms, int64_t at_ms)
{
	if (start_ms != 0 && at_ms < start_ms)
		return CONTEST_UPCOMING;
	if (!is_active || (end_ms != 0 && at_ms >= end_ms))
		return CONTEST_ENDED;
	return CONTEST_RUNNING;
}

/* ---- joining ---- */

#define SELECT_DOOR                                                                          \
	"SELECT is_active, start_ms, end_ms, max_participants, participants,"                \
	" (SELECT count(*) FROM participant WHERE contest_id = contest.id AND user_id = $2)" \
	" FROM contest WHERE id = $1"

static enum join look_at_door(const struct db_rows *rows, int64_t at_ms)
{
	if (rows->count == 0)
		return JOIN_NO_CONTEST;
	if (contest_status(db_int_at(rows, 0, 0, 0) != 0, db_int_at(rows, 0, 1, 0), db_int_at(rows, 0, 2, 0),
			   at_ms) != CONTEST_RUNNING)
		return JOIN_CLOSED;
	if (db_int_at(rows, 0, 5, 0) > 0)
		return JOIN_TWICE;
	return db_int_at(rows, 0, 4, 0) < db_int_at(rows, 0, 3, INT64_MAX) ? JOIN_DONE : JOIN_FULL;
}

/* Those who join take turns at the contest's row; its submissions, which only refer to it, do not wait for them. The
 * first look, without the lock, is all that most of them need: who submits has mostly joined. */
int participant_join(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id, int64_t at_ms,
		     enum join *join, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_DOOR, DB_VALUES(db_int(contest_id), db_int(user_id)), &rows, err);

	if (code < 0)
		return code;
	*join = look_at_door(&rows, at_ms);
	if (*join != JOIN_DONE)
		return 0;
	/* PostgreSQL reads what others have committed when a statement begins: the count of the one that waits for
	 * the lock would be an old one. */
	code = db_run(tx, pool, "SELECT id FROM contest WHERE id = $1 /*pg FOR NO KEY UPDATE*/",
		      DB_VALUES(db_int(contest_id)), &rows, err);
	if (code == 0)
		code = db_run(tx, pool, SELECT_DOOR, DB_VALUES(db_int(contest_id), db_int(user_id)), &rows,
			      err);
	if (code < 0)
		return code;
	*join = look_at_door(&rows, at_ms);
	if (*join != JOIN_DONE)
		return 0;
	code = db_run(tx, NULL,
		      "INSERT INTO participant (contest_id, user_id, joined_ms) VALUES ($1, $2, $3)",
		      DB_VALUES(db_int(contest_id), db_int(user_id), db_int(at_ms)), NULL, err);
	return code < 0 ? code
			: db_run(tx, NULL, "UPDATE contest SET participants = participants + 1 WHERE id = $1",
				 DB_VALUES(db_int(contest_id)), NULL, err);
}

/* ---- scores ---- */

int participant_note_score(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id,
			   int64_t problem_id, int64_t score, int64_t at_ms, struct error *err)
{
	struct db_rows rows;
	/* Two of one user's submissions may end at once: the sum is made by one after the other. */
	int code =
		db_run(tx, pool,
		       "SELECT id FROM participant WHERE contest_id = $1 AND user_id = $2"
		       " AND EXISTS (SELECT 1 FROM contest_problem WHERE contest_id = $1 AND problem_id = $3)"
		       " /*pg FOR UPDATE*/",
		       DB_VALUES(db_int(contest_id), db_int(user_id), db_int(problem_id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	code = db_run(tx, pool,
		      "INSERT INTO participant_score (contest_id, user_id, problem_id, best)"
		      " VALUES ($1, $2, $3, $4) ON CONFLICT (contest_id, user_id, problem_id)"
		      " DO UPDATE SET best = $4 WHERE participant_score.best < $4 RETURNING best",
		      DB_VALUES(db_int(contest_id), db_int(user_id), db_int(problem_id), db_int(score)),
		      &rows, err);
	if (code < 0 || rows.count == 0)
		return code;
	return db_run(tx, NULL,
		      "UPDATE participant SET scored_ms = $3, final_score = (SELECT SUM(s.best)"
		      " FROM participant_score s JOIN contest_problem p"
		      " ON p.contest_id = s.contest_id AND p.problem_id = s.problem_id"
		      " WHERE s.contest_id = $1 AND s.user_id = $2)"
		      " WHERE contest_id = $1 AND user_id = $2",
		      DB_VALUES(db_int(contest_id), db_int(user_id), db_int(at_ms)), NULL, err);
}

int participant_rescore(struct db_tx *tx, int64_t contest_id, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE participant SET final_score = COALESCE((SELECT SUM(s.best)"
		      " FROM participant_score s JOIN contest_problem p"
		      " ON p.contest_id = s.contest_id AND p.problem_id = s.problem_id"
		      " WHERE s.contest_id = $1 AND s.user_id = participant.user_id), -1)"
		      " WHERE contest_id = $1",
		      DB_VALUES(db_int(contest_id)), NULL, err);
}

/* $1: the rejudge. Its submissions, and whose they are. */
#define REJUDGED                                                           \
	"SELECT s.contest_id, s.user_id, s.problem_id FROM rejudge_item i" \
	" JOIN submission s ON s.id = i.submission_id"                     \
	" WHERE i.rejudge_id = $1 AND s.contest_id IS NOT NULL"

/* Those whose submissions end meanwhile wait at the participants' rows, and raise what is made here. */
static int lock_rejudged(struct db_tx *tx, struct pool *pool, int64_t rejudge_id, struct error *err)
{
	struct db_rows rows;

	return db_run(tx, pool,
		      "SELECT id FROM participant WHERE (contest_id, user_id) IN (SELECT contest_id, user_id"
		      " FROM (" REJUDGED ") t) ORDER BY id /*pg FOR UPDATE*/",
		      DB_VALUES(db_int(rejudge_id)), &rows, err);
}

static int best_anew(struct db_tx *tx, int64_t rejudge_id, struct error *err)
{
	int code = db_run(
		tx, NULL,
		"DELETE FROM participant_score WHERE (contest_id, user_id, problem_id) IN (" REJUDGED ")",
		DB_VALUES(db_int(rejudge_id)), NULL, err);

	return code < 0
		       ? code
		       : db_run(tx, NULL,
				"INSERT INTO participant_score (contest_id, user_id, problem_id, best)"
				" SELECT b.contest_id, b.user_id, b.problem_id, MAX(b.score) FROM submission "
				"b"
				" JOIN participant m ON m.contest_id = b.contest_id AND m.user_id = b.user_id"
				" JOIN contest_problem p ON p.contest_id = b.contest_id"
				" AND p.problem_id = b.problem_id"
				" WHERE b.score >= 0 AND (b.contest_id, b.user_id, b.problem_id) IN "
				"(" REJUDGED ") GROUP BY b.contest_id, b.user_id, b.problem_id",
				DB_VALUES(db_int(rejudge_id)), NULL, err);
}

/* When the sum was last raised: by the last of those submissions that were the first to be as good. */
static int final_anew(struct db_tx *tx, int64_t rejudge_id, struct error *err)
{
	return db_run(
		tx, NULL,
		"UPDATE participant SET final_score = COALESCE((SELECT SUM(b.best)"
		" FROM participant_score b JOIN contest_problem p"
		" ON p.contest_id = b.contest_id AND p.problem_id = b.problem_id"
		" WHERE b.contest_id = participant.contest_id AND b.user_id = participant.user_id), -1),"
		" scored_ms = COALESCE((SELECT MAX(t.first_ms) FROM (SELECT MIN(f.created_ms) AS first_ms"
		" FROM participant_score b JOIN submission f ON f.contest_id = b.contest_id"
		" AND f.user_id = b.user_id AND f.problem_id = b.problem_id AND f.score = b.best"
		" WHERE b.contest_id = participant.contest_id AND b.user_id = participant.user_id"
		" GROUP BY b.problem_id) t), 0)"
		" WHERE (contest_id, user_id) IN (SELECT contest_id, user_id FROM (" REJUDGED ") t)",
		DB_VALUES(db_int(rejudge_id)), NULL, err);
}

int participant_rejudged(struct db_tx *tx, struct pool *pool, int64_t rejudge_id, struct error *err)
{
	int code = lock_rejudged(tx, pool, rejudge_id, err);

	if (code == 0)
		code = best_anew(tx, rejudge_id, err);
	return code < 0 ? code : final_anew(tx, rejudge_id, err);
}

/* ---- reading ---- */

#define COLUMNS "p.id, p.contest_id, p.user_id, p.joined_ms, p.final_score, a.username, "

#define SELECT_ONE                                                                                          \
	"SELECT " COLUMNS "CASE WHEN p.final_score < 0 THEN 0 ELSE 1 + (SELECT count(*) FROM participant o" \
	" WHERE o.contest_id = p.contest_id AND o.final_score > p.final_score) END"                         \
	" FROM participant p JOIN account a ON a.id = p.user_id"                                            \
	" WHERE p.contest_id = $1 AND p.user_id = $2"

/* What is skipped is walked in an index alone. The ranks follow from the order (participant_rank). */
#define SELECT_BY_RANK                                                               \
	"SELECT " COLUMNS "0 FROM (SELECT id FROM participant WHERE contest_id = $1" \
	" ORDER BY final_score DESC, scored_ms, id LIMIT $2 OFFSET $3) page"         \
	" JOIN participant p ON p.id = page.id JOIN account a ON a.id = p.user_id"   \
	" ORDER BY p.final_score DESC, p.scored_ms, p.id"

/* All ranks in one go: to count those above, row by row, would take as long for each. */
#define SELECT_BY_JOINING                                                                     \
	"SELECT " COLUMNS "CASE WHEN p.final_score < 0 THEN 0 ELSE r.place END"               \
	" FROM (SELECT id, rank() OVER (ORDER BY final_score DESC) AS place FROM participant" \
	" WHERE contest_id = $1 ORDER BY id LIMIT $2 OFFSET $3) r"                            \
	" JOIN participant p ON p.id = r.id JOIN account a ON a.id = p.user_id ORDER BY p.id"

static void of_row(const struct db_rows *rows, size_t row, struct participant *participant)
{
	*participant = (struct participant){
		.id = db_int_at(rows, row, 0, 0),
		.contest_id = db_int_at(rows, row, 1, 0),
		.user_id = db_int_at(rows, row, 2, 0),
		.joined_ms = db_int_at(rows, row, 3, 0),
		.final_score = db_int_at(rows, row, 4, -1),
		.username = db_text_at(rows, row, 5),
		.rank = db_int_at(rows, row, 6, 0),
	};
}

int participant_load(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id,
		     struct participant *participant, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_ONE, DB_VALUES(db_int(contest_id), db_int(user_id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	of_row(&rows, 0, participant);
	return 1;
}

static int count_above(struct db_tx *tx, struct pool *pool, const struct participant *first, int64_t *above,
		       struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT count(*) FROM participant WHERE contest_id = $1 AND final_score > $2",
			  DB_VALUES(db_int(first->contest_id), db_int(first->final_score)), &rows, err);

	if (code == 0)
		*above = db_int_at(&rows, 0, 0, 0);
	return code;
}

int participant_list(struct db_tx *tx, struct pool *pool, int64_t contest_id, enum participant_order order,
		     int64_t skip, int64_t limit, struct participant **participants, size_t *count,
		     struct error *err)
{
	struct db_rows rows;
	int64_t above = 0;
	int code = db_run(tx, pool, order == BY_RANK ? SELECT_BY_RANK : SELECT_BY_JOINING,
			  DB_VALUES(db_int(contest_id), db_int(limit), db_int(skip)), &rows, err);

	if (code < 0)
		return code;
	struct participant *list = pool_array(pool, rows.count + 1, sizeof *list);
	if (!list)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count; i++)
		of_row(&rows, i, &list[i]);
	if (order == BY_RANK && rows.count > 0) {
		if ((code = count_above(tx, pool, &list[0], &above, err)) < 0)
			return code;
		participant_rank(list, rows.count, skip, above);
	}
	*participants = list;
	*count = rows.count;
	return 0;
}

void participant_rank(struct participant *participants, size_t count, int64_t skip, int64_t above)
{
	for (size_t i = 0; i < count; i++) {
		struct participant *p = &participants[i];

		if (p->final_score < 0)
			p->rank = 0;
		else if (i == 0)
			p->rank = above + 1;
		else if (p->final_score == participants[i - 1].final_score)
			p->rank = participants[i - 1].rank;
		else
			p->rank = skip + (int64_t)i + 1;
	}
}

static void put_users(const struct participant *participants, size_t count, struct buffer *list)
{
	buffer_putc(list, '[');
	for (size_t i = 0; i < count; i++)
		buffer_printf(list, "%s%" PRId64, i > 0 ? "," : "", participants[i].user_id);
	buffer_putc(list, ']');
}

int participant_scores(struct db_tx *tx, struct pool *pool, int64_t contest_id,
		       const struct participant *participants, size_t participant_count,
		       struct problem_score **scores, size_t *count, struct error *err)
{
	cleanup_buffer struct buffer users = { 0 };
	struct db_rows rows;

	put_users(participants, participant_count, &users);
	if (users.failed)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(
		tx, pool,
		"SELECT s.user_id, s.problem_id, s.best FROM participant_score s"
		" JOIN contest_problem p ON p.contest_id = s.contest_id"
		" AND p.problem_id = s.problem_id"
		" WHERE s.contest_id = $1 AND s.user_id " DB_ANY_OF("$2") " ORDER BY s.user_id, p.position",
		DB_VALUES(db_int(contest_id), db_text(users.data)), &rows, err);
	if (code < 0)
		return code;
	*scores = pool_array(pool, rows.count + 1, sizeof **scores);
	if (!*scores)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*scores)[i] = (struct problem_score){ db_int_at(&rows, i, 0, 0), db_int_at(&rows, i, 1, 0),
						       db_int_at(&rows, i, 2, 0) };
	return 0;
}
