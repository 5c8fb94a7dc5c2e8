/* problem.yaml: what people read. */
#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "kattis.h"

/* ---- who ---- */

/* "Full Name <mail>", or a map with the name: the name alone. */
static void put_person(struct buffer *out, const struct yaml_node *person)
{
	const struct yaml_node *name = person->kind == YAML_MAP ? yaml_get(person, "name") : person;
	const char *text = name && name->kind == YAML_TEXT ? name->text : "";
	const char *mail = strchr(text, '<');
	size_t size = mail ? (size_t)(mail - text) : strlen(text);

	while (size > 0 && text[size - 1] == ' ')
		size--;
	if (size == 0)
		return;
	if (out->size > 0)
		buffer_puts(out, ", ");
	buffer_append(out, text, size);
}

static const char *persons(struct kattis *kattis, const struct yaml_node *value)
{
	cleanup_buffer struct buffer out = { 0 };

	if (value->kind != YAML_LIST)
		put_person(&out, value);
	for (const struct yaml_node *one = value->kind == YAML_LIST ? value->first : NULL; one;
	     one = one->next)
		put_person(&out, one);
	const char *text = pool_strdup(kattis->pool, buffer_text(&out));
	if (!text || out.failed)
		kattis->package->notes.failed = true;
	return text && *text ? text : NULL;
}

static void read_author(struct kattis *kattis)
{
	static const char *const others[] = { "contributors", "testers", "translators", "packagers",
					      "acknowledgements" };
	const struct yaml_node *credits = settings_get(&kattis->problem, "credits");
	struct settings inner;

	kattis->package->author = settings_text(&kattis->problem, "author");
	if (!credits)
		return;
	if (credits->kind != YAML_MAP) {
		kattis->package->author = persons(kattis, credits);
		return;
	}
	settings_within(&kattis->problem, "credits", &inner);
	const struct yaml_node *authors = settings_get(&inner, "authors");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		(void)settings_get(&inner, others[i]);
	settings_close(&inner);
	if (authors)
		kattis->package->author = persons(kattis, authors);
}

/* One source, or a list of them: their names, and the first address. */
static void put_source(struct kattis *kattis, struct buffer *out, const struct yaml_node *source)
{
	const struct yaml_node *name = source, *url = NULL;

	if (source->kind == YAML_MAP) {
		name = yaml_get(source, "name");
		url = yaml_get(source, "url");
	}
	if (url && url->kind == YAML_TEXT && !kattis->package->source_url)
		kattis->package->source_url = url->text;
	if (name && name->kind == YAML_TEXT)
		buffer_printf(out, "%s%s", out->size > 0 ? "; " : "", name->text);
}

static void read_source(struct kattis *kattis)
{
	const struct yaml_node *source = settings_get(&kattis->problem, "source");
	cleanup_buffer struct buffer out = { 0 };

	kattis->package->source_url = settings_text(&kattis->problem, "source_url");
	if (source && source->kind != YAML_LIST)
		put_source(kattis, &out, source);
	for (const struct yaml_node *one = source && source->kind == YAML_LIST ? source->first : NULL; one;
	     one = one->next)
		put_source(kattis, &out, one);
	if (out.size > 0)
		kattis->package->source = pool_strdup(kattis->pool, buffer_text(&out));
	if (out.failed || (out.size > 0 && !kattis->package->source))
		kattis->package->notes.failed = true;
}

/* ---- what may be done with it ---- */

static void read_license(struct kattis *kattis)
{
	static const char *const known[] = { "unknown",  "public domain", "cc0",       "cc by",
					     "cc by-sa", "educational",   "permission" };
	struct package *package = kattis->package;
	const struct yaml_node *value = settings_get(&kattis->problem, "license");
	size_t i = 0;

	package->license = settings_text(&kattis->problem, "license");
	package->rights_owner = settings_text(&kattis->problem, "rights_owner");
	while (package->license && i < sizeof known / sizeof known[0] &&
	       strcmp(known[i], package->license) != 0)
		i++;
	if (i == sizeof known / sizeof known[0])
		settings_note(&kattis->problem, value, "is none of the format's licenses");
	bool is_public = package->license && strcmp(package->license, "public domain") == 0;
	bool is_known = package->license && strcmp(package->license, "unknown") != 0;
	if (is_public && package->rights_owner)
		settings_note(&kattis->problem, value, "is public domain, which nobody owns");
	if (is_known && !is_public && !package->rights_owner)
		package->rights_owner = package->author ? package->author : package->source;
	if (is_known && !is_public && !package->rights_owner)
		settings_note(&kattis->problem, value, "needs a rights_owner");
}

static void read_uuid(struct kattis *kattis)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	const struct yaml_node *value = settings_get(&kattis->problem, "uuid");
	const char *uuid = settings_text(&kattis->problem, "uuid");
	size_t i = 0;

	while (uuid && uuid[i] &&
	       (form[i] == 'x' ? isxdigit((unsigned char)uuid[i]) != 0 : uuid[i] == form[i]))
		i++;
	if (uuid && (uuid[i] || form[i]))
		settings_note(&kattis->problem, value, "is no UUID; it is ignored");
	else
		kattis->package->uuid = uuid;
}

void kattis_credits_read(struct kattis *kattis)
{
	read_author(kattis);
	read_source(kattis);
	read_license(kattis);
	read_uuid(kattis);
}

/* ---- names ---- */

static void add_name(struct kattis *kattis, const char *language, const struct yaml_node *value)
{
	struct package *package = kattis->package;

	if (value->kind == YAML_TEXT)
		package->names[package->name_count++] =
			(struct package_name){ .language = language, .text = value->text };
	else
		settings_note(&kattis->problem, value, "is no name: it must be text");
}

void kattis_names_read(struct kattis *kattis)
{
	struct package *package = kattis->package;
	const struct yaml_node *name = settings_get(&kattis->problem, "name");

	if (!name)
		return;
	package->names = pool_array(kattis->pool, name->count + 1, sizeof *package->names);
	if (!package->names) {
		package->notes.failed = true;
		return;
	}
	if (name->kind != YAML_MAP)
		add_name(kattis, package->format == PACKAGE_2025_09 ? "en" : "", name);
	for (const struct yaml_node *one = name->kind == YAML_MAP ? name->first : NULL; one; one = one->next)
		add_name(kattis, one->key->text, one);
}
