/* A package of Polygon: problem.xml, and the files that it names.
 *
 * What only Polygon's own tools need (binaries, generators, scripts, tutorials, stress tests) is nobody's here: a full
 * package has its tests made, and one whose tests are missing is told how to make them. For limits of compilers and
 * validators the format has no words: they are as in the other format without a word of them. */
#include "polygon.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kattis.h"

const char polygon_file[] = "problem.xml";

/* ---- for all parts ---- */

void polygon_note(const struct polygon *polygon, const struct xml_node *node, const char *format, ...)
{
	char text[ERROR_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	package_note(&polygon->package->notes, polygon_file, node ? node->line : 0, "%s", text);
}

int polygon_out_of_memory(const struct polygon *polygon)
{
	return error_set(polygon->err, -ENOMEM, "out of memory");
}

bool polygon_number(const struct polygon *polygon, const struct xml_node *node, const char *what,
		    const char *text, double least, double most, double *number)
{
	double read;

	if (!text || !*text)
		return false;
	if (!settings_parse_number(text, false, &read) || read < least || read > most) {
		polygon_note(polygon, node, "%s is '%.32s', and not from %.12g to %.12g: it is ignored", what,
			     text, least, most);
		return false;
	}
	*number = read;
	return true;
}

/* ---- words ---- */

static const char *text_or(const char *text, const char *other)
{
	return text && *text ? text : other;
}

/* Polygon has languages by their English names; what is not here stays as it is. */
static const char *language_code(const char *name)
{
	static const struct {
		const char *name, *code;
	} languages[] = {
		{ "arabic", "ar" },     { "armenian", "hy" },  { "azerbaijani", "az" },
		{ "bulgarian", "bg" },  { "chinese", "zh" },   { "croatian", "hr" },
		{ "czech", "cs" },      { "dutch", "nl" },     { "english", "en" },
		{ "estonian", "et" },   { "finnish", "fi" },   { "french", "fr" },
		{ "georgian", "ka" },   { "german", "de" },    { "greek", "el" },
		{ "hebrew", "he" },     { "hungarian", "hu" }, { "indonesian", "id" },
		{ "italian", "it" },    { "japanese", "ja" },  { "kazakh", "kk" },
		{ "korean", "ko" },     { "latvian", "lv" },   { "lithuanian", "lt" },
		{ "mongolian", "mn" },  { "persian", "fa" },   { "polish", "pl" },
		{ "portuguese", "pt" }, { "romanian", "ro" },  { "russian", "ru" },
		{ "serbian", "sr" },    { "slovak", "sk" },    { "slovene", "sl" },
		{ "spanish", "es" },    { "swedish", "sv" },   { "turkish", "tr" },
		{ "turkmen", "tk" },    { "ukrainian", "uk" }, { "uzbek", "uz" },
		{ "vietnamese", "vi" },
	};

	for (size_t i = 0; name && i < sizeof languages / sizeof languages[0]; i++)
		if (strcmp(languages[i].name, name) == 0)
			return languages[i].code;
	return name ? name : "";
}

static size_t count_of(const struct xml_node *node)
{
	size_t count = 0;

	for (; node; node = xml_next(node))
		count++;
	return count;
}

/* A problem has a name, if only its short one. */
static int read_names(struct polygon *polygon)
{
	struct package *package = polygon->package;
	const struct xml_node *name = xml_child(xml_child(polygon->problem, "names"), "name");

	package->short_name = text_or(xml_attribute(polygon->problem, "short-name"), package->short_name);
	package->version = text_or(xml_attribute(polygon->problem, "revision"), NULL);
	package->names = pool_array(polygon->pool, count_of(name) + 1, sizeof *package->names);
	if (!package->names)
		return polygon_out_of_memory(polygon);
	for (; name; name = xml_next(name))
		if (*text_or(xml_attribute(name, "value"), ""))
			package->names[package->name_count++] =
				(struct package_name){ language_code(xml_attribute(name, "language")),
						       xml_attribute(name, "value") };
	if (package->name_count == 0)
		package->names[package->name_count++] = (struct package_name){ "", package->short_name };
	return 0;
}

static const char *statement_format(const char *type)
{
	static const struct {
		const char *type, *format;
	} formats[] = {
		{ "application/x-tex", "tex" },
		{ "text/html", "html" },
		{ "application/pdf", "pdf" },
	};

	for (size_t i = 0; type && i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].type, type) == 0)
			return formats[i].format;
	return NULL;
}

static int read_statements(struct polygon *polygon)
{
	struct package *package = polygon->package;
	const struct xml_node *statement = xml_child(xml_child(polygon->problem, "statements"), "statement");

	package->statements = pool_array(polygon->pool, count_of(statement) + 1, sizeof *package->statements);
	if (!package->statements)
		return polygon_out_of_memory(polygon);
	for (; statement; statement = xml_next(statement)) {
		const char *path = text_or(xml_attribute(statement, "path"), "");
		const char *format = statement_format(xml_attribute(statement, "type"));
		const struct package_file *file = package_tree_find(polygon->tree, path);

		if (!format)
			polygon_note(polygon, statement, "a statement of the type '%.60s' is ignored",
				     text_or(xml_attribute(statement, "type"), ""));
		else if (!file)
			polygon_note(polygon, statement, "the statement '%.200s' is not there", path);
		else
			package->statements[package->statement_count++] = (struct package_statement){
				language_code(xml_attribute(statement, "language")), file->path, format
			};
	}
	if (package->statement_count == 0)
		package_note(&package->notes, NULL, 0, "there is no statement");
	return 0;
}

