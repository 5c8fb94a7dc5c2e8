/* admin_key.c - `arena admin key`: API keys of an execution service.
 *
 * The service owns its database, so that it is asked over HTTP, with an admin key where it wants one: that of
 * --key-file, else the one that the service made at its first start. --database goes to the database itself,
 * for a service that is stopped and whose admin keys are lost. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "execution/database.h"
#include "execution/keys.h"
#include "print.h"
#include "startup.h"
#include "user.h"

struct key_words {
	const char *name, *scopes;
	struct admin_service asked;
	int64_t days; /* 0: for ever */
	bool database, json;
};

/* ---- asking the database ---- */

struct at_database {
	struct pool *pool;
	struct db *db;
	const char *name;
	unsigned scopes;
	int64_t days, id;
	char secret[KEY_SECRET_BYTES];
	struct api_key key, *keys;
	size_t count;
	bool found;
};

static int insert_work(struct db_tx *tx, void *context, struct error *err)
{
	struct at_database *d = context;
	int64_t now_ms = clock_wall_ms();

	return key_insert(tx, d->pool, d->secret, d->name, d->scopes, now_ms, key_expiry_ms(now_ms, d->days),
			  &d->key, err);
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct at_database *d = context;

	return key_list(tx, d->pool, &d->keys, &d->count, err);
}

static int revoke_work(struct db_tx *tx, void *context, struct error *err)
{
	struct at_database *d = context;
	int code = key_revoke(tx, d->pool, d->id, clock_wall_ms(), err);

	d->found = code > 0;
	return code < 0 ? code : 0;
}

static void close_database(struct at_database *d)
{
	db_close(d->db);
	pool_free(d->pool);
}
#define cleanup_database __attribute__((cleanup(close_database)))

/* As the user who owns the data folder: nothing of root's may be left there. */
static int open_database(struct config *config, struct at_database *d, struct error *err)
{
	struct user user;
	size_t count = 0;

	if (!(d->pool = pool_new()))
		return error_set(err, -ENOMEM, "out of memory");
	if (user_find(user_of_services, &user, err) < 0 || user_prepare_data(&user, config, err) < 0 ||
	    user_become(&user, err) < 0)
		return err->code;
	const struct db_migration *migrations = execution_all_migrations(d->pool, &count);
	if (!migrations)
		return error_set(err, -ENOMEM, "out of memory");
	int code = execution_open_database(config, &d->db, err);
	return code < 0 ? code : db_migrate(d->db, migrations, count, err);
}

/* ---- one way or the other: the service's answer, or what it would be ---- */

static int at_service(const struct key_words *words, const struct config *config, const char *method,
		      const char *path, const json_t *body, json_t **answer, struct error *err)
{
	char route[48];

	snprintf(route, sizeof route, "/api/v1/keys%s", path);
	return admin_ask(&words->asked, config, &(struct admin_question){ method, route, body }, answer, err);
}

static int create_at_service(const struct key_words *words, struct config *config, unsigned scopes,
			     json_t **key, struct error *err)
{
	cleanup_json json_t *body = json_pack("{s:s, s:[]}", "name", words->name, "scopes");
	char name[KEY_SCOPES_BYTES];

	if (!body)
		return error_set(err, -EINVAL, "--name: must be UTF-8");
	for (unsigned i = 0; i < KEY_SCOPES; i++)
		if (scopes & 1U << i)
			json_array_append_new(json_object_get(body, "scopes"),
					      json_string(key_scopes_text(1U << i, name)));
	if (words->days > 0)
		json_object_set_new(body, "expires_in_days", json_integer(words->days));
	return at_service(words, config, "POST", "", body, key, err);
}

static int create_at_database(const struct key_words *words, struct config *config, unsigned scopes,
			      json_t **key, struct error *err)
{
	cleanup_database struct at_database d = { .name = words->name,
						  .scopes = scopes,
						  .days = words->days };

	key_secret(d.secret);
	int code = open_database(config, &d, err);
	if (code == 0)
		code = db_write(d.db, insert_work, &d, err);
	if (code < 0)
		return code;
	*key = key_json(&d.key);
	json_object_set_new(*key, "key", json_string(d.secret));
	return 0;
}

static int list_at_database(struct config *config, json_t **keys, struct error *err)
{
	cleanup_database struct at_database d = { 0 };
	int code = open_database(config, &d, err);

	if (code == 0)
		code = db_read(d.db, list_work, &d, err);
	if (code < 0)
		return code;
	*keys = json_array();
	for (size_t i = 0; i < d.count; i++)
		json_array_append_new(*keys, key_json(&d.keys[i]));
	return 0;
}

static int revoke_at_database(struct config *config, const char *id, struct error *err)
{
	cleanup_database struct at_database d = { .id = strtoll(id, NULL, 10) };
	int code = open_database(config, &d, err);

	if (code == 0)
		code = db_write(d.db, revoke_work, &d, err);
	return code == 0 && !d.found ? error_set(err, -ENOENT, "there is no key %s", id) : code;
}

/* ---- create, list, revoke ---- */

