#include "execution/database.h"

#include <string.h>

#include "queue/queue.h"
#include "schema.h"

int execution_open_database(const struct config *config, struct db **db, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *url = config->database_url;

	if (*url == '\0')
		url = pool_printf(pool, "sqlite:%s/execution.db", config->data_dir);
	return url ? db_open(url, db, err) : error_set(err, -ENOMEM, "out of memory");
}

const struct db_migration *execution_all_migrations(struct pool *pool, size_t *count)
{
	size_t total = execution_migration_count + queue_migration_count;
	struct db_migration *all = pool_array(pool, total, sizeof *all);

	if (!all)
		return NULL;
	memcpy(all, execution_migrations, execution_migration_count * sizeof *all);
	memcpy(all + execution_migration_count, queue_migrations, queue_migration_count * sizeof *all);
	*count = total;
	return all;
}
