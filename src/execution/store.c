#include "store.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"

static const char *const api_names[] = { [API_V1] = "v1", [API_QUEUE] = "queue" };
static const char *const kind_names[] = { [USER_NONE] = "none", [USER_INT] = "int", [USER_TEXT] = "text" };

/* ---- writing ---- */

static int insert_source(struct db_tx *tx, struct pool *pool, const struct submission_request *request,
			 int64_t id, struct error *err)
{
	cleanup_json json_t *json = NULL;
	cleanup_buffer struct buffer task = { 0 };
	int code = task_encode(&request->task, &json, err);

	if (code < 0)
		return code;
	if (json_write(json, &task) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return db_run(tx, pool,
		      "INSERT INTO submission_source (submission_id, code, input_data, task)"
		      " VALUES ($1, $2, $3, $4)",
		      DB_VALUES(db_int(id), db_text_sized(request->code.bytes, request->code.size),
				db_text_sized(request->input.bytes, request->input.size),
				db_text_sized(task.data, task.size)),
		      NULL, err);
}

int store_insert(struct db_tx *tx, struct pool *pool, const struct submission_request *request,
		 int64_t now_ms, int64_t *id, struct error *err)
{
	char job[UUID_TEXT_BYTES];
	struct db_rows rows;
	const struct task *task = &request->task;
	int code;

	random_uuid(job);
	code = db_run(tx, pool,
		      "INSERT INTO submission (job, api, user_id, user_kind, contest_id, key_id, own_id,"
		      " own_key, language, class, tests, state, queued, created_ms, request_id, trace)"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
		      " ON CONFLICT DO NOTHING RETURNING id",
		      DB_VALUES(db_text(job), db_text(api_names[request->api]), db_text(request->user_id),
				db_text(kind_names[request->user_kind]),
				request->has_contest ? db_int(request->contest_id) : db_null(),
				db_int(request->key_id), db_text(request->external_id),
				db_text(request->idempotency_key), db_text(task->language),
				db_int(request->class), db_int(task->judged ? (int64_t)task->test_count : 0),
				db_text(submission_state_name(SUBMISSION_PENDING)), db_int(request->execute),
				db_int(now_ms), db_text(request->request_id), db_text(request->trace)),
		      &rows, err);
	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	*id = db_int_at(&rows, 0, 0, 0);
	code = insert_source(tx, pool, request, *id, err);
	return code < 0 ? code : 1;
}

int store_put_report(struct db_tx *tx, struct pool *pool, int64_t id, const char *report, size_t size,
		     struct error *err)
{
	if (!report)
		return db_run(tx, pool, "DELETE FROM submission_result WHERE submission_id = $1",
			      DB_VALUES(db_int(id)), NULL, err);
	return db_run(tx, pool,
		      "INSERT INTO submission_result (submission_id, report) VALUES ($1, $2)"
		      " ON CONFLICT (submission_id) DO UPDATE SET report = excluded.report",
		      DB_VALUES(db_int(id), db_text_sized(report, size)), NULL, err);
}

/* ---- reading ---- */

/* The order of submission_of_row(). */
#define SELECT_SUBMISSION                                                                           \
	"SELECT s.id, s.job, s.user_kind, s.user_id, s.contest_id, s.own_id, s.language, s.class,"  \
	" s.tests, s.state, s.queued, s.verdict, s.attempts, s.delayed_until_ms, s.created_ms,"     \
	" s.executed_ms, s.completed_ms, s.webhook_sent, s.webhook_response, c.code, c.input_data," \
	" CASE WHEN s.tests > 0 THEN c.task END, r.report"                                          \
	" FROM submission s JOIN submission_source c ON c.submission_id = s.id"                     \
	" LEFT JOIN submission_result r ON r.submission_id = s.id"

static enum user_kind kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof kind_names / sizeof kind_names[0]; i++)
		if (strcmp(name, kind_names[i]) == 0)
			return (enum user_kind)i;
	return USER_NONE;
}

static enum submission_state state_of(const char *name)
{
	enum submission_state state = SUBMISSION_ERROR;

	submission_state_from_name(name, &state);
	return state;
}

static void submission_of_row(const struct db_rows *rows, size_t row, struct submission *s)
{
	*s = (struct submission){
		.id = db_int_at(rows, row, 0, 0),
		.job = db_text_at(rows, row, 1),
		.user_kind = kind_of(db_text_at(rows, row, 2)),
		.user_id = db_text_at(rows, row, 3),
		.contest_id = db_int_at(rows, row, 4, 0),
		.has_contest = db_at(rows, row, 4)->type != DB_NULL,
		.external_id = db_text_at(rows, row, 5),
		.language = db_text_at(rows, row, 6),
		.class = (enum job_class)db_int_at(rows, row, 7, JOB_SUBMISSION),
		.tests = db_int_at(rows, row, 8, 0),
		.state = state_of(db_text_at(rows, row, 9)),
		.queued = db_int_at(rows, row, 10, 0) != 0,
		.verdict = db_text_at(rows, row, 11),
		.attempts = db_int_at(rows, row, 12, 0),
		.delayed_until_ms = db_int_at(rows, row, 13, 0),
		.created_ms = db_int_at(rows, row, 14, 0),
		.executed_ms = db_int_at(rows, row, 15, 0),
		.completed_ms = db_int_at(rows, row, 16, 0),
		.webhook_sent = db_int_at(rows, row, 17, 0) != 0,
		.webhook_response = db_text_at(rows, row, 18),
		.code = db_text_at(rows, row, 19),
		.code_size = db_at(rows, row, 19)->size,
		.input_data = db_text_at(rows, row, 20),
		.input_size = db_at(rows, row, 20)->size,
		.task = db_text_at(rows, row, 21),
		.task_size = db_at(rows, row, 21)->size,
		.report = db_text_at(rows, row, 22),
		.report_size = db_at(rows, row, 22)->size,
	};
}

