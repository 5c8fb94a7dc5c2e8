/* dialect.h - one SQL for both databases: SQLite's, which PostgreSQL gets rewritten where the two differ. */
#pragma once

#include "base/buffer.h"

/* `sql` as PostgreSQL needs it. SQLite reads the same text as it stands. */
void dialect_postgres(const char *sql, struct buffer *out);

/* The highest N of the $N in it. */
size_t dialect_parameters(const char *sql);
