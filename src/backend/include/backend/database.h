/* database.h - the backend's database, for those who have to do with it without running the backend. */
#pragma once

#include "base/config.h"
#include "db/db.h"

/* BACKEND_DATABASE_URL, or backend.db in DATA_DIR. */
int backend_open_database(const struct config *config, struct db **db, struct error *err);

extern const struct db_migration backend_migrations[];
extern const size_t backend_migration_count;