/* The key alone on standard output, so that it can be sent to a file. */
static int run_create(const struct key_words *words, struct config *config)
{
	unsigned scopes = words->scopes ? key_scopes_parse(words->scopes) : 0;
	cleanup_json json_t *key = NULL;
	struct error err = { 0 };

	if (!words->name || !*words->name || scopes == 0) {
		fprintf(stderr, "arena admin key create: --name NAME and --scopes LIST are needed, the list "
				"of submit, read, admin and worker\n");
		return STATUS_USAGE;
	}
	if ((words->database ? create_at_database(words, config, scopes, &key, &err)
			     : create_at_service(words, config, scopes, &key, &err)) < 0)
		return startup_failed(&err);
	const char *secret = json_string_value(json_object_get(key, "key"));
	printf("%s\n", secret ? secret : "");
	fprintf(stderr, "key %" JSON_INTEGER_FORMAT " is made; it is not shown again\n",
		json_integer_value(json_object_get(key, "id")));
	return secret && fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

#define KEY_ROW "%-5s %-12s %-25s %-25s %-25s %-25s %-25s %s\n"

static void print_row(const json_t *key)
{
	cleanup_buffer struct buffer scopes = { 0 };
	const json_t *list = json_object_get(key, "scopes");
	char id[24];

	for (size_t i = 0; i < json_array_size(list); i++)
		buffer_printf(&scopes, "%s%s", i ? "," : "", json_string_value(json_array_get(list, i)));
	snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT, admin_number(key, "id"));
	printf(KEY_ROW, id, admin_text(key, "prefix"), buffer_text(&scopes), admin_text(key, "created_at"),
	       admin_text(key, "last_used_at"), admin_text(key, "expires_at"), admin_text(key, "revoked_at"),
	       admin_text(key, "name"));
}

static int run_list(const struct key_words *words, struct config *config)
{
	cleanup_json json_t *keys = NULL;
	struct error err = { 0 };

	if ((words->database ? list_at_database(config, &keys, &err)
			     : at_service(words, config, "GET", "", NULL, &keys, &err)) < 0)
		return startup_failed(&err);
	if (words->json)
		return print_json(json_incref(keys));
	printf(KEY_ROW, "id", "begins", "scopes", "created", "last used", "expires", "revoked", "name");
	for (size_t i = 0; i < json_array_size(keys); i++)
		print_row(json_array_get(keys, i));
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

static int run_revoke(const struct key_words *words, struct config *config, const char *id)
{
	cleanup_json json_t *answer = NULL;
	struct error err = { 0 };
	char path[32];

	if (!id || !admin_is_id(id)) {
		fprintf(stderr, "arena admin key revoke: which key? `arena admin key list` has their ids\n");
		return STATUS_USAGE;
	}
	snprintf(path, sizeof path, "/%s", id);
	int code = words->database ? revoke_at_database(config, id, &err)
				   : at_service(words, config, "DELETE", path, NULL, &answer, &err);
	return code < 0 ? startup_failed(&err) : STATUS_OK;
}

/* ---- the command ---- */

static int run(int argc, char **argv)
{
	struct key_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_TEXT("name", &words.name, "NAME", "create: what it is for"),
		OPTION_TEXT("scopes", &words.scopes, "LIST", "create: of submit, read, admin, worker"),
		OPTION_NUMBER("expires", &words.days, 1, KEY_DAYS_MAX, "DAYS",
			      "create: it is good for so long; by default until it is revoked"),
		OPTION_TEXT("service", &words.asked.url, "URL",
			    "the service; default the first of EXECUTION_LISTEN"),
		OPTION_TEXT("key-file", &words.asked.key_file, "FILE",
			    "holds an admin key; default the admin-key in DATA_DIR, if there is one"),
		OPTION_FLAG("database", &words.database, "not through the service, which is stopped"),
		OPTION_FLAG("json", &words.json, "list: one JSON array on standard output"),
		OPTION_END,
	};
	cleanup_config struct config *config = NULL;
	struct words rest;
	int status;

	if (!options_parse(&admin_key_command, rows, argc, argv, &rest, &status))
		return status;
	if ((status = startup_config("admin", &config)))
		return status;
	const char *what = rest.count > 0 ? rest.at[0] : "";
	if (strcmp(what, "create") == 0 && rest.count == 1)
		return run_create(&words, config);
	if (strcmp(what, "list") == 0 && rest.count == 1)
		return run_list(&words, config);
	if (strcmp(what, "revoke") == 0 && rest.count <= 2)
		return run_revoke(&words, config, rest.at[1]);
	fprintf(stderr, "arena admin key: create, list or revoke ID?\n");
	return STATUS_USAGE;
}

const struct command admin_key_command = {
	.name = "admin key",
	.synopsis = "create|list|revoke [ID] [OPTION]...",
	.summary = "Makes, lists and revokes API keys",
	.details = "`create` prints the key, this once. Scopes: submit (create and cancel), read (results), "
		   "admin "
		   "(keys),\nworker (take jobs).\n",
	.run = run,
};
