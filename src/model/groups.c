/* What is said of groups of tests, as JSON:
 *
 *     {"rules": "legacy", "type": "scoring",
 *      "settings": {"": {"on_reject": "continue", "grader_flags": "ignore_sample"},
 *                   "secret/1": {"accept_score": 20, "reject_score": 0, "range": [0, 20]}}}
 *
 * with, for "2025-09", {"max_score": 20 or "unbounded", "score_aggregation": "sum", "require_pass": ["sample"]}, and for
 * "polygon" {"points_policy": "complete-group", "points": 20, "dependencies": ["1"]}. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/scoring.h"
#include "wire.h"

struct name {
	const char *name;
	int value;
};
static const struct name rules_names[] = { { "legacy", SCORING_LEGACY },
					   { "2025-09", SCORING_2025_09 },
					   { "polygon", SCORING_POLYGON },
					   { NULL, 0 } };
static const struct name type_names[] = { { "scoring", false }, { "pass-fail", true }, { NULL, 0 } };
static const struct name on_reject_names[] = { { "break", ON_REJECT_BREAK },
					       { "continue", ON_REJECT_CONTINUE },
					       { NULL, 0 } };
static const struct name aggregation_names[] = { { "pass-fail", AGGREGATION_PASS_FAIL },
						 { "sum", AGGREGATION_SUM },
						 { "min", AGGREGATION_MIN },
						 { NULL, 0 } };
static const struct name policy_names[] = { { "each-test", false }, { "complete-group", true }, { NULL, 0 } };

static const char *name_of(const struct name *names, int value)
{
	while (names->value != value)
		names++;
	return names->name;
}

/* ---- encoding ---- */

static bool put_name(json_t *json, const char *field, const struct name *names, int value)
{
	return wire_put(json, field, json_string(name_of(names, value)));
}

static bool put_number(json_t *json, const char *field, bool has, double number)
{
	return !has || wire_put(json, field, json_real(number));
}

static json_t *bound(bool has, double number)
{
	return has ? json_real(number) : json_null();
}

static bool put_names(json_t *json, const char *field, const char *const *names)
{
	json_t *list = json_array();
	bool ok = true;

	for (; names && *names && ok; names++)
		ok = json_array_append_new(list, json_string(*names)) == 0;
	return wire_put(json, field, wire_whole(list, ok));
}

static bool put_legacy(json_t *json, const struct group_settings *settings)
{
	return (settings->on_reject == ON_REJECT_INHERITED ||
		put_name(json, "on_reject", on_reject_names, (int)settings->on_reject)) &&
	       put_number(json, "accept_score", settings->has_accept_score, settings->accept_score) &&
	       put_number(json, "reject_score", settings->has_reject_score, settings->reject_score) &&
	       ((!settings->has_least && !settings->has_most) ||
		wire_put(json, "range",
			 json_pack("[o,o]", bound(settings->has_least, settings->least),
				   bound(settings->has_most, settings->most)))) &&
	       (!settings->grader_flags ||
		wire_put(json, "grader_flags", json_string(settings->grader_flags)));
}

static bool put_2025_09(json_t *json, const struct group_settings *settings)
{
	return put_number(json, "max_score", settings->has_max_score, settings->max_score) &&
	       (!settings->is_unbounded || wire_put(json, "max_score", json_string("unbounded"))) &&
	       (settings->aggregation == AGGREGATION_USUAL ||
		put_name(json, "score_aggregation", aggregation_names, (int)settings->aggregation)) &&
	       (!settings->needs || put_names(json, "require_pass", settings->needs));
}

static bool put_polygon(json_t *json, const struct group_settings *settings)
{
	return (!settings->complete || put_name(json, "points_policy", policy_names, true)) &&
	       put_number(json, "points", settings->has_points, settings->points) &&
	       (!settings->needs || put_names(json, "dependencies", settings->needs));
}

static json_t *settings_json(const struct task_groups *groups)
{
	json_t *json = json_object();
	bool ok = true;

	for (size_t i = 0; i < groups->count && ok; i++) {
		const struct group_settings *settings = &groups->settings[i];
		json_t *one = json_object();

		ok = groups->rules == SCORING_LEGACY    ? put_legacy(one, settings)
		     : groups->rules == SCORING_2025_09 ? put_2025_09(one, settings)
							: put_polygon(one, settings);
		ok = wire_put(json, settings->name, wire_whole(one, ok)) && ok;
	}
	return wire_whole(json, ok);
}

json_t *groups_encode(const struct task_groups *groups)
{
	json_t *json = json_object();
	bool ok = put_name(json, "rules", rules_names, (int)groups->rules) &&
		  put_name(json, "type", type_names, groups->pass_fail) &&
		  wire_put(json, "settings", settings_json(groups));

	return wire_whole(json, ok);
}

/* ---- decoding ---- */

/* One of the names; `fallback` when it is not there. */
static int get_name(struct json_reader *reader, const char *field, const struct name *names, int fallback)
{
	const char *text = json_get_text(reader, field, NULL, NULL);

	if (!text || reader->failed)
		return fallback;
	for (; names->name; names++)
		if (strcmp(names->name, text) == 0)
			return names->value;
	wire_fail(reader, field, "is none of the names that it may have");
	return fallback;
}

static bool get_finite(struct json_reader *reader, const char *field, double *number)
{
	if (!wire_get_number(reader, field, number))
		return false;
	if (!isfinite(*number))
		wire_fail(reader, field, "must be a finite number");
	return true;
}