static int read_keywords(struct polygon *polygon)
{
	const struct xml_node *tag = xml_child(xml_child(polygon->problem, "tags"), "tag");
	const char **words = pool_array(polygon->pool, count_of(tag) + 1, sizeof *words);
	size_t count = 0;

	if (!words)
		return polygon_out_of_memory(polygon);
	for (; tag; tag = xml_next(tag))
		if (*text_or(xml_attribute(tag, "value"), ""))
			words[count++] = xml_attribute(tag, "value");
	polygon->package->keywords = words;
	return 0;
}

static void read_properties(struct polygon *polygon)
{
	struct package *package = polygon->package;
	const struct {
		const char *name, **text;
	} words[] = {
		{ "license", &package->license },
		{ "author", &package->author },
		{ "source", &package->source },
	};
	const struct xml_node *property = xml_child(xml_child(polygon->problem, "properties"), "property");

	for (; property; property = xml_next(property))
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (strcmp(text_or(xml_attribute(property, "name"), ""), words[i].name) == 0)
				*words[i].text = text_or(xml_attribute(property, "value"), NULL);
}

static int read_words(struct polygon *polygon)
{
	int code = read_names(polygon);

	if (code == 0)
		code = read_statements(polygon);
	if (code == 0)
		code = read_keywords(polygon);
	read_properties(polygon);
	return code;
}

/* ---- how it is judged ---- */

static const char *file_of(const struct polygon *polygon, const struct xml_node *judging,
			   const char *attribute)
{
	const char *name = text_or(xml_attribute(judging, attribute), NULL);

	if (!name || (lang_file_name_ok(name) && !strchr(name, '/')))
		return name;
	polygon_note(polygon, judging, "%s: '%.60s' may be no file's name: it is ignored", attribute, name);
	return NULL;
}

/* A second run gets what the interactor made of the first one: that is a protocol of their own. */
static void read_judging(struct polygon *polygon)
{
	const struct xml_node *judging = xml_child(polygon->problem, "judging");
	double runs = 1;

	polygon->package->input_file = file_of(polygon, judging, "input-file");
	polygon->package->output_file = file_of(polygon, judging, "output-file");
	polygon_number(polygon, judging, "run-count", xml_attribute(judging, "run-count"), 1, 100, &runs);
	if (runs > 1)
		polygon_note(polygon, judging, "run-count is %.0f: a program is run once a test here", runs);
}

/* What the format has no words for: as the other one without any. */
static void set_usual(struct polygon *polygon)
{
	struct package *package = polygon->package;
	struct kattis nothing = { .tree = polygon->tree,
				  .catalogue = polygon->catalogue,
				  .pool = polygon->pool,
				  .package = package,
				  .problem = { .path = polygon_file,
					       .within = "",
					       .pool = polygon->pool,
					       .notes = &package->notes },
				  .err = polygon->err };

	kattis_problem_read(&nothing);
	package->format = PACKAGE_POLYGON;
}

/* ---- all of it ---- */

static int open_problem(struct polygon *polygon)
{
	const struct package_file *file = package_tree_find(polygon->tree, polygon_file);
	int code;

	if (!file)
		return error_set(polygon->err, -EINVAL, "there is no %s", polygon_file);
	code = xml_parse(file->bytes, file->size, polygon->pool, &polygon->problem, polygon->err);
	if (code < 0)
		return error_wrap(polygon->err, "%s", polygon_file);
	if (strcmp(polygon->problem->name, "problem") == 0)
		return 0;
	return error_set(polygon->err, -EINVAL, "%s: it is about a <%.60s>, not a <problem>", polygon_file,
			 polygon->problem->name);
}

int polygon_read(const struct package_tree *tree, const struct catalogue *catalogue, struct pool *pool,
		 struct package *ret_package, struct error *err)
{
	struct package package = { .tree = tree,
				   .short_name = tree->name,
				   .validator = VALIDATOR_FLOAT,
				   .convention = CONVENTION_TESTLIB,
				   .notes = { .pool = pool } };
	struct polygon polygon = {
		.tree = tree, .catalogue = catalogue, .pool = pool, .package = &package, .err = err
	};
	int code = open_problem(&polygon);

	if (code < 0)
		return code;
	set_usual(&polygon);
	read_judging(&polygon);
	code = read_words(&polygon);
	if (code == 0)
		code = polygon_tests_read(&polygon);
	if (code == 0)
		code = polygon_programs_read(&polygon);
	if (code == 0)
		code = polygon_solutions_read(&polygon);
	if (code == 0 && package.notes.failed)
		code = polygon_out_of_memory(&polygon);
	if (code == 0)
		*ret_package = package;
	return code;
}
