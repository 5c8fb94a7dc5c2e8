/* The tables of submissions.
 *
 * A migration is added as one more row here with the next number; one that was released is never edited.
 *
 * A submission is three rows: `submission` is small and changes with every step; `submission_source` is what
 * was asked and never changes; `submission_result` is what came of it. A step of the state then never
 * rewrites a megabyte of input. `task` holds the code and the input once more, as the worker gets them, so
 * that a claim decodes nothing. */
#include "schema.h"

const struct db_migration execution_migrations[] = {
	{ 1, "submissions",
	  "CREATE TABLE submission ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " job TEXT NOT NULL UNIQUE," /* the queue API's id of it */
	  " api TEXT NOT NULL,"        /* how it came: v1, queue */
	  " user_id TEXT NOT NULL DEFAULT '',"
	  " user_kind TEXT NOT NULL DEFAULT 'none'," /* none, int, text: given back as it was given */
	  " contest_id INTEGER,"
	  " external_id TEXT UNIQUE,"
	  " idempotency_key TEXT,"
	  " language TEXT NOT NULL,"
	  " class INTEGER NOT NULL,"
	  " tests INTEGER NOT NULL," /* 0: a plain run */
	  " state TEXT NOT NULL,"
	  " queued INTEGER NOT NULL," /* 0: created with execute=false and not yet executed */
	  " verdict TEXT,"
	  " attempts INTEGER NOT NULL DEFAULT 0,"
	  " delayed_until_ms INTEGER,"
	  " created_ms INTEGER NOT NULL,"
	  " executed_ms INTEGER,"
	  " completed_ms INTEGER,"
	  " webhook_sent INTEGER NOT NULL DEFAULT 0,"
	  " webhook_response TEXT,"
	  " UNIQUE (user_id, idempotency_key));"
	  "CREATE INDEX submission_by_user ON submission (user_id, id);"
	  "CREATE INDEX submission_by_state ON submission (state, verdict, id);"
	  "CREATE TABLE submission_source ("
	  " submission_id INTEGER PRIMARY KEY REFERENCES submission (id),"
	  " code TEXT NOT NULL,"
	  " input_data TEXT NOT NULL,"
	  " task TEXT NOT NULL);"
	  "CREATE TABLE submission_result ("
	  " submission_id INTEGER PRIMARY KEY REFERENCES submission (id),"
	  " report TEXT NOT NULL);" },

	/* Names that callers give are unique for each API key (0: none). What 1 had for that, external_id and
	 * idempotency_key, is not used any more. */
	{ 2, "contests, and names by API key",
	  "CREATE TABLE contest ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " key_id BIGINT NOT NULL,"
	  " external_id TEXT,"
	  " title TEXT NOT NULL,"
	  " description TEXT,"
	  " is_active BIGINT NOT NULL,"
	  " created_ms BIGINT NOT NULL,"
	  " UNIQUE (key_id, external_id));"
	  "ALTER TABLE submission ADD COLUMN key_id BIGINT NOT NULL DEFAULT 0;"
	  "ALTER TABLE submission ADD COLUMN own_id TEXT;"  /* the external id */
	  "ALTER TABLE submission ADD COLUMN own_key TEXT;" /* the idempotency key */
	  "UPDATE submission SET own_id = external_id, own_key = idempotency_key;"
	  "CREATE UNIQUE INDEX submission_by_own_id ON submission (key_id, own_id);"
	  "CREATE UNIQUE INDEX submission_by_own_key ON submission (key_id, user_id, own_key);"
	  "CREATE INDEX submission_by_contest ON submission (contest_id, id);"
	  "CREATE INDEX submission_in_state ON submission (state, id);" },

	{ 3, "API keys",
	  "CREATE TABLE api_key ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " name TEXT NOT NULL,"
	  " prefix TEXT NOT NULL,"      /* what a person may know it by */
	  " hash TEXT NOT NULL UNIQUE," /* SHA-256 in hex */
	  " scopes TEXT NOT NULL,"      /* a comma list */
	  " created_ms BIGINT NOT NULL,"
	  " revoked_ms BIGINT);" },

	/* What outbox.h tells. A delivery without url is the backend's, wherever that is by then; its payload is
	 * what the submission showed when it ended. */
	{ 20, "webhooks, and who asked",
	  "ALTER TABLE submission ADD COLUMN request_id TEXT;"
	  "ALTER TABLE submission ADD COLUMN trace TEXT;"
	  "CREATE TABLE submission_webhook ("
	  " submission_id INTEGER PRIMARY KEY REFERENCES submission (id),"
	  " url TEXT NOT NULL,"
	  " secret TEXT);"
	  "CREATE TABLE delivery ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " message TEXT NOT NULL UNIQUE," /* webhook-id */
	  " submission_id INTEGER NOT NULL REFERENCES submission (id),"
	  " url TEXT,"
	  " receiver TEXT NOT NULL,"
	  " payload TEXT NOT NULL,"
	  " state TEXT NOT NULL DEFAULT 'pending',"
	  " attempts INTEGER NOT NULL DEFAULT 0,"
	  " response TEXT,"
	  " created_ms INTEGER NOT NULL,"
	  " begun_ms INTEGER NOT NULL,"     /* created, or last replayed */
	  " scheduled_ms INTEGER NOT NULL," /* when due_ms was last set */
	  " due_ms INTEGER NOT NULL,"
	  " ended_ms INTEGER,"
	  " lease TEXT,"
	  " CHECK (state IN ('pending', 'delivered', 'dead')));"
	  "CREATE INDEX delivery_pending ON delivery (receiver, due_ms, id) WHERE state = 'pending';"
	  "CREATE INDEX delivery_scheduled ON delivery (scheduled_ms) WHERE state = 'pending';"
	  "CREATE INDEX delivery_by_submission ON delivery (submission_id, id);"
	  "CREATE INDEX delivery_in_state ON delivery (state, id);"
	  "CREATE TABLE delivery_attempt ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " delivery_id INTEGER NOT NULL REFERENCES delivery (id),"
	  " number INTEGER NOT NULL,"
	  " at_ms INTEGER NOT NULL,"
	  " took_us INTEGER NOT NULL,"
	  " status INTEGER," /* null: no answer */
	  " response TEXT);"
	  "CREATE INDEX delivery_attempt_by_delivery ON delivery_attempt (delivery_id, id);" },

	/* What live_store.h tells: news that may be lost with the power. `run_ms` is the run's executed_ms. */
	{ 30, "progress of what runs",
	  "CREATE /*pg UNLOGGED*/ TABLE submission_live ("
	  " submission_id INTEGER PRIMARY KEY,"
	  " run_ms INTEGER NOT NULL,"
	  " updates INTEGER NOT NULL,"
	  " progress TEXT NOT NULL);" },

	{ 31, "webhooks that ended long ago",
	  "CREATE INDEX delivery_ended ON delivery (ended_ms) WHERE ended_ms IS NOT NULL;" },
	{ 32, "when API keys end, and when they were used",
	  "ALTER TABLE api_key ADD COLUMN expires_ms BIGINT;"
	  "ALTER TABLE api_key ADD COLUMN used_ms BIGINT;" },
};
const size_t execution_migration_count = sizeof execution_migrations / sizeof execution_migrations[0];
