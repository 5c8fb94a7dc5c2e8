/* connections.h - a few connections, lent to one thread at a time; made when they are needed, and thrown away
 * when they broke. */
#pragma once

#include "backend.h"

struct connections;

/* Up to store->backend->connections of them, all for `access`. */
int db_connections_new(struct db_store *store, enum db_access access, struct connections **connections,
		       struct error *err);
/* All must have been given back. Accepts NULL. */
void db_connections_free(struct connections *connections);

/* Waits while all are lent: -EAGAIN after some seconds. Where connecting failed a moment ago it fails at once,
 * with the same words: whoever is asked for an answer gets one, and a database that comes up is not stormed. */
int db_connections_take(struct connections *connections, struct db_connection **connection,
			struct error *err);
void db_connections_give(struct connections *connections, struct db_connection *connection);
