/* problem.<language>.<format> in statement/ or problem_statement/, or problem.<format> beside problem.yaml. */
#include <ctype.h>
#include <string.h>

#include "kattis.h"

static const char *const formats[] = { "md", "tex", "html", "pdf", "txt" };

static const char *format_of(const char *ending)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i], ending) == 0)
			return formats[i];
	return NULL;
}

/* "en", "fil", "pt-BR" */
static bool is_language(const char *text, size_t size)
{
	size_t letters = 0;

	while (letters < size && islower((unsigned char)text[letters]))
		letters++;
	if (letters < 2 || letters > 3)
		return false;
	return size == letters ||
	       (size == letters + 3 && text[letters] == '-' && isupper((unsigned char)text[letters + 1]) &&
		isupper((unsigned char)text[letters + 2]));
}

/* A file that is called problem.* and so means to be one. */
static void add(struct kattis *kattis, const struct package_file *file, const char *name)
{
	struct package *package = kattis->package;
	const char *rest = name + sizeof "problem." - 1, *dot = strrchr(rest, '.');
	const char *format = format_of(dot ? dot + 1 : rest), *language = "en";

	if (!format)
		return;
	if (dot && !is_language(rest, (size_t)(dot - rest))) {
		package_note(&package->notes, file->path, 0, "%.*s is no language: this statement is ignored",
			     (int)(dot - rest), rest);
		return;
	}
	if (dot)
		language = pool_memdup(kattis->pool, rest, (size_t)(dot - rest));
	if (!language)
		package->notes.failed = true;
	else
		package->statements[package->statement_count++] = (struct package_statement){
			.language = language, .path = file->path, .format = format
		};
}

static void read_folder(struct kattis *kattis, const char *folder)
{
	size_t count = kattis->tree->count, first = 0, prefix = folder ? strlen(folder) + 1 : 0;

	if (folder)
		first = package_tree_below(kattis->tree, folder, &count);
	for (size_t i = first; i < first + count; i++) {
		const struct package_file *file = &kattis->tree->files[i];
		const char *name = file->path + prefix;

		if (strncmp(name, "problem.", sizeof "problem." - 1) == 0 && !strchr(name, '/'))
			add(kattis, file, name);
	}
}

static void check_languages(struct kattis *kattis)
{
	struct package *package = kattis->package;

	if (package->statement_count == 0) {
		package_note(&package->notes, NULL, 0, "there is no statement");
		return;
	}
	for (size_t i = 0; i < package->name_count && package->format == PACKAGE_2025_09; i++) {
		size_t j = 0;

		while (j < package->statement_count &&
		       strcmp(package->statements[j].language, package->names[i].language) != 0)
			j++;
		if (j == package->statement_count && package->names[i].language[0])
			package_note(&package->notes, NULL, 0,
				     "there is a name in %.16s, and no statement in that language",
				     package->names[i].language);
	}
}

/* ---- a name ---- */

/* What is between `opening` and its closing brace, or the line's end when that comes first and there is no brace. */
static const char *between(const struct package_file *file, const char *opening, char closing,
			   struct pool *pool)
{
	const char *at = memmem(file->bytes, file->size, opening, strlen(opening));
	const char *end = file->bytes + file->size, *start;
	int depth = 0;

	if (!at)
		return NULL;
	at += strlen(opening);
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	start = at;
	while (at < end && *at != '\n' && !(*at == closing && depth == 0)) {
		depth += closing == '}' ? (*at == '{') - (*at == '}') : 0;
		at++;
	}
	while (at > start && isspace((unsigned char)at[-1]))
		at--;
	return at > start && !memchr(start, '\0', (size_t)(at - start))
		       ? pool_memdup(pool, start, (size_t)(at - start))
		       : NULL;
}

const char *kattis_name_in_statement(const struct package_file *file, struct pool *pool)
{
	const char *plain = between(file, "%% plainproblemname:", '\n', pool);

	return plain ? plain : between(file, "\\problemname{", '}', pool);
}

/* The legacy format's LaTeX statements say it. */
static void read_names(struct kattis *kattis)
{
	struct package *package = kattis->package;

	package->names = pool_array(kattis->pool, package->statement_count + 1, sizeof *package->names);
	if (!package->names) {
		package->notes.failed = true;
		return;
	}
	for (size_t i = 0; i < package->statement_count; i++) {
		const struct package_statement *statement = &package->statements[i];
		const struct package_file *file = package_tree_find(kattis->tree, statement->path);
		const char *name = strcmp(statement->format, "tex") == 0
					   ? kattis_name_in_statement(file, kattis->pool)
					   : NULL;

		if (name)
			package->names[package->name_count++] =
				(struct package_name){ .language = statement->language, .text = name };
	}
	if (package->name_count == 0) {
		package_note(&package->notes, NULL, 0, "the problem has no name");
		package->names[package->name_count++] =
			(struct package_name){ .language = "", .text = package->short_name };
	}
}

void kattis_statements_read(struct kattis *kattis)
{
	struct package *package = kattis->package;

	package->statements = pool_array(kattis->pool, kattis->tree->count + 1, sizeof *package->statements);
	if (!package->statements) {
		package->notes.failed = true;
		return;
	}
	read_folder(kattis, "statement");
	read_folder(kattis, "problem_statement");
	read_folder(kattis, NULL);
	check_languages(kattis);
	if (package->name_count == 0)
		read_names(kattis);
}
