/* schema.h - the tables of submissions: migrations 1..99 (the queue's are 100..199). */
#pragma once

#include "db/db.h"

extern const struct db_migration execution_migrations[];
extern const size_t execution_migration_count;
