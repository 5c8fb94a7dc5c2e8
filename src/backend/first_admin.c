#include "first_admin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/password.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"

struct first {
	struct pool *pool;
	const char *password, *path; /* path NULL: it needs no file */
	struct account account;
	bool is_first;
};

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct first *f = context;
	struct db_rows rows;
	int code = db_run(tx, f->pool, "SELECT 1 FROM account LIMIT 1", DB_NO_VALUES, &rows, err);

	f->is_first = code >= 0 && rows.count == 0;
	return code < 0 ? code : 0;
}

/* The row comes first, so that of several replicas one alone writes the file; a crash before the commit leaves a file
 * whose password is nobody's, and the next start replaces it. */
static int insert_work(struct db_tx *tx, void *context, struct error *err)
{
	struct first *f = context;
	char line[PASSWORD_RANDOM_BYTES + 1];
	int code = account_insert(tx, f->pool, &f->account, err);

	f->is_first = code > 0;
	if (code <= 0 || !f->path)
		return code;
	snprintf(line, sizeof line, "%s\n", f->password);
	return file_replace(f->path, line, strlen(line), 0600, err);
}

static int make(struct backend *backend, struct first *f, struct error *err)
{
	const char *given = backend->config->admin_password;
	char *random = pool_alloc(f->pool, PASSWORD_RANDOM_BYTES),
	     *hash = pool_alloc(f->pool, PASSWORD_HASH_BYTES);

	if (!random || !hash)
		return error_set(err, -ENOMEM, "out of memory");
	password_random(random);
	f->password = *given ? given : random;
	f->path = *given ? NULL : pool_printf(f->pool, "%s/admin-password", backend->config->data_dir);
	int code = password_hash(f->password, hash, err);
	if (code < 0)
		return code;
	f->account = (struct account){ .username = "admin",
				       .email = "admin@localhost",
				       .password_hash = hash,
				       .role = ROLE_ADMIN,
				       .must_change_password = f->path != NULL,
				       .created_ms = clock_wall_ms() };
	code = db_write(backend->db, insert_work, f, err);
	backend->is_first_start = code >= 0 && f->is_first;
	if (backend->is_first_start)
		log_info("the user admin was made",
			 LOG_TEXT("password_file", f->path ? f->path : "ADMIN_PASSWORD"));
	return code < 0 ? code : 0;
}

int first_admin_make(struct backend *backend, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct first first = { .pool = pool };

	if (!pool)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_read(backend->db, look_work, &first, err);
	if (code == 0 && first.is_first)
		code = make(backend, &first, err);
	return code < 0 ? error_wrap(err, "make the first user") : 0;
}
