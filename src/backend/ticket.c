/* POST /api/live/ticket, and tickets. */
#include "ticket.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "handlers.h"
#include "reply.h"

enum { TICKET_BYTES = 32 };

struct ticketing {
	struct pool *pool;
	char hash[SHA256_TEXT_BYTES];
	int64_t now_ms;
	struct caller caller;
	bool found;
};

/* ---- issuing ---- */

static int issue_work(struct db_tx *tx, void *context, struct error *err)
{
	struct ticketing *t = context;
	int code = db_run(tx, NULL, "DELETE FROM live_ticket WHERE expires_ms <= $1",
			  DB_VALUES(db_int(t->now_ms)), NULL, err);

	if (code < 0)
		return code;
	return db_run(
		tx, NULL, "INSERT INTO live_ticket (ticket, user_id, expires_ms) VALUES ($1, $2, $3)",
		DB_VALUES(db_text(t->hash), db_int(t->caller.user_id), db_int(t->now_ms + TICKET_LIFE_MS)),
		NULL, err);
}

int ticket_issue(struct backend *backend, struct pool *pool, int64_t user_id, const char **ticket,
		 struct error *err)
{
	struct ticketing ticketing = { .now_ms = clock_wall_ms(), .caller = { .user_id = user_id } };
	char *text = pool_alloc(pool, 2 * TICKET_BYTES + 1);

	if (!text)
		return error_set(err, -ENOMEM, "out of memory");
	random_hex(text, TICKET_BYTES);
	sha256_text(text, 2 * TICKET_BYTES, ticketing.hash);
	int code = db_write(backend->db, issue_work, &ticketing, err);
	if (code == 0)
		*ticket = text;
	return code;
}

void live_ticket(struct http_exchange *x)
{
	const char *ticket = "";
	struct error err;

	if (ticket_issue(http_context(x), http_pool(x), caller_of(x).user_id, &ticket, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(
			x, 200,
			json_pack("{s:s, s:i}", "ticket", ticket, "expiresIn", TICKET_LIFE_MS / 1000));
}

/* ---- using ---- */

static int use_work(struct db_tx *tx, void *context, struct error *err)
{
	struct ticketing *t = context;
	struct account account;
	struct db_rows rows;
	int code =
		db_run(tx, t->pool, "DELETE FROM live_ticket WHERE ticket = $1 RETURNING user_id, expires_ms",
		       DB_VALUES(db_text(t->hash)), &rows, err);

	t->found = false;
	if (code < 0 || rows.count == 0 || db_int_at(&rows, 0, 1, 0) <= t->now_ms)
		return code;
	code = account_load(tx, t->pool, db_int_at(&rows, 0, 0, 0), &account, err);
	t->found = code > 0 && account.is_active;
	if (t->found)
		t->caller = (struct caller){ .user_id = account.id, .role = account.role };
	return code < 0 ? code : 0;
}

int ticket_use(struct backend *backend, struct pool *pool, const char *ticket, struct caller *caller,
	       struct error *err)
{
	struct ticketing ticketing = { .pool = pool, .now_ms = clock_wall_ms() };

	sha256_text(ticket, strlen(ticket), ticketing.hash);
	int code = db_write(backend->db, use_work, &ticketing, err);
	if (code < 0)
		return code;
	if (ticketing.found)
		*caller = ticketing.caller;
	return ticketing.found;
}
