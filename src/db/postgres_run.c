/* postgres_run.c - statements, pipelined.
 *
 * A round trip costs more than most statements do. So a statement whose rows nobody asked for is only sent, and
 * its answer read when one is needed: with the next statement that returns something, or at the commit. What
 * has failed meanwhile is told then; the server skips all that was sent behind a failure. "BEGIN; INSERT;
 * COMMIT" is one trip. Statements are prepared once a connection, for each combination of types. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "dialect.h"
#include "postgres.h"

/* Longer than the server itself allows a statement to take: beyond it is the server that is gone. */
enum { ANSWER_MS = 45000, PLANS_KEPT_US = 1000000 };

static int out_of_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

/* ---- answers ---- */

static bool wait_for_answer(struct postgres_connection *connection)
{
	int64_t end_us = clock_monotonic_us() + ANSWER_MS * 1000LL;
	while (PQisBusy(connection->handle)) {
		struct pollfd ready = { .fd = PQsocket(connection->handle), .events = POLLIN };
		int64_t left_ms = (end_us - clock_monotonic_us()) / 1000;
		int count = left_ms > 0 ? poll(&ready, 1, (int)left_ms) : 0;
		if (count == 0 || (count < 0 && errno != EINTR))
			return false;
		if (count > 0 && PQconsumeInput(connection->handle) != 1)
			return false;
	}
	return true;
}

static PGresult *next_result(struct postgres_connection *connection)
{
	return wait_for_answer(connection) ? PQgetResult(connection->handle) : NULL;
}

static void forget(struct postgres_connection *connection, struct statement *statement)
{
	size_t i = 0;
	while (i < connection->statement_count && connection->statements[i] != statement)
		i++;
	if (i == connection->statement_count)
		return;
	connection->statement_count--;
	memmove(connection->statements + i, connection->statements + i + 1,
		(connection->statement_count - i) * sizeof(struct statement *));
	free(statement->sql);
	free(statement->types);
	free(statement);
}

static bool commit_is_due(const struct postgres_connection *connection, size_t from)
{
	for (size_t i = from; i < connection->due_count; i++)
		if (connection->due[i].commits)
			return true;
	return false;
}

/* A transaction in which something had failed answers "ROLLBACK" to a COMMIT, and calls that success. */
static int check_commit(struct postgres_connection *connection, PGresult *result, struct error *err)
{
	connection->in_transaction = false;
	if (strcmp(PQcmdStatus(result), "COMMIT") == 0)
		return 0;
	return error_set(err, -EIO, "%s: the transaction was rolled back", connection->store->name);
}

/* One answer. Behind a failure the others are PIPELINE_ABORTED: nothing more to tell. */
static int take_answer(struct postgres_connection *connection, size_t index, struct pool *pool,
		       struct db_rows *rows, struct error *err)
{
	const struct due *due = &connection->due[index];
	PGresult *result = next_result(connection), *end;
	ExecStatusType status = PQresultStatus(result);
	int code = 0;
	if (!result || PQstatus(connection->handle) != CONNECTION_OK)
		code = postgres_lost(connection, commit_is_due(connection, index), err);
	else if (status == PGRES_PIPELINE_ABORTED)
		code = -ECANCELED;
	else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		code = postgres_fail(connection, result, err);
	else if (due->commits)
		code = check_commit(connection, result, err);
	else if (rows)
		code = postgres_decode(result, pool, rows, err);
	if (status == PGRES_EMPTY_QUERY)
		code = error_set(err, -EINVAL, "not one statement");
	PQclear(result);
	if (connection->broken)
		return code;
	while ((end = next_result(connection)))
		PQclear(end);
	if (code < 0 && due->prepares)
		forget(connection, due->prepares);
	return code;
}

/* Waits for all answers; the last one's rows, and the first failure. */
static int settle(struct postgres_connection *connection, struct pool *pool, struct db_rows *rows,
		  struct error *err)
{
	int code = 0;
	if (connection->due_count == 0)
		return 0;
	if (PQpipelineSync(connection->handle) != 1)
		code = postgres_lost(connection, commit_is_due(connection, 0), err);
	for (size_t i = 0; i < connection->due_count && !connection->broken; i++) {
		bool last = i + 1 == connection->due_count;
		int one = take_answer(connection, i, pool, last ? rows : NULL, code == 0 ? err : NULL);
		if (code == 0)
			code = one;
	}
	connection->due_count = 0;
	if (!connection->broken)
		PQclear(next_result(connection)); /* PGRES_PIPELINE_SYNC */
	if (connection->broken)
		connection->in_transaction = false;
	return code;
}

int postgres_settle(struct db_connection *base, struct error *err)
{
	return settle((struct postgres_connection *)base, NULL, NULL, err);
}

/* ---- statements ---- */

