/* bus.h - wakes between processes that share a database: "look again at what has this key".
 *
 * A wake is a hint. It may come for nothing, or late: where the connection to the database was away, nobody knows
 * which came meanwhile, and when it is back the wake is one for all keys. It is never part of a transaction (a NOTIFY
 * in each of them makes PostgreSQL's commits queue up behind one lock): send it after the commit. One thread gathers
 * what is sent within two milliseconds, without repetitions, and sends it as one. */
#pragma once

#include "db/db.h"

struct db_bus;

/* Called for every key that was sent, here or by another process, or with NULL for all there may be; from the
 * sender's thread or the bus's own. It must not block. Keys are short, without line breaks, and none is "*". */
typedef void db_bus_heard(void *context, const char *key);

/* A database that is one process's own (SQLite) needs no thread and no connection. */
int db_bus_start(struct db *db, db_bus_heard *heard, void *context, struct db_bus **bus, struct error *err);
/* `heard` is not called any more when it returns. Accepts NULL. */
void db_bus_stop(struct db_bus *bus);

/* Heard here at once, elsewhere a few milliseconds later. Any thread; never blocks, never fails. */
void db_bus_send(struct db_bus *bus, const char *key);
