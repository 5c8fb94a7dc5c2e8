/* submissions/submissions.yaml: globs of submissions, and what is said of them. submissions.json: paths of submissions, and
 * how they are to be compiled. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "kattis_submissions.h"

enum { JSON_BYTES_MAX = 1 << 20 };

/* ---- what is expected ---- */

static verdict_set verdict_of_short(const char *name)
{
	static const struct {
		const char *name;
		verdict_set set;
	} known[] = {
		{ "AC", VERDICTS_ACCEPTED },
		{ "WA", VERDICTS_WRONG },
		{ "TLE", VERDICTS_TOO_SLOW },
		{ "RTE", VERDICTS_RUN_ERROR },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].set;
	return 0;
}

static verdict_set read_verdicts(struct settings *settings, const char *key)
{
	const struct yaml_node *value = settings_get(settings, key);
	const char *const *words = value ? settings_words_of(settings, value) : NULL;
	verdict_set set = 0;

	for (; words && *words; words++) {
		verdict_set one = verdict_of_short(*words);

		if (!one) {
			settings_note(settings, value,
				      "has another verdict than AC, WA, TLE and RTE; it is ignored");
			return 0;
		}
		set |= one;
	}
	return set;
}

static void read_score(struct settings *settings, struct expectation *expectation)
{
	const struct yaml_node *value = settings_get(settings, "score");
	const char *const *ends = value ? settings_words_of(settings, value) : NULL;
	double least, most;

	if (!value)
		return;
	if (!ends || !ends[0] || !settings_parse_number(ends[0], true, &least) ||
	    !settings_parse_number(ends[1] ? ends[1] : ends[0], true, &most) || (ends[1] && ends[2]) ||
	    least > most) {
		settings_note(settings, value, "must be a number, or two, the smaller first; it is ignored");
		return;
	}
	expectation->has_score = true;
	expectation->least = least;
	expectation->most = most;
}

/* `true` is as if nothing were said. */
static void read_use(struct settings *settings, struct said_expectation *said)
{
	const struct yaml_node *value = settings_get(settings, "use_for_time_limit");
	const char *text = value && value->kind == YAML_TEXT ? value->text : "";
	bool use = true;

	if (!value)
		return;
	if (strcmp(text, "lower") == 0)
		said->use = USE_LOWER;
	else if (strcmp(text, "upper") == 0)
		said->use = USE_UPPER;
	else if (settings_bool(settings, "use_for_time_limit", &use) && !use)
		said->use = USE_NOT;
}

static void read_expectation(struct settings *settings, struct said_expectation *said)
{
	struct expectation *expectation = &said->expectation;

	expectation->permitted = read_verdicts(settings, "permitted");
	expectation->required = read_verdicts(settings, "required");
	read_score(settings, expectation);
	expectation->message = settings_text(settings, "message");
	read_use(settings, said);
	if (expectation->permitted && expectation->required &&
	    !(expectation->permitted & expectation->required))
		package_note(settings->notes, settings->path, settings->map->line,
			     "%srequired and permitted have nothing in common: no submission can be so",
			     settings->within);
}

/* ---- patterns ---- */

