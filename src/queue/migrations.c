/* migrations.c - the queue's tables. A change is a new row with the next number; old rows are never edited.
 *
 * A job is `ready`, `delayed` (waiting again after a failure) or `leased`. The last two hold for the time
 * from state_since up to state_until; a clock outside of it ends them, before as well as behind, so that
 * a clock that was set back strands nothing. vt is the job's place among its class (docs/queue.md). Each
 * partial index holds just the jobs of one state: a claim's cost does not grow with what else is there. */
#include "queue/queue.h"

const struct db_migration queue_migrations[] = {
	{ 100, "queue",
	  "CREATE TABLE job ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " submission_id BIGINT NOT NULL UNIQUE," /* one job a submission: it cannot be judged twice at once */
	  " class INTEGER NOT NULL,"
	  " capability TEXT NOT NULL,"
	  " user_id TEXT NOT NULL,"
	  " vt BIGINT NOT NULL,"
	  " enqueued_at BIGINT NOT NULL,"
	  " attempts INTEGER NOT NULL DEFAULT 0,"
	  " max_attempts INTEGER NOT NULL,"
	  " state TEXT NOT NULL DEFAULT 'ready',"
	  " state_since BIGINT,"
	  " state_until BIGINT,"
	  " session TEXT,"
	  " lease TEXT,"
	  " claimed_at BIGINT,"
	  " CHECK (state IN ('ready', 'delayed', 'leased')),"
	  " CHECK ((state = 'leased') = (lease IS NOT NULL)),"
	  " CHECK (state = 'ready' OR (state_since IS NOT NULL AND state_until IS NOT NULL)));"
	  "CREATE INDEX job_ready ON job (capability, class, vt, id) WHERE state = 'ready';"
	  "CREATE INDEX job_leased ON job (class, vt) WHERE state = 'leased';"
	  "CREATE INDEX job_delayed ON job (state_until) WHERE state = 'delayed';"
	  "CREATE INDEX job_by_user ON job (class, user_id, vt);"
	  "CREATE TABLE dead_letter ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " submission_id BIGINT NOT NULL,"
	  " attempts INTEGER NOT NULL,"
	  " reason TEXT NOT NULL,"
	  " at BIGINT NOT NULL);" },

	/* A session's row moves with each sign of life, thousands of times: it has no index but its key, and room
	 * on its page, so that PostgreSQL needs to touch nothing else. Rows of job live for seconds: vacuum comes by
	 * number, not by share, and does not dawdle; and nobody plans by how many there were when it last counted
	 * (see docs/queue.md). */
	{ 101, "sessions of workers, what a job costs, more about the dead",
	  "CREATE TABLE worker_session ("
	  " id TEXT PRIMARY KEY,"
	  " seen_at BIGINT NOT NULL,"
	  " expires_at BIGINT NOT NULL)/*pg  WITH (fillfactor = 50)*/;"
	  "ALTER TABLE job ADD COLUMN cost BIGINT NOT NULL DEFAULT 1;"
	  "ALTER TABLE dead_letter ADD COLUMN class BIGINT NOT NULL DEFAULT 2;"
	  "ALTER TABLE dead_letter ADD COLUMN capability TEXT NOT NULL DEFAULT '';"
	  "ALTER TABLE dead_letter ADD COLUMN user_id TEXT NOT NULL DEFAULT '';"
	  "CREATE INDEX dead_letter_of ON dead_letter (submission_id);"
	  "/*pg ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,"
	  " autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,"
	  " autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0,"
	  " autovacuum_analyze_threshold = 1000000);*/" },
};
const size_t queue_migration_count = sizeof queue_migrations / sizeof queue_migrations[0];