static bool is_same(const struct statement *statement, const char *sql, const struct db_value *values,
		    size_t count)
{
	if (statement->count != count || strcmp(statement->sql, sql) != 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (statement->types[i] != values[i].type)
			return false;
	return true;
}

static struct statement *find(struct postgres_connection *connection, const char *sql,
			      const struct db_value *values, size_t count)
{
	struct statement **all = connection->statements;
	for (size_t i = 0; i < connection->statement_count; i++) {
		struct statement *found = all[i];
		if (!is_same(found, sql, values, count))
			continue;
		memmove(all + 1, all, i * sizeof(struct statement *));
		all[0] = found;
		return found;
	}
	return NULL;
}

static struct statement *new_statement(const char *sql, const struct db_value *values, size_t count)
{
	struct statement *statement = calloc(1, sizeof *statement);
	if (!statement)
		return NULL;
	statement->sql = strdup(sql);
	statement->types = calloc(count + 1, 1);
	statement->count = count;
	if (!statement->sql || !statement->types) {
		free(statement->sql);
		free(statement->types);
		free(statement);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		statement->types[i] = (unsigned char)values[i].type;
	return statement;
}

static int owe(struct postgres_connection *connection, int sent, struct due due, struct error *err)
{
	if (sent != 1)
		return postgres_lost(connection, false, err);
	connection->due[connection->due_count++] = due;
	return 0;
}

/* The one that was not used for longest goes. */
static int make_room(struct postgres_connection *connection, struct error *err)
{
	if (connection->statement_count < STATEMENTS_MAX)
		return 0;
	int code = settle(connection, NULL, NULL, err);
	if (code < 0)
		return code;
	struct statement *last = connection->statements[connection->statement_count - 1];
	char sql[NAME_BYTES + 16];
	snprintf(sql, sizeof sql, "DEALLOCATE %s", last->name);
	forget(connection, last);
	int sent = PQsendQueryParams(connection->handle, sql, 0, NULL, NULL, NULL, NULL, 0);
	return owe(connection, sent, (struct due){ 0 }, err);
}

static int prepare(struct postgres_connection *connection, const char *sql, const struct db_value *values,
		   const struct parameters *parameters, size_t count, struct statement **ret_statement,
		   struct error *err)
{
	if (dialect_parameters(sql) != count)
		return error_set(err, -EINVAL, "%zu values for: %.80s", count, sql);
	int code = make_room(connection, err);
	if (code < 0)
		return code;
	cleanup_buffer struct buffer text = { 0 };
	dialect_postgres(sql, &text);
	struct statement *statement = new_statement(sql, values, count);
	if (!statement || text.failed)
		return out_of_memory(err);
	snprintf(statement->name, sizeof statement->name, "s%lu", connection->statements_made++);
	memmove(connection->statements + 1, connection->statements,
		connection->statement_count * sizeof(struct statement *));
	connection->statements[0] = statement;
	connection->statement_count++;
	*ret_statement = statement;
	int sent = PQsendPrepare(connection->handle, statement->name, buffer_text(&text), (int)count,
				 parameters->types);
	return owe(connection, sent, (struct due){ .prepares = statement }, err);
}

void postgres_forget_statements(struct postgres_connection *connection)
{
	while (connection->statement_count > 0)
		forget(connection, connection->statements[0]);
}

/* ---- running ---- */

/* Plans are kept, and made anew every second: one that was made while a table was empty (the queue's mostly is)
 * walks it from end to end, and goes on to do so when it has filled up. Claims took four seconds then. */
static int renew_plans(struct postgres_connection *connection, struct error *err)
{
	int64_t now_us = clock_monotonic_us();
	if (now_us < connection->renew_plans_us)
		return 0;
	connection->renew_plans_us = now_us + PLANS_KEPT_US;
	int sent = PQsendQueryParams(connection->handle, "DISCARD PLANS", 0, NULL, NULL, NULL, NULL, 0);
	int code = owe(connection, sent, (struct due){ 0 }, err);
	return code < 0 ? code
			: settle(connection, NULL, NULL, err); /* a BEGIN must come first in what it begins */
}

/* What one of our transactions begins and ends with. */
static bool note_command(struct postgres_connection *connection, const char *sql)
{
	if (strncmp(sql, "BEGIN", 5) == 0)
		connection->in_transaction = true;
	return strcmp(sql, "COMMIT") == 0;
}

static int send(struct postgres_connection *connection, const char *sql, const struct db_value *values,
		size_t count, struct error *err)
{
	struct parameters parameters;
	int code = postgres_encode(values, count, &parameters, err);
	if (code == 0 && !connection->in_transaction && connection->due_count == 0)
		code = renew_plans(connection, err);
	struct statement *statement = code < 0 ? NULL : find(connection, sql, values, count);
	if (code == 0 && !statement)
		code = prepare(connection, sql, values, &parameters, count, &statement, err);
	if (code < 0)
		return code;
	bool commits = note_command(connection, sql);
	int sent = PQsendQueryPrepared(connection->handle, statement->name, (int)count, parameters.bytes,
				       parameters.sizes, parameters.formats, 0);
	return owe(connection, sent, (struct due){ .commits = commits }, err);
}

int postgres_run(struct db_connection *base, struct pool *pool, const char *sql,
		 const struct db_value *values, size_t count, struct db_rows *rows, struct error *err)
{
	struct postgres_connection *connection = (struct postgres_connection *)base;
	if (connection->broken)
		return postgres_lost(connection, false, err);
	int code = send(connection, sql, values, count, err);
	if (code == 0 && (rows || connection->due_count + 4 > DUE_MAX))
		code = settle(connection, pool, rows, err);
	if (strcmp(sql, "ROLLBACK") == 0)
		connection->in_transaction = false;
	return code;
}

/* Several statements in one text are a thing of the older protocol, which a pipeline cannot speak. */
int postgres_script(struct db_connection *base, const char *sql, struct error *err)
{
	struct postgres_connection *connection = (struct postgres_connection *)base;
	cleanup_buffer struct buffer text = { 0 };
	int code = settle(connection, NULL, NULL, err);
	dialect_postgres(sql, &text);
	if (code < 0 || text.failed)
		return code < 0 ? code : out_of_memory(err);
	PQexitPipelineMode(connection->handle);
	PGresult *result = PQexec(connection->handle, buffer_text(&text));
	if (PQstatus(connection->handle) != CONNECTION_OK)
		code = postgres_lost(connection, false, err);
	else if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		code = postgres_fail(connection, result, err);
	PQclear(result);
	PQenterPipelineMode(connection->handle);
	return code;
}
