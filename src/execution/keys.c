/* /api/v1/keys: API keys over HTTP, which `arena admin key` speaks. */
#include <errno.h>
#include <string.h>

#include "access.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "reply.h"
#include "request.h"

/* ---- create ---- */

struct creation {
	struct pool *pool;
	const char *name;
	unsigned scopes;
	int64_t days; /* 0: for ever */
	char secret[KEY_SECRET_BYTES];
	struct api_key key;
};

static unsigned decode_scopes(struct fields *fields)
{
	const json_t *list = field_array(fields, "scopes", 1, KEY_SCOPES);
	struct place place = { &fields->place, "scopes", 0 };
	unsigned scopes = 0;

	if (fields->object && !field_present(fields, "scopes"))
		problem_at(fields->problems, &place, "missing", "is required");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		unsigned scope = name && !strchr(name, ',') ? key_scopes_parse(name) : 0;

		if (scope == 0)
			problem_at(fields->problems, &(struct place){ &place, NULL, i }, "enum",
				   "must be submit, read, admin or worker");
		scopes |= scope;
	}
	return scopes;
}

/* False after having replied. */
static bool decode_creation(struct http_exchange *x, struct creation *creation)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		struct text name = field_text(&fields, "name", REQUIRED, KEY_NAME_BYTES_MAX);
		if (name.bytes && name.size == 0)
			problem_at(&problems, &(struct place){ &body_place, "name", 0 }, "too_short",
				   "must not be empty");
		creation->name = name.bytes ? pool_strdup(creation->pool, name.bytes) : NULL;
		creation->scopes = decode_scopes(&fields);
		creation->days = field_int(&fields, "expires_in_days", 1, KEY_DAYS_MAX, 0);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, &problems);
	return !problems_any(&problems);
}

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct creation *c = context;
	int64_t now_ms = clock_wall_ms();

	return key_insert(tx, c->pool, c->secret, c->name, c->scopes, now_ms, key_expiry_ms(now_ms, c->days),
			  &c->key, err);
}

void key_post(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct creation creation = { .pool = http_pool(x) };
	struct error err;

	if (!decode_creation(x, &creation))
		return;
	key_secret(creation.secret);
	if (db_write(service->db, create_work, &creation, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	log_info("API key made", LOG_INT("key", creation.key.id), LOG_INT("by", http_caller(x)),
		 LOG_TEXT("name", creation.name));
	json_t *json = key_json(&creation.key);
	json_object_set_new(json, "key", json_string(creation.secret));
	http_set_header(x, "Cache-Control", "no-store");
	http_reply_json(x, 201, json);
}

/* ---- list ---- */

struct listing {
	struct pool *pool;
	struct api_key *keys;
	size_t count;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return key_list(tx, l->pool, &l->keys, &l->count, err);
}

void key_get_list(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct listing listing = { .pool = http_pool(x) };
	struct error err;

	if (db_read(service->db, list_work, &listing, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < listing.count; i++)
		json_array_append_new(list, key_json(&listing.keys[i]));
	http_reply_json(x, 200, list);
}

/* ---- revoke ---- */

struct revocation {
	struct pool *pool;
	int64_t id;
	bool found;
};

static int revoke_work(struct db_tx *tx, void *context, struct error *err)
{
	struct revocation *r = context;
	int code = key_revoke(tx, r->pool, r->id, clock_wall_ms(), err);

	r->found = code > 0;
	return code < 0 ? code : 0;
}

void key_delete(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct revocation revocation = { .pool = http_pool(x) };
	struct error err;

	if (!path_id(x, &revocation.id))
		return;
	if (db_write(service->db, revoke_work, &revocation, &err) < 0) {
		reply_failure(x, &err);
	} else if (!revocation.found) {
		reply_error(x, 404, "API key not found");
	} else {
		key_cache_clear(service->keys);
		log_info("API key revoked", LOG_INT("key", revocation.id), LOG_INT("by", http_caller(x)));
		http_reply_empty(x, 204);
	}
}