static int load(struct db_tx *tx, struct pool *pool, const char *sql, struct db_value key,
		struct submission *submission, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, sql, &key, 1, &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	submission_of_row(&rows, 0, submission);
	return 1;
}

int store_load(struct db_tx *tx, struct pool *pool, int64_t id, struct submission *submission,
	       struct error *err)
{
	return load(tx, pool, SELECT_SUBMISSION " WHERE s.id = $1", db_int(id), submission, err);
}

int store_load_to_change(struct db_tx *tx, struct pool *pool, int64_t id, struct submission *submission,
			 struct error *err)
{
	return load(tx, pool, SELECT_SUBMISSION " WHERE s.id = $1 /*pg FOR UPDATE OF s*/", db_int(id),
		    submission, err);
}

int store_load_job(struct db_tx *tx, struct pool *pool, const char *job, struct submission *submission,
		   struct error *err)
{
	return load(tx, pool, SELECT_SUBMISSION " WHERE s.job = $1", db_text(job), submission, err);
}

int store_find_twin(struct db_tx *tx, struct pool *pool, const struct submission_request *request,
		    int64_t *id, struct error *err)
{
	struct db_rows rows;
	int code;

	if (!request->external_id && !request->idempotency_key)
		return 0;
	code = db_run(tx, pool,
		      "SELECT id FROM submission WHERE key_id = $1 AND own_id = $2"
		      " UNION SELECT id FROM submission WHERE key_id = $1 AND user_id = $3 AND own_key = $4"
		      " ORDER BY id LIMIT 1",
		      DB_VALUES(db_int(request->key_id), db_text(request->external_id),
				db_text(request->user_id), db_text(request->idempotency_key)),
		      &rows, err);
	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	*id = db_int_at(&rows, 0, 0, 0);
	return 1;
}

/* Each condition that is asked for becomes one more numbered value: the planner sees a plain comparison and
 * uses its index. */
struct conditions {
	struct buffer sql;
	struct db_value values[5];
	size_t count;
};

static void add_condition(struct conditions *conditions, const char *column, struct db_value value)
{
	conditions->values[conditions->count++] = value;
	buffer_printf(&conditions->sql, "%s %s = $%zu", conditions->count == 1 ? " WHERE" : " AND", column,
		      conditions->count);
}

/* What is skipped is walked in an index alone, without its source and result. */
int store_list(struct db_tx *tx, struct pool *pool, const struct store_filter *filter,
	       struct submission **submissions, size_t *count, struct error *err)
{
	struct conditions conditions = { 0 };
	struct db_rows rows;
	int code;

	buffer_puts(&conditions.sql, SELECT_SUBMISSION " WHERE s.id IN (SELECT id FROM submission");
	if (filter->user_id)
		add_condition(&conditions, "user_id", db_text(filter->user_id));
	if (filter->contest_id)
		add_condition(&conditions, "contest_id", db_int(*filter->contest_id));
	if (filter->state)
		add_condition(&conditions, "state", db_text(filter->state));
	conditions.values[conditions.count++] = db_int(filter->limit);
	conditions.values[conditions.count++] = db_int(filter->skip);
	buffer_printf(&conditions.sql, " ORDER BY id LIMIT $%zu OFFSET $%zu) ORDER BY s.id",
		      conditions.count - 1, conditions.count);
	code = db_run(tx, pool, buffer_text(&conditions.sql), conditions.values, conditions.count, &rows,
		      err);
	buffer_free(&conditions.sql);
	if (code < 0)
		return code;
	*submissions = pool_array(pool, rows.count + 1, sizeof **submissions);
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		submission_of_row(&rows, i, &(*submissions)[i]);
	return 0;
}

int store_count(struct db_tx *tx, struct pool *pool, struct store_count **counts, size_t *count,
		struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT state, verdict, COUNT(*) FROM submission GROUP BY state, verdict",
			  DB_NO_VALUES, &rows, err);

	if (code < 0)
		return code;
	*counts = pool_array(pool, rows.count + 1, sizeof **counts);
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*counts)[i] = (struct store_count){ .state = state_of(db_text_at(&rows, i, 0)),
						     .verdict = db_text_at(&rows, i, 1),
						     .count = db_int_at(&rows, i, 2, 0) };
	return 0;
}
