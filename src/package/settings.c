#include "settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char blanks[] = " \t\r\n";

int settings_open(const struct package_file *file, struct pool *pool, struct package_notes *notes,
		  struct settings *settings, struct error *err)
{
	struct yaml_node *root = NULL;
	int code = 0;

	*settings = (struct settings){
		.path = file ? file->path : "", .within = "", .pool = pool, .notes = notes
	};
	if (file)
		code = yaml_parse(file->bytes, file->size, file->path, YAML_LENIENT, pool, &root, err);
	if (code < 0)
		return code;
	if (root && root->kind != YAML_MAP)
		return error_set(err, -EINVAL, "%s:%d:%d: keys and their values belong here", file->path,
				 root->line, root->column);
	settings->map = root;
	return 0;
}

void settings_note(const struct settings *settings, const struct yaml_node *value, const char *what)
{
	package_note(settings->notes, settings->path, value->line, "%s%s %s", settings->within,
		     value->key ? value->key->text : "", what);
}

void settings_within(struct settings *outer, const char *key, struct settings *inner)
{
	const struct yaml_node *value = settings_get(outer, key);

	*inner = (struct settings){ .path = outer->path, .pool = outer->pool, .notes = outer->notes };
	inner->within = pool_printf(outer->pool, "%s%s.", outer->within, key);
	if (!inner->within) {
		outer->notes->failed = true;
		inner->within = "";
	}
	if (value && value->kind != YAML_MAP)
		settings_note(outer, value, "has keys and values of its own; what is there is ignored");
	else
		inner->map = value;
}

static const char *nearest(const struct settings *settings, const char *key)
{
	const char *near = NULL;
	size_t least = 3;

	for (size_t i = 0; i < settings->asked_count; i++) {
		size_t distance = edit_distance(key, settings->asked[i]);

		if (distance < least) {
			least = distance;
			near = settings->asked[i];
		}
	}
	return near;
}

void settings_close(const struct settings *settings)
{
	for (const struct yaml_node *value = settings->map ? settings->map->first : NULL; value;
	     value = value->next) {
		const char *key = value->key->text, *near;
		size_t i = 0;

		while (i < settings->asked_count && strcmp(settings->asked[i], key) != 0)
			i++;
		if (i < settings->asked_count)
			continue;
		near = nearest(settings, key);
		package_note(settings->notes, settings->path, value->key->line,
			     "the key %s%.64s is not known here%s%s%s", settings->within, key,
			     near ? "; is it " : "", near ? near : "", near ? "?" : "");
	}
}

const struct yaml_node *settings_get(struct settings *settings, const char *key)
{
	const struct yaml_node *value = settings->map ? yaml_get(settings->map, key) : NULL;

	if (settings->asked_count < SETTINGS_ASKED_MAX)
		settings->asked[settings->asked_count++] = key;
	return value && !yaml_is_null(value) ? value : NULL;
}

const char *settings_text(struct settings *settings, const char *key)
{
	const struct yaml_node *value = settings_get(settings, key);

	if (value && value->kind != YAML_TEXT)
		settings_note(settings, value, "must be text");
	return value && value->kind == YAML_TEXT ? value->text : NULL;
}

bool settings_bool(struct settings *settings, const char *key, bool *value)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "on", "1" };
	static const char *const no[] = { "false", "False", "FALSE", "no", "No", "off", "0" };
	const struct yaml_node *node = settings_get(settings, key);

	for (size_t i = 0; node && node->kind == YAML_TEXT && i < sizeof yes / sizeof yes[0]; i++)
		if (strcmp(node->text, yes[i]) == 0 || strcmp(node->text, no[i]) == 0) {
			*value = strcmp(node->text, yes[i]) == 0;
			return true;
		}
	if (node)
		settings_note(settings, node, "must be true or false");
	return false;
}

bool settings_parse_number(const char *text, bool infinite, double *value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;
	double number;

	if (infinite && (strcmp(digits, "inf") == 0 || strcmp(digits, ".inf") == 0)) {
		*value = *text == '-' ? -INFINITY : INFINITY;
		return true;
	}
	if (*digits == '\0' || digits[strspn(digits, "0123456789.eE+-")] != '\0')
		return false;
	number = strtod(text, &end);
	if (*end != '\0' || !isfinite(number))
		return false;
	*value = number;
	return true;
}

bool settings_number(struct settings *settings, const char *key, double least, double most, double *value)
{
	const struct yaml_node *node = settings_get(settings, key);
	double number;

	if (!node)
		return false;
	if (node->kind != YAML_TEXT || !settings_parse_number(node->text, false, &number) || number < least ||
	    number > most) {
		package_note(settings->notes, settings->path, node->line,
			     "%s%s must be a number from %g to %g; it is ignored", settings->within, key,
			     least, most);
		return false;
	}
	*value = number;
	return true;
}

/* ---- lists ---- */

static const char *const *one(const struct settings *settings, const struct yaml_node *value)
{
	const char **list = pool_array(settings->pool, 2, sizeof *list);

	if (list)
		list[0] = value->text;
	else
		settings->notes->failed = true;
	return list;
}

static const char *const *between_blanks(const struct settings *settings, const char *text)
{
	char *copy = pool_strdup(settings->pool, text);
	const char **words = pool_array(settings->pool, strlen(text) / 2 + 2, sizeof *words);
	size_t count = 0;

	if (!copy || !words) {
		settings->notes->failed = true;
		return NULL;
	}
	for (char *at = copy + strspn(copy, blanks); *at; at += strspn(at, blanks)) {
		words[count++] = at;
		at += strcspn(at, blanks);
		if (*at)
			*at++ = '\0';
	}
	return words;
}

static const char *const *elements(const struct settings *settings, const struct yaml_node *list)
{
	const char **texts = pool_array(settings->pool, list->count + 1, sizeof *texts);
	size_t count = 0;

	if (!texts) {
		settings->notes->failed = true;
		return NULL;
	}
	for (const struct yaml_node *value = list->first; value; value = value->next)
		if (value->kind == YAML_TEXT)
			texts[count++] = value->text;
		else
			package_note(settings->notes, settings->path, value->line,
				     "%s%s is a list of texts; what else is in it is ignored",
				     settings->within, list->key ? list->key->text : "");
	return texts;
}

const char *const *settings_words_of(const struct settings *settings, const struct yaml_node *value)
{
	if (value->kind == YAML_MAP) {
		settings_note(settings, value, "must be a list, or words");
		return NULL;
	}
	return value->kind == YAML_LIST ? elements(settings, value) : between_blanks(settings, value->text);
}

const char *const *settings_words(struct settings *settings, const char *key)
{
	const struct yaml_node *value = settings_get(settings, key);

	return value ? settings_words_of(settings, value) : NULL;
}

const char *const *settings_list(struct settings *settings, const char *key)
{
	const struct yaml_node *value = settings_get(settings, key);

	if (value && value->kind == YAML_TEXT)
		return one(settings, value);
	return value ? settings_words_of(settings, value) : NULL;
}