static bool get_bound(struct json_reader *reader, const json_t *list, size_t index, double *number)
{
	const json_t *value = json_array_get(list, index);

	if (!json_is_number(value) && !json_is_null(value))
		wire_fail(reader, "range", "must be [least, most], each a number or null");
	*number = json_number_value(value);
	return json_is_number(value);
}

static void get_range(struct json_reader *reader, struct group_settings *settings)
{
	const json_t *list = json_get_array(reader, "range");

	if (!list || reader->failed)
		return;
	if (json_array_size(list) != 2)
		wire_fail(reader, "range", "must be [least, most], each a number or null");
	settings->has_least = get_bound(reader, list, 0, &settings->least);
	settings->has_most = get_bound(reader, list, 1, &settings->most);
}

/* A text, or a list of texts. */
static const char *const *get_names(struct json_reader *reader, const char *field, struct pool *pool)
{
	const json_t *value = json_get_any(reader, field);
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	const char **names = value ? pool_array(pool, count + 1, sizeof *names) : NULL;

	if (value && !names)
		wire_fail_memory(reader);
	for (size_t i = 0; names && i < count && !reader->failed; i++) {
		const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;

		if (!json_is_string(one))
			wire_fail(reader, field, "must be a name, or a list of names");
		else if (!(names[i] = pool_strdup(pool, json_string_value(one))))
			wire_fail_memory(reader);
	}
	return names;
}

static void get_legacy(struct json_reader *reader, struct pool *pool, struct group_settings *settings)
{
	settings->on_reject =
		(enum on_reject)get_name(reader, "on_reject", on_reject_names, ON_REJECT_INHERITED);
	settings->has_accept_score = get_finite(reader, "accept_score", &settings->accept_score);
	settings->has_reject_score = get_finite(reader, "reject_score", &settings->reject_score);
	get_range(reader, settings);
	settings->grader_flags = wire_get_text(reader, "grader_flags", pool);
}

static void get_2025_09(struct json_reader *reader, struct pool *pool, struct group_settings *settings)
{
	const char *word = json_string_value(json_object_get(reader->object, "max_score"));

	settings->is_unbounded = word && strcmp(word, "unbounded") == 0;
	if (settings->is_unbounded)
		json_get_any(reader, "max_score"); /* seen */
	else
		settings->has_max_score = get_finite(reader, "max_score", &settings->max_score);
	if (settings->max_score < 0)
		wire_fail(reader, "max_score", "must not be negative");
	settings->aggregation =
		(enum aggregation)get_name(reader, "score_aggregation", aggregation_names, AGGREGATION_USUAL);
	settings->needs = get_names(reader, "require_pass", pool);
}

static void get_polygon(struct json_reader *reader, struct pool *pool, struct group_settings *settings)
{
	settings->complete = get_name(reader, "points_policy", policy_names, false);
	settings->has_points = get_finite(reader, "points", &settings->points);
	settings->needs = get_names(reader, "dependencies", pool);
}

static int get_group(const char *above, const char *name, const json_t *json, struct pool *pool,
		     enum scoring_rules rules, struct group_settings *settings, struct error *err)
{
	char path[SCORING_NAME_BYTES_MAX + 32];
	struct json_reader reader;

	snprintf(path, sizeof path, "%s.settings.%s", above, name);
	json_reader_open(&reader, json, path, err);
	settings->name = pool_strdup(pool, name);
	if (!settings->name)
		wire_fail_memory(&reader);
	else if (strlen(name) > SCORING_NAME_BYTES_MAX)
		wire_fail(&reader, "", "has a name that is too long");
	else if (rules == SCORING_LEGACY)
		get_legacy(&reader, pool, settings);
	else if (rules == SCORING_2025_09)
		get_2025_09(&reader, pool, settings);
	else
		get_polygon(&reader, pool, settings);
	return json_reader_done(&reader);
}

static int get_settings(const json_t *json, const char *path, struct pool *pool, struct task_groups *groups,
			struct error *err)
{
	size_t count = json_object_size(json);
	const char *name;
	json_t *value;
	int code = 0;

	if (count > SCORING_GROUPS_MAX)
		return error_set(err, -EINVAL, "%s.settings: there may be %d groups", path,
				 SCORING_GROUPS_MAX);
	if (!(groups->settings = pool_array(pool, count + 1, sizeof *groups->settings)))
		return error_set(err, -ENOMEM, "out of memory");
	json_object_foreach((json_t *)(uintptr_t)json, name, value)
	{
		code = get_group(path, name, value, pool, groups->rules, &groups->settings[groups->count++],
				 err);
		if (code < 0)
			break;
	}
	return code;
}

int groups_decode(const json_t *json, const char *path, struct pool *pool, struct task_groups *groups,
		  struct error *err)
{
	struct task_groups decoded = { 0 };
	struct json_reader reader;

	json_reader_open(&reader, json, path, err);
	if (!json_object_get(json, "rules"))
		wire_fail(&reader, "rules", "is required");
	decoded.rules = (enum scoring_rules)get_name(&reader, "rules", rules_names, SCORING_LEGACY);
	decoded.pass_fail = get_name(&reader, "type", type_names, false);
	const json_t *settings = json_get_object(&reader, "settings");
	if (!reader.failed)
		reader.failed = get_settings(settings, path, pool, &decoded, err);
	int code = json_reader_done(&reader);
	if (code < 0)
		return code;
	*groups = decoded;
	return 0;
}
