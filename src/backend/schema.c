/* schema.c - the tables of the backend.
 *
 * A migration is added as one more row here with the next number; one that was released is never edited. Times are ms
 * since the epoch. `external_id` is a UUID of ours by which the execution service knows the same thing. */
#include "backend/database.h"

const struct db_migration backend_migrations[] = {
	/* Names and addresses are unique whatever their case: `*_key` is what is compared. `token_epoch_s`: sign-in
	 * tokens issued before it count no more. */
	{ 1, "users",
	  "CREATE TABLE account ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " username TEXT NOT NULL,"
	  " username_key TEXT NOT NULL UNIQUE,"
	  " email TEXT NOT NULL,"
	  " email_key TEXT NOT NULL UNIQUE,"
	  " password_hash TEXT NOT NULL," /* argon2id, in its own text form */
	  " role TEXT NOT NULL,"
	  " is_active INTEGER NOT NULL DEFAULT 1,"
	  " must_change_password INTEGER NOT NULL DEFAULT 0,"
	  " token_epoch_s INTEGER NOT NULL DEFAULT 0,"
	  " created_ms INTEGER NOT NULL,"
	  " last_login_ms INTEGER,"
	  " CHECK (role IN ('student', 'instructor', 'admin')));"
	  "CREATE TABLE revoked_token ("
	  " jti TEXT PRIMARY KEY,"
	  " expires_ms INTEGER NOT NULL);"
	  "CREATE INDEX revoked_token_by_end ON revoked_token (expires_ms);"
	  "CREATE TABLE audit ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " at_ms INTEGER NOT NULL,"
	  " actor_id INTEGER,"      /* null: by the command line */
	  " address TEXT NOT NULL," /* whence; "" for the command line */
	  " action TEXT NOT NULL,"  /* "user.role", "submission.delete", ... */
	  " object TEXT NOT NULL,"  /* "user 3" */
	  " detail TEXT NOT NULL);" /* JSON */ },

	{ 2, "problems",
	  "CREATE TABLE problem ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " author_id INTEGER NOT NULL REFERENCES account (id),"
	  " title TEXT NOT NULL,"
	  " description TEXT NOT NULL,"
	  " difficulty TEXT NOT NULL,"
	  " constraints_text TEXT NOT NULL,"
	  " input_format TEXT NOT NULL,"
	  " output_format TEXT NOT NULL,"
	  " examples TEXT NOT NULL,"     /* JSON, as it is shown */
	  " starter_code TEXT NOT NULL," /* the same */
	  " time_limit_ms INTEGER NOT NULL,"
	  " memory_limit_mb INTEGER NOT NULL,"
	  " is_public INTEGER NOT NULL,"
	  " deleted INTEGER NOT NULL DEFAULT 0," /* there are submissions to it */
	  " created_ms INTEGER NOT NULL,"
	  " updated_ms INTEGER NOT NULL,"
	  " CHECK (difficulty IN ('easy', 'medium', 'hard')));"
	  "CREATE TABLE problem_tag ("
	  " problem_id INTEGER NOT NULL REFERENCES problem (id),"
	  " position INTEGER NOT NULL,"
	  " tag TEXT NOT NULL,"
	  " PRIMARY KEY (problem_id, tag));"
	  "CREATE INDEX problem_by_tag ON problem_tag (tag, problem_id);"
	  "CREATE TABLE problem_case ("
	  " problem_id INTEGER NOT NULL REFERENCES problem (id),"
	  " number INTEGER NOT NULL," /* from 1 */
	  " input TEXT NOT NULL,"
	  " expected_output TEXT NOT NULL,"
	  " is_hidden INTEGER NOT NULL,"
	  " PRIMARY KEY (problem_id, number));" },

	/* One table of contests for both seeds' routes and for what is to come. */
	{ 3, "contests",
	  "CREATE TABLE contest ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " external_id TEXT NOT NULL UNIQUE,"
	  " owner_id INTEGER NOT NULL REFERENCES account (id),"
	  " title TEXT NOT NULL,"
	  " description TEXT,"
	  " is_active INTEGER NOT NULL,"
	  " start_ms INTEGER,"
	  " end_ms INTEGER,"
	  " max_participants INTEGER,"
	  " participants INTEGER NOT NULL DEFAULT 0,"
	  " created_ms INTEGER NOT NULL,"
	  " revision INTEGER NOT NULL DEFAULT 1," /* grows with what the execution service has to know */
	  " mirrored INTEGER NOT NULL DEFAULT 0," /* the revision that it knows */
	  " remote_id INTEGER,"                   /* its own number; null: it does not know the contest */
	  " mirror_ms INTEGER NOT NULL,"          /* when to tell it next */
	  " mirror_tries INTEGER NOT NULL DEFAULT 0);"
	  "CREATE INDEX contest_unmirrored ON contest (mirror_ms) WHERE mirrored < revision;"
	  /* What the execution service still has of contests that were deleted. */
	  "CREATE TABLE contest_removed ("
	  " remote_id INTEGER PRIMARY KEY,"
	  " mirror_ms INTEGER NOT NULL);"
	  "CREATE TABLE contest_problem ("
	  " contest_id INTEGER NOT NULL REFERENCES contest (id),"
	  " problem_id INTEGER NOT NULL REFERENCES problem (id),"
	  " position INTEGER NOT NULL,"
	  " PRIMARY KEY (contest_id, problem_id));"
	  "CREATE INDEX contest_by_problem ON contest_problem (problem_id);"
	  "CREATE TABLE participant ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " contest_id INTEGER NOT NULL REFERENCES contest (id),"
	  " user_id INTEGER NOT NULL REFERENCES account (id),"
	  " joined_ms INTEGER NOT NULL,"
	  " final_score INTEGER NOT NULL DEFAULT -1," /* hundredths; -1: nothing judged yet */
	  " scored_ms INTEGER NOT NULL DEFAULT 0,"    /* when it was last raised */
	  " UNIQUE (contest_id, user_id));"
	  "CREATE INDEX participant_by_score ON participant (contest_id, final_score DESC, scored_ms, id);"
	  "CREATE TABLE participant_score ("
	  " contest_id INTEGER NOT NULL REFERENCES contest (id),"
	  " user_id INTEGER NOT NULL,"
	  " problem_id INTEGER NOT NULL,"
	  " best INTEGER NOT NULL," /* hundredths */
	  " PRIMARY KEY (contest_id, user_id, problem_id));" },

	/* `way`: 'run' by the runner (problems of 2.2), 'service' by the execution service, which tells of the end by
	 * webhook. `state` is model/state.h's. `results` is the JSON that may be shown: nothing of hidden cases. */
	{ 4, "submissions",
	  "CREATE TABLE submission ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " external_id TEXT NOT NULL UNIQUE,"
	  " way TEXT NOT NULL,"
	  " replica TEXT,"      /* way 'run': which one of those in the table below has to run it */
	  " remote_id INTEGER," /* microservice_submission_id */
	  " user_id INTEGER NOT NULL REFERENCES account (id),"
	  " contest_id INTEGER REFERENCES contest (id),"
	  " problem_id INTEGER REFERENCES problem (id),"
	  " language TEXT NOT NULL,"
	  " code TEXT NOT NULL,"
	  " input_data TEXT NOT NULL,"
	  " state TEXT NOT NULL,"
	  " verdict TEXT,"
	  " output TEXT,"
	  " error_output TEXT,"
	  " execution_us INTEGER," /* wall time of the slowest run */
	  " cpu_us INTEGER,"
	  " memory_bytes INTEGER,"
	  " score INTEGER," /* hundredths; null: nothing to score */
	  " is_correct INTEGER,"
	  " passed INTEGER,"
	  " total INTEGER,"
	  " results TEXT,"
	  " created_ms INTEGER NOT NULL,"
	  " completed_ms INTEGER,"
	  " CHECK (way IN ('run', 'service')));"
	  "CREATE INDEX submission_by_user ON submission (user_id, id);"
	  "CREATE INDEX submission_by_time ON submission (created_ms);"
	  "CREATE INDEX submission_by_problem ON submission (problem_id, user_id, id);"
	  "CREATE INDEX submission_by_contest ON submission (contest_id, id);"
	  "CREATE INDEX submission_by_remote ON submission (remote_id);"
	  "CREATE INDEX submission_open ON submission (way, id) WHERE completed_ms IS NULL;"
	  /* How far a run is: replaced some times a second, gone with its end. */
	  "CREATE TABLE submission_live ("
	  " submission_id INTEGER PRIMARY KEY,"
	  " updates INTEGER NOT NULL,"
	  " tests TEXT NOT NULL);" /* JSON */
	  /* The backends that share this database, and when each of them last said so. */
	  "CREATE TABLE replica ("
	  " id TEXT PRIMARY KEY,"
	  " seen_ms INTEGER NOT NULL);"
	  "CREATE TABLE live_ticket ("
	  " ticket TEXT PRIMARY KEY," /* its SHA-256 */
	  " user_id INTEGER NOT NULL REFERENCES account (id),"
	  " expires_ms INTEGER NOT NULL);"
	  "CREATE INDEX live_ticket_by_end ON live_ticket (expires_ms);" },

	{ 5, "courses",
	  "CREATE TABLE course ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " owner_id INTEGER NOT NULL REFERENCES account (id),"
	  " title TEXT NOT NULL,"
	  " description TEXT NOT NULL,"
	  " is_public INTEGER NOT NULL,"
	  " created_ms INTEGER NOT NULL,"
	  " updated_ms INTEGER NOT NULL);"
	  "CREATE TABLE module ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " course_id INTEGER NOT NULL REFERENCES course (id),"
	  " position INTEGER NOT NULL,"
	  " title TEXT NOT NULL,"
	  " content TEXT NOT NULL,"
	  " code_example TEXT NOT NULL,"
	  " language TEXT NOT NULL,"
	  " expected_output TEXT,"
	  " created_ms INTEGER NOT NULL,"
	  " updated_ms INTEGER NOT NULL);"
	  "CREATE INDEX module_by_course ON module (course_id, position, id);"
	  "CREATE TABLE enrolment ("
	  " course_id INTEGER NOT NULL REFERENCES course (id),"
	  " user_id INTEGER NOT NULL REFERENCES account (id),"
	  " enrolled_ms INTEGER NOT NULL,"
	  " PRIMARY KEY (course_id, user_id));"
	  "CREATE INDEX enrolment_by_user ON enrolment (user_id);"
	  "CREATE TABLE module_progress ("
	  " module_id INTEGER NOT NULL REFERENCES module (id),"
	  " user_id INTEGER NOT NULL REFERENCES account (id),"
	  " completed_ms INTEGER NOT NULL,"
	  " PRIMARY KEY (module_id, user_id));" },

	/* Submissions of way 'service' whose end is not known yet: what is to be done for them, and when. `sent`: the
	 * service has it. `answered`: its user was told so; until then the same request (`digest`) is the same one. */
	{ 6, "dispatches",
	  "CREATE TABLE dispatch ("
	  " submission_id INTEGER PRIMARY KEY REFERENCES submission (id) ON DELETE CASCADE,"
	  " user_id INTEGER NOT NULL,"
	  " digest TEXT NOT NULL,"
	  " request_id TEXT,"
	  " trace TEXT,"
	  " sent INTEGER NOT NULL DEFAULT 0,"
	  " answered INTEGER NOT NULL DEFAULT 0,"
	  " ended INTEGER NOT NULL DEFAULT 0,"
	  " due_ms INTEGER NOT NULL,"
	  " tries INTEGER NOT NULL DEFAULT 0," /* in a row that told nothing new */
	  " failure INTEGER NOT NULL DEFAULT 0," /* of the last: the status for its user, with `why` and `retry_s` */
	  " why TEXT,"
	  " retry_s INTEGER NOT NULL DEFAULT 0,"
	  " created_ms INTEGER NOT NULL);"
	  "CREATE INDEX dispatch_due ON dispatch (due_ms) WHERE ended = 0;"
	  "CREATE INDEX dispatch_unanswered ON dispatch (user_id, digest) WHERE answered = 0;" },

	/* What a problem that came from a package has besides: how it is judged, and what of its tests may be shown.
	 * Bytes of tests and checkers lie here by their SHA-256, in parts, so that every replica has them; one whose row
	 * in `blob` is there is whole. `scores` and `package_version` of a submission: how it was judged. */
	{ 7, "packages",
	  "CREATE TABLE problem_package ("
	  " problem_id INTEGER PRIMARY KEY REFERENCES problem (id),"
	  " version INTEGER NOT NULL," /* from 1; another with each import */
	  " short_name TEXT NOT NULL UNIQUE,"
	  " uuid TEXT UNIQUE,"
	  " format TEXT NOT NULL,"
	  " task TEXT NOT NULL,"     /* JSON, model/task.h's; without the program, which is put in */
	  " includes TEXT NOT NULL," /* JSON: files beside it, by language */
	  " languages TEXT,"         /* JSON: that may be used; null: all */
	  " tests TEXT NOT NULL,"    /* JSON, an element a test: what may be shown of it */
	  " test_count INTEGER NOT NULL,"
	  " hidden_count INTEGER NOT NULL,"
	  " statement TEXT NOT NULL DEFAULT ''," /* the description's format: "md", "html", ... */
	  " statement_pdf TEXT,"                 /* SHA-256 */
	  " imported_ms INTEGER NOT NULL);"
	  "CREATE TABLE blob ("
	  " sha256 TEXT PRIMARY KEY,"
	  " size INTEGER NOT NULL,"
	  " used_ms INTEGER NOT NULL);" /* when it was last put */
	  "CREATE TABLE blob_part ("
	  " sha256 TEXT NOT NULL,"
	  " part INTEGER NOT NULL," /* from 0 */
	  " bytes BLOB NOT NULL,"
	  " PRIMARY KEY (sha256, part));"
	  "CREATE TABLE package_blob ("
	  " problem_id INTEGER NOT NULL REFERENCES problem (id),"
	  " sha256 TEXT NOT NULL,"
	  " PRIMARY KEY (problem_id, sha256));"
	  "CREATE INDEX package_blob_by_hash ON package_blob (sha256);"
	  "ALTER TABLE submission ADD COLUMN scores TEXT;"
	  "ALTER TABLE submission ADD COLUMN package_version INTEGER;" },

	/* Submissions judged again. What came of it lies aside until it is applied; then what was before does. */
	{ 8, "rejudges",
	  "CREATE TABLE rejudge ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " actor_id INTEGER REFERENCES account (id)," /* null: the operator */
	  " scope TEXT NOT NULL,"
	  " scope_id INTEGER NOT NULL,"
	  " reason TEXT NOT NULL,"
	  " state TEXT NOT NULL,"
	  " created_ms INTEGER NOT NULL,"
	  " judged_ms INTEGER,"
	  " applied_ms INTEGER,"
	  " undone_ms INTEGER,"
	  " CHECK (scope IN ('submission', 'problem', 'contest')),"
	  " CHECK (state IN ('running', 'judged', 'applied', 'undone', 'cancelled')));"
	  "CREATE TABLE rejudge_item ("
	  " rejudge_id INTEGER NOT NULL REFERENCES rejudge (id),"
	  " submission_id INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,"
	  " replica TEXT," /* which one judges it */
	  " before_verdict TEXT,"
	  " before_score INTEGER,"
	  " verdict TEXT," /* null: not judged yet */
	  " score INTEGER,"
	  " PRIMARY KEY (rejudge_id, submission_id));"
	  "CREATE INDEX rejudge_item_open ON rejudge_item (rejudge_id, submission_id) WHERE verdict IS NULL;"
	  "CREATE INDEX rejudge_item_by_submission ON rejudge_item (submission_id);"
	  "CREATE TABLE rejudge_result ("
	  " rejudge_id INTEGER NOT NULL REFERENCES rejudge (id),"
	  " submission_id INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,"
	  " moment TEXT NOT NULL," /* "before", "after" */
	  " state TEXT NOT NULL,"  /* from here on as in submission */
	  " verdict TEXT,"
	  " output TEXT,"
	  " error_output TEXT,"
	  " execution_us INTEGER,"
	  " cpu_us INTEGER,"
	  " memory_bytes INTEGER,"
	  " score INTEGER,"
	  " is_correct INTEGER,"
	  " passed INTEGER,"
	  " total INTEGER,"
	  " results TEXT,"
	  " completed_ms INTEGER,"
	  " scores TEXT,"
	  " package_version INTEGER,"
	  " PRIMARY KEY (rejudge_id, moment, submission_id));" },
};
const size_t backend_migration_count = sizeof backend_migrations / sizeof backend_migrations[0];
