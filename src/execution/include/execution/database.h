/* database.h - the execution service's database, for those who have to do with it without running the service. */
#pragma once

#include "base/config.h"
#include "base/pool.h"
#include "db/db.h"

/* DATABASE_URL, or execution.db in DATA_DIR. */
int execution_open_database(const struct config *config, struct db **db, struct error *err);

/* Every migration of it, this layer's and the queue's; NULL when memory is out. */
const struct db_migration *execution_all_migrations(struct pool *pool, size_t *count);
