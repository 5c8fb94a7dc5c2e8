/* readers.h - a few connections for reading, lent to one thread at a time. */
#pragma once

#include "backend.h"

struct readers;

int readers_new(struct db_store *store, struct readers **readers, struct error *err);
/* All must have been given back. Accepts NULL. */
void readers_free(struct readers *readers);

/* Waits while all are lent. */
int readers_take(struct readers *readers, struct db_connection **connection, struct error *err);
void readers_give(struct readers *readers, struct db_connection *connection);
