/* postgres.c - PostgreSQL behind the table of backend.h: URLs and connections.
 *
 * Many connections write at once, so writers are not serialised as they are in SQLite: transactions are READ
 * COMMITTED, and what is read to be changed is read with FOR UPDATE. The server gathers commits of several
 * connections into one flush by itself. Reads are REPEATABLE READ, so that they see one state throughout. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "postgres.h"

enum { CONNECTIONS_MAX = 16, VERSION_MIN = 130000 };

/* Before the URL, whose own settings win. A server that vanished without a word is given up after 10 s. */
static const char *const keywords[] = {
	"application_name",    "connect_timeout",  "keepalives_idle",
	"keepalives_interval", "keepalives_count", "tcp_user_timeout",
	"client_encoding",     "dbname",           NULL,
};
enum { URL_KEYWORD = 7 };

/* A flush of the disk before a commit is answered is what everything else rests on. And every statement of ours is
 * meant to walk an index, however many rows there are: a plan that was made while a table was empty (the queue's
 * mostly is) would read all of it, and be kept; that once took seconds when a queue had filled up. */
static const char set_up[] =
	"SET statement_timeout = '30s'; SET lock_timeout = '10s';"
	"SET idle_in_transaction_session_timeout = '60s';"
	"SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
	"SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;"
	"SELECT set_config('synchronous_commit', 'on', false)"
	" WHERE current_setting('synchronous_commit') = 'off'";

static void stay_silent(void *unused, const PGresult *notice) {}

/* ---- connections ---- */

static void postgres_disconnect(struct db_connection *base)
{
	struct postgres_connection *connection = (struct postgres_connection *)base;
	postgres_forget_statements(connection);
	PQfinish(connection->handle);
	free(connection);
}

static void disconnect_at(struct postgres_connection **connection)
{
	if (*connection)
		postgres_disconnect(&(*connection)->base);
}

/* libpq's words name the host and the user, never the password; a line break ends what concerns us. */
static int refused(struct postgres_connection *connection, struct error *err)
{
	const char *words = PQerrorMessage(connection->handle);
	bool forbidden = strstr(words, "authentication failed") || strstr(words, "no password");
	int code = forbidden ? -EACCES : strstr(words, "does not exist") ? -ENOENT : -EAGAIN;
	return error_set(err, code, "%s cannot be reached: %.*s", connection->store->name,
			 (int)strcspn(words, "\n"), words);
}

static int check_server(struct postgres_connection *connection, struct error *err)
{
	const char *name = connection->store->name;
	const char *encoding = PQparameterStatus(connection->handle, "server_encoding");
	if (PQserverVersion(connection->handle) < VERSION_MIN)
		return error_set(err, -ENOTSUP,
				 "%s: this is PostgreSQL %s, and 13 is the oldest that will do", name,
				 PQparameterStatus(connection->handle, "server_version"));
	if (!encoding || strcmp(encoding, "UTF8") != 0)
		return error_set(err, -ENOTSUP, "%s: its encoding is %s and must be UTF8", name,
				 encoding ? encoding : "unknown");
	return 0;
}

PGconn *postgres_dial(const struct postgres_store *store)
{
	const char *values[] = { "arena", "5", "10", "5", "3", "10000", "UTF8", store->url, NULL };
	PGconn *handle = PQconnectdbParams(keywords, values, 1);
	PQsetNoticeReceiver(handle, stay_silent, NULL);
	return handle;
}

static int postgres_connect(struct db_store *base, enum db_access access,
			    struct db_connection **ret_connection, struct error *err)
{
	const struct postgres_store *store = (const struct postgres_store *)base;
	cleanup_with(disconnect_at) struct postgres_connection *connection = calloc(1, sizeof *connection);
	if (!connection)
		return error_set(err, -ENOMEM, "out of memory");
	connection->base.backend = &db_postgres;
	connection->store = store;
	connection->handle = postgres_dial(store);
	if (PQstatus(connection->handle) != CONNECTION_OK)
		return refused(connection, err);
	int code = check_server(connection, err);
	if (code == 0)
		code = postgres_script(&connection->base, set_up, err); /* enters the pipeline mode as well */
	if (code < 0)
		return code;
	*ret_connection = &take_pointer(&connection)->base;
	return 0;
}

/* What a server says to a connection that waits is its goodbye, mostly. */
static bool postgres_usable(struct db_connection *base)
{
	struct postgres_connection *connection = (struct postgres_connection *)base;
	struct pollfd ready = { .fd = PQsocket(connection->handle), .events = POLLIN };
	if (!connection->broken && poll(&ready, 1, 0) > 0 && PQconsumeInput(connection->handle) != 1)
		connection->broken = true;
	return !connection->broken && !connection->in_transaction &&
	       PQstatus(connection->handle) == CONNECTION_OK;
}

static bool postgres_in_transaction(const struct db_connection *base)
{
	return ((const struct postgres_connection *)base)->in_transaction;
}

/* ---- stores ---- */

static void postgres_close(struct db_store *base)
{
	struct postgres_store *store = (struct postgres_store *)base;
	free(store->url);
	free(store->name);
	free(store);
}

static const char *option(const PQconninfoOption *options, const char *keyword, const char *otherwise)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0 && options->val && *options->val)
			return options->val;
	return otherwise;
}

/* The URL is a secret as a whole, and libpq's complaint about one quotes it. */
static int read_url(struct postgres_store *store, struct error *err)
{
	PQconninfoOption *options = PQconninfoParse(store->url, NULL);
	if (!options)
		return error_set(err, -EINVAL, "the database URL must have the form %s", db_postgres.form);
	int size = asprintf(&store->name, "database %s at %s", option(options, "dbname", "(default)"),
			    option(options, "host", option(options, "hostaddr", "the local socket")));
	PQconninfoFree(options);
	if (size < 0) {
		store->name = NULL;
		return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static int postgres_open(const char *url, struct db_store **ret_store, struct error *err)
{
	struct postgres_store *store = calloc(1, sizeof *store);
	if (!store)
		return error_set(err, -ENOMEM, "out of memory");
	store->base.backend = &db_postgres;
	store->url = strdup(url);
	int code = store->url ? read_url(store, err) : error_set(err, -ENOMEM, "out of memory");
	if (code == 0)
		*ret_store = &store->base;
	else
		postgres_close(&store->base);
	return code;
}

static int postgres_check(const struct db_store *store, struct error *err)
{
	return 0;
}

_Static_assert(sizeof keywords / sizeof keywords[0] == URL_KEYWORD + 2, "postgres_dial() has as many");

const struct db_backend db_postgres = {
	.schemes = { "postgresql", "postgres" },
	.form = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
	.begin = { [DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", [DB_WRITE] = "BEGIN" },
	.ping = "SELECT 1",
	.touch = "SELECT pg_current_xact_id()", /* refused where nothing can be written */
	.relax = "SET LOCAL synchronous_commit = off",
	.lock = "SELECT pg_advisory_xact_lock(20170427, hashtext(current_schema()))",
	.connections = CONNECTIONS_MAX,
	.shared = true,
	.open = postgres_open,
	.close = postgres_close,
	.check = postgres_check,
	.connect = postgres_connect,
	.disconnect = postgres_disconnect,
	.usable = postgres_usable,
	.run = postgres_run,
	.settle = postgres_settle,
	.script = postgres_script,
	.in_transaction = postgres_in_transaction,
};
