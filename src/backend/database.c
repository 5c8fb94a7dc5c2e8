#include "backend/database.h"

#include <errno.h>

#include "base/pool.h"

int backend_open_database(const struct config *config, struct db **db, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *url = config->backend_database_url;

	if (pool && *url == '\0')
		url = pool_printf(pool, "sqlite:%s/backend.db", config->data_dir);
	return pool && url ? db_open(url, db, err) : error_set(err, -ENOMEM, "out of memory");
}