static bool is_group(const struct yaml_node *value)
{
	static const char *const folders[] = { "sample", "secret", "*", "{" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (strncmp(value->key->text, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

static void note_long(const struct settings *settings, const struct yaml_node *value)
{
	if (strlen(value->key->text) > PACKAGE_GLOB_BYTES_MAX)
		package_note(settings->notes, settings->path, value->key->line,
			     "a pattern of more than %d bytes is about nothing", PACKAGE_GLOB_BYTES_MAX);
}

static bool read_groups(struct settings *settings, struct submission_pattern *pattern)
{
	pattern->groups = pool_array(settings->pool, SUBMISSION_PATTERN_GROUPS_MAX, sizeof *pattern->groups);
	if (!pattern->groups)
		return false;
	for (const struct yaml_node *value = settings->map ? settings->map->first : NULL; value;
	     value = value->next) {
		struct said_expectation *said = &pattern->groups[pattern->group_count];
		struct settings inner;

		if (!is_group(value))
			continue;
		if (pattern->group_count == SUBMISSION_PATTERN_GROUPS_MAX) {
			package_note(
				settings->notes, settings->path, value->key->line,
				"%s has more than %d groups of tests; this one and the others are ignored",
				pattern->pattern, SUBMISSION_PATTERN_GROUPS_MAX);
			return true;
		}
		note_long(settings, value);
		settings_within(settings, value->key->text, &inner);
		read_expectation(&inner, said);
		settings_close(&inner);
		said->expectation.groups = value->key->text;
		pattern->group_count++;
	}
	return true;
}

static bool read_pattern(struct settings *all, const struct yaml_node *value,
			 struct submission_pattern *pattern)
{
	struct settings settings;

	note_long(all, value);
	settings_within(all, value->key->text, &settings);
	pattern->pattern = value->key->text;
	pattern->line = value->key->line;
	pattern->language = settings_text(&settings, "language");
	pattern->entry = settings_text(&settings, "entrypoint");
	(void)settings_get(&settings, "authors");
	(void)settings_get(&settings, "model_solution");
	read_expectation(&settings, &pattern->whole);
	if (!read_groups(&settings, pattern))
		return false;
	settings_close(&settings);
	return true;
}

static bool read_yaml(const struct package_tree *tree, struct pool *pool, struct package_notes *notes,
		      struct submission_files *files)
{
	const struct package_file *file = package_tree_find(tree, "submissions/submissions.yaml");
	struct settings settings;
	struct error why;
	int code = settings_open(file, pool, notes, &settings, &why);

	if (code == -ENOMEM)
		return false;
	if (code < 0)
		package_note(notes, file->path, 0, "it is ignored: %s", why.text);
	files->patterns = pool_array(pool, SUBMISSION_PATTERNS_MAX, sizeof *files->patterns);
	if (!files->patterns)
		return false;
	for (const struct yaml_node *value = settings.map ? settings.map->first : NULL; value;
	     value = value->next) {
		if (files->pattern_count == SUBMISSION_PATTERNS_MAX) {
			package_note(notes, file->path, value->key->line,
				     "there are more than %d patterns; this one and the others are ignored",
				     SUBMISSION_PATTERNS_MAX);
			return true;
		}
		if (!read_pattern(&settings, value, &files->patterns[files->pattern_count++]))
			return false;
	}
	return true;
}

/* ---- submissions.json ---- */

static void free_json(void *json)
{
	json_decref(json);
}

static bool read_json(const struct package_tree *tree, struct pool *pool, struct package_notes *notes,
		      struct submission_files *files)
{
	const struct package_file *file = package_tree_find(tree, "submissions.json");
	cleanup_json json_t *json = NULL;
	struct error why = { .text = "it has more than 1 MiB" };
	int code = -EFBIG;

	if (!file)
		return true;
	if (file->size <= JSON_BYTES_MAX)
		code = json_parse(file->bytes, file->size, &json, &why);
	if (code == -ENOMEM)
		return false;
	if (code < 0 || !json_is_object(json)) {
		package_note(notes, file->path, 0, "it is ignored: %s",
			     code < 0 ? why.text : "it is no object of paths");
		return true;
	}
	if (pool_defer(pool, free_json, json) < 0)
		return false;
	files->json = json;
	json = NULL;
	return true;
}

static const char *text_of(const json_t *object, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : fallback;
}

void submission_json_find(const struct submission_files *files, const char *path, const char **language,
			  const char **entry)
{
	char folder[PACKAGE_PATH_BYTES_MAX + 2];
	const json_t *said = json_object_get(files->json, path);

	snprintf(folder, sizeof folder, "%s/", path);
	if (!said)
		said = json_object_get(files->json, folder);
	*language = text_of(said, "langid", *language);
	*entry = text_of(said, "entry_point", *entry);
}

int submission_files_read(const struct package_tree *tree, struct pool *pool, struct package_notes *notes,
			  struct submission_files *ret_files, struct error *err)
{
	struct submission_files files = { 0 };

	if (!read_yaml(tree, pool, notes, &files) || !read_json(tree, pool, notes, &files))
		return error_set(err, -ENOMEM, "out of memory");
	*ret_files = files;
	return 0;
}
