/* Settings of tests, which folders of them have as well: arguments, mostly. */
#include "kattis_groups.h"

static void out_of_memory(const struct settings *settings)
{
	settings->notes->failed = true;
}

/* {name: ..., flags: ...}, or a validator's name with its arguments, any number of them. */
static const struct package_named_args *named_args(const struct settings *settings,
						   const struct yaml_node *map)
{
	const struct yaml_node *name = yaml_get(map, "name"), *flags = yaml_get(map, "flags");
	struct package_named_args *list = pool_array(settings->pool, map->count + 1, sizeof *list);
	size_t count = 0;

	if (!list) {
		out_of_memory(settings);
		return NULL;
	}
	if (name && flags && name->kind == YAML_TEXT) {
		list[0] = (struct package_named_args){ name->text, settings_words_of(settings, flags) };
		return list;
	}
	for (const struct yaml_node *value = map->first; value; value = value->next)
		list[count++] =
			(struct package_named_args){ value->key->text, settings_words_of(settings, value) };
	return list;
}

static void read_input_args(struct settings *settings, const char *key, struct test_settings *own)
{
	static const char *const none[] = { NULL };
	const struct yaml_node *value = settings_get(settings, key);

	if (!value)
		return;
	own->input_args = value->kind == YAML_MAP ? none : settings_words_of(settings, value);
	own->named_input_args = value->kind == YAML_MAP ? named_args(settings, value) : NULL;
}

/* Of a map with the validator's name only the flags matter: there is one. */
static void read_output_args(struct settings *settings, const char *key, struct test_settings *own)
{
	const struct yaml_node *value = settings_get(settings, key);

	if (value && value->kind == YAML_MAP)
		value = yaml_get(value, "flags");
	if (value)
		own->validator_args = settings_words_of(settings, value);
}

void test_settings_read(struct settings *settings, struct test_settings *own)
{
	own->args = settings_words(settings, "args");
	read_input_args(settings, "input_validator_flags", own);
	read_input_args(settings, "input_validator_args", own);
	read_output_args(settings, "output_validator_flags", own);
	read_output_args(settings, "output_validator_args", own);
	own->has_feedback = settings_bool(settings, "full_feedback", &own->full_feedback);
	own->hint = settings_text(settings, "hint");
	own->description = settings_text(settings, "description");
	/* For drawing, which nobody does here. */
	(void)settings_get(settings, "input_visualizer_args");
	(void)settings_get(settings, "output_visualizer_args");
}

struct test_settings test_settings_over(const struct test_settings *inherited,
					const struct test_settings *own)
{
	struct test_settings both = *inherited;

	if (own->args)
		both.args = own->args;
	if (own->validator_args)
		both.validator_args = own->validator_args;
	if (own->input_args) {
		both.input_args = own->input_args;
		both.named_input_args = own->named_input_args;
	}
	if (own->has_feedback) {
		both.has_feedback = true;
		both.full_feedback = own->full_feedback;
	}
	both.hint = own->hint ? own->hint : inherited->hint;
	both.description = own->description ? own->description : inherited->description;
	return both;
}
