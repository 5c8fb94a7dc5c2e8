/* The audit log, and GET /api/admin/audit. */
#include "audit.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "reply.h"

int audit_note(struct db_tx *tx, struct pool *pool, const struct audit_origin *origin, const char *action,
	       const char *object, const char *detail, struct error *err)
{
	return db_run(tx, pool,
		      "INSERT INTO audit (at_ms, actor_id, address, action, object, detail)"
		      " VALUES ($1, $2, $3, $4, $5, $6)",
		      DB_VALUES(db_int(clock_wall_ms()),
				origin->actor_id ? db_int(origin->actor_id) : db_null(),
				db_text(origin->address), db_text(action), db_text(object),
				db_text(detail ? detail : "{}")),
		      NULL, err);
}

struct audit_origin audit_origin_of(const struct http_exchange *x)
{
	int64_t actor_id = caller_of(x).user_id;

	return (struct audit_origin){ actor_id, actor_id ? http_peer(x) : "" };
}

/* ---- reading ---- */

struct reading {
	struct pool *pool;
	struct page page;
	const char *action, *object;
	int64_t actor_id, count;
	struct db_rows rows;
};

#define WHERE_FITS                                                         \
	" WHERE ($1 = '' OR a.action = $1) AND ($2 = '' OR a.object = $2)" \
	" AND ($3 = 0 OR a.actor_id = $3)"

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;
	const struct db_value values[] = { db_text(r->action), db_text(r->object), db_int(r->actor_id),
					   db_int(r->page.size),
					   db_int((r->page.number - 1) * r->page.size) };
	struct db_rows total;
	int code = db_run(tx, r->pool, "SELECT count(*) FROM audit a" WHERE_FITS, values, 3, &total, err);

	if (code < 0)
		return code;
	r->count = db_int_at(&total, 0, 0, 0);
	return db_run(tx, r->pool,
		      "SELECT a.id, a.at_ms, a.actor_id, u.username, a.address, a.action, a.object, a.detail"
		      " FROM audit a LEFT JOIN account u ON u.id = a.actor_id" WHERE_FITS
		      " ORDER BY a.id DESC LIMIT $4 OFFSET $5",
		      values, 5, &r->rows, err);
}

static json_t *entry_json(const struct db_rows *rows, size_t row)
{
	const char *detail = db_text_at(rows, row, 7);
	int64_t actor_id = db_int_at(rows, row, 2, 0);
	json_t *parsed = NULL, *actor = json_null();
	struct error err;

	if (json_parse(detail, strlen(detail), &parsed, &err) < 0)
		parsed = json_null();
	if (actor_id != 0)
		actor = json_pack("{s:I, s:s?}", "id", (json_int_t)actor_id, "username",
				  db_text_at(rows, row, 3));
	return json_pack("{s:I, s:o, s:o, s:s, s:s, s:s, s:o}", "id", (json_int_t)db_int_at(rows, row, 0, 0),
			 "at", json_time(db_int_at(rows, row, 1, 0)), "actor", actor, "address",
			 db_text_at(rows, row, 4), "action", db_text_at(rows, row, 5), "object",
			 db_text_at(rows, row, 6), "detail", parsed);
}

void admin_audit(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	const char *action = http_query(x, "action"), *object = http_query(x, "object");
	struct reading r = { .pool = http_pool(x),
			     .action = action ? action : "",
			     .object = object ? object : "" };
	struct error err;

	problems_open(&problems);
	r.actor_id = query_int(x, "actor", 1, INT64_MAX, 0, &problems);
	if (problems_any(&problems)) {
		reply_problems(x, NULL, &problems);
		return;
	}
	if (!page_of(x, &r.page))
		return;
	if (db_read(backend->db, read_work, &r, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *results = json_array();
	for (size_t i = 0; i < r.rows.count; i++)
		json_array_append_new(results, entry_json(&r.rows, i));
	http_reply_json(x, 200, page_json(x, &r.page, r.count, results));
}
