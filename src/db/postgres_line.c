/* The channel has the name of the schema in it: services of different schemas in one database do not hear each
 * other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "line.h"
#include "postgres.h"

enum { PAYLOAD_MAX = 7900 }; /* PostgreSQL takes less than 8000 bytes */

struct line {
	PGconn *handle;
};

static bool ask(PGconn *handle, const char *sql)
{
	PGresult *result = PQexec(handle, sql);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool listen_to_schema(PGconn *handle)
{
	PGresult *result = PQexec(handle, "SELECT 'LISTEN ' || quote_ident('arena.' || current_schema())");
	bool good = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
		    ask(handle, PQgetvalue(result, 0, 0));
	PQclear(result);
	return good;
}

struct line *line_open(const struct db_store *store)
{
	struct line *line = calloc(1, sizeof *line);
	if (!line)
		return NULL;
	line->handle = postgres_dial((const struct postgres_store *)store);
	if (PQstatus(line->handle) == CONNECTION_OK &&
	    ask(line->handle, "SET synchronous_commit = off; SET statement_timeout = '10s'") &&
	    listen_to_schema(line->handle))
		return line;
	line_close(line);
	return NULL;
}

void line_close(struct line *line)
{
	PQfinish(line->handle);
	free(line);
}

int line_fd(const struct line *line)
{
	return PQsocket(line->handle);
}

int line_hear(struct line *line, db_bus_heard *heard, void *context)
{
	PGnotify *note;
	if (PQconsumeInput(line->handle) != 1)
		return -EIO;
	while ((note = PQnotifies(line->handle))) {
		char *rest = note->be_pid == PQbackendPID(line->handle) ? NULL : note->extra;
		while (rest)
			heard(context, strsep(&rest, "\n"));
		PQfreemem(note);
	}
	return 0;
}

static int send_one(struct line *line, const char *payload)
{
	const char *values[] = { payload };
	PGresult *result = PQexecParams(line->handle, "SELECT pg_notify('arena.' || current_schema(), $1)", 1,
					NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status == PGRES_TUPLES_OK ? 0 : -EIO;
}

int line_send(struct line *line, char *const *keys, size_t count)
{
	char payload[PAYLOAD_MAX + 1];
	size_t size = 0;
	int code = 0;
	for (size_t i = 0; i < count && code == 0; i++) {
		size_t length = strlen(keys[i]);
		if (length + 1 > PAYLOAD_MAX)
			continue;
		if (size + length + 1 > PAYLOAD_MAX) {
			code = send_one(line, payload);
			size = 0;
		}
		size += (size_t)snprintf(payload + size, sizeof payload - size, "%s%s", size ? "\n" : "",
					 keys[i]);
	}
	return code == 0 && size > 0 ? send_one(line, payload) : code;
}
