#include <string.h>

#include "postgres.h"

/* By the first characters of SQLSTATE (PostgreSQL's manual, appendix A); the first row that fits. */
static const struct {
	const char *state;
	int code;
	enum db_trouble trouble;
	const char *words;
} meanings[] = {
	{ "23", -EEXIST, DB_NO_TROUBLE, "refused by a rule of the table" },
	{ "40", -EBUSY, DB_CONFLICT, "others kept changing the same rows" },
	{ "55P03", -EBUSY, DB_CONFLICT, "others held the same rows for too long" },
	{ "0A000", -EAGAIN, DB_CONNECTION_LOST,
	  "a table has changed" }, /* under a statement prepared before */
	{ "57014", -ETIMEDOUT, DB_NO_TROUBLE, "it took too long" },
	{ "57P", -EAGAIN, DB_CONNECTION_LOST, "the database ends, or begins" },
	{ "25P03", -EAGAIN, DB_CONNECTION_LOST, "the transaction stood still for too long" },
	{ "53100", -ENOSPC, DB_NO_TROUBLE, "the disk is full, nothing was written" },
	{ "53300", -EAGAIN, DB_NO_TROUBLE, "the database takes no more connections" },
	{ "53", -ENOMEM, DB_NO_TROUBLE, "the database lacks resources" },
	{ "25006", -EROFS, DB_NO_TROUBLE, "the database cannot be written" },
	{ "22021", -EILSEQ, DB_NO_TROUBLE, "a text is no UTF-8, or has a NUL in it" },
	{ "28", -EACCES, DB_NO_TROUBLE, "the database does not let us in" },
	{ "3D", -ENOENT, DB_NO_TROUBLE, "there is no such database" },
	{ "42501", -EACCES, DB_NO_TROUBLE, "the database does not allow this" },
	{ "54", -E2BIG, DB_NO_TROUBLE, "a value or a statement is too large" },
	{ "58", -EIO, DB_NO_TROUBLE, "the database's disk failed" },
	{ "XX", -EIO, DB_NO_TROUBLE, "the database is damaged" },
};

int postgres_lost(struct postgres_connection *connection, bool committing, struct error *err)
{
	connection->broken = true;
	connection->in_transaction = false;
	connection->base.trouble = committing ? DB_NO_TROUBLE : DB_CONNECTION_LOST;
	if (committing)
		return error_set(err, -EIO,
				 "%s: the connection was lost during a commit; "
				 "it is not known whether the change took place",
				 connection->store->name);
	return error_set(err, -EAGAIN, "%s: the connection was lost, nothing was changed",
			 connection->store->name);
}

int postgres_fail(struct postgres_connection *connection, const PGresult *result, struct error *err)
{
	const char *name = connection->store->name;
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	for (size_t i = 0; state && i < sizeof meanings / sizeof meanings[0]; i++) {
		if (strncmp(state, meanings[i].state, strlen(meanings[i].state)) != 0)
			continue;
		connection->base.trouble = meanings[i].trouble;
		if (meanings[i].trouble == DB_CONNECTION_LOST)
			connection->broken = true;
		return error_set(err, meanings[i].code, "%s: %s (%s)", name, meanings[i].words, detail);
	}
	return error_set(err, -EINVAL, "%s: %s", name, detail ? detail : "no answer that we understand");
}
