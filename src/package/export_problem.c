/* problem.yaml, domjudge-problem.ini and .timelimit, and statements. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "export.h"

enum { KB = 1 << 10, MB = 1 << 20, SECOND = 1000000 };

static void put_line(struct buffer *out, const char *key, const char *text)
{
	if (!text)
		return;
	buffer_printf(out, "%s: ", key);
	yaml_put_text(out, text);
	buffer_putc(out, '\n');
}

/* ---- what it is ---- */

static void put_type(struct export *export, struct buffer *out)
{
	const struct package *package = export->package;

	buffer_printf(out, "type: [%s", package->scoring ? "scoring" : "pass-fail");
	buffer_puts(out, package->interactive ? ", interactive" : "");
	buffer_puts(out, package->multi_pass ? ", multi-pass" : "");
	buffer_puts(out, package->submit_answer ? ", submit-answer" : "");
	buffer_puts(out, "]\n");
}

/* Interaction and passes are a matter of the validator there. */
static void put_legacy_type(struct export *export, struct buffer *out)
{
	const struct package *package = export->package;
	bool custom = package->output_validator || package->interactive || package->multi_pass;

	buffer_printf(out, "type: %s%s\n", package->scoring ? "scoring" : "pass-fail",
		      package->submit_answer ? " submit-answer" : "");
	if (package->submit_answer)
		export_note(export, NULL, 0, "the legacy format has no submissions that are answers");
	buffer_printf(out, "validation: %s", custom ? "custom" : "default");
	buffer_puts(out, custom && package->scoring ? " score" : "");
	buffer_puts(out, package->interactive ? " interactive" : "");
	buffer_puts(out, package->multi_pass ? " multi-pass" : "");
	buffer_putc(out, '\n');
}

/* Words between blanks, where that is what they are. */
static bool are_words(const char *const *list)
{
	for (; *list; list++)
		if (**list == '\0' || strpbrk(*list, " \t\r\n"))
			return false;
	return true;
}

static void put_words(struct buffer *out, const char *key, const char *const *list)
{
	cleanup_buffer struct buffer words = { 0 };

	if (!are_words(list)) {
		buffer_printf(out, "%s: ", key);
		yaml_put_list(out, list);
		buffer_putc(out, '\n');
		return;
	}
	for (size_t i = 0; list[i]; i++)
		buffer_printf(&words, "%s%s", i ? " " : "", list[i]);
	out->failed = out->failed || words.failed;
	put_line(out, key, buffer_text(&words));
}

static void put_list(const struct export *export, struct buffer *out, const char *key,
		     const char *const *list)
{
	if (!export->newer && list[0]) {
		put_words(out, key, list);
		return;
	}
	buffer_printf(out, "%s: ", key);
	yaml_put_list(out, list);
	buffer_putc(out, '\n');
}

static void put_names(const struct package *package, struct buffer *out)
{
	const struct package_name *first = package->names;
	bool plain = package->name_count == 1 && (!first->language[0] || strcmp(first->language, "en") == 0);

	if (plain)
		put_line(out, "name", first->text);
	for (size_t i = 0; !plain && i < package->name_count; i++) {
		buffer_puts(out, i == 0 ? "name:\n  " : "  ");
		yaml_put_text(out, package->names[i].language[0] ? package->names[i].language : "en");
		buffer_puts(out, ": ");
		yaml_put_text(out, package->names[i].text);
		buffer_putc(out, '\n');
	}
}

/* One that is always the same for the same problem (RFC 9562, version 8). */
static void make_uuid(const struct package *package, char text[UUID_TEXT_BYTES])
{
	cleanup_buffer struct buffer bytes = { 0 };
	unsigned char digest[SHA256_BYTES];

	buffer_puts(&bytes, package->short_name);
	for (size_t i = 0; i < package->test_count; i++) {
		sha256(package->tests[i].input, package->tests[i].input_size, digest);
		buffer_append(&bytes, digest, sizeof digest);
	}
	sha256(buffer_text(&bytes), bytes.size, digest);
	digest[6] = (unsigned char)((digest[6] & 0x0f) | 0x80);
	digest[8] = (unsigned char)((digest[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < 16; i++)
		text += sprintf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", digest[i]);
}

static void put_uuid(struct export *export, struct buffer *out)
{
	char uuid[UUID_TEXT_BYTES];

	if (export->package->uuid) {
		put_line(out, "uuid", export->package->uuid);
	} else if (export->newer) {
		make_uuid(export->package, uuid);
		buffer_printf(out, "uuid: %s\n", uuid);
		export_note(export, NULL, 0,
			    "2025-09 wants a uuid: one is made of the problem's short name and its inputs");
	}
}

/* ---- who made it ---- */

/* What problem.yaml itself says, of which only a part is read; NULL: nothing, or in another version's words. */
static const struct yaml_node *said(struct export *export, const char *key)
{
	const struct package *package = export->package;
	const struct package_file *file = package_tree_find(package->tree, "problem.yaml");
	struct yaml_node *root = NULL;

	if (!export->newer || package->format != PACKAGE_2025_09 || !file)
		return NULL;
	if (yaml_parse(file->bytes, file->size, file->path, YAML_LENIENT, export->pool, &root, NULL) < 0 ||
	    !root || root->kind != YAML_MAP)
		return NULL;
	return yaml_get(root, key);
}

/* Whether it was written as it is. */
static bool put_said(struct export *export, struct buffer *out, const char *key)
{
	const struct yaml_node *value = said(export, key);

	if (!value || yaml_is_null(value))
		return false;
	buffer_printf(out, "%s: ", key);
	yaml_put_node(out, value);
	buffer_putc(out, '\n');
	return true;
}

static void put_credits(struct export *export, struct buffer *out)
{
	const char *author = export->package->author;

	if (put_said(export, out, "credits"))
		return;
	if (!export->newer) {
		put_line(out, "author", author);
		return;
	}
	for (const char *at = author, *comma; at; at = comma ? comma + 2 : NULL) {
		comma = strstr(at, ", ");
		const char *name =
			export_text(export, "%.*s", comma ? (int)(comma - at) : (int)strlen(at), at);

		buffer_puts(out, at == author ? "credits:\n  authors:\n    - " : "    - ");
		yaml_put_text(out, name ? name : "");
		buffer_putc(out, '\n');
	}
}

static void put_source(struct export *export, struct buffer *out)
{
	const struct package *package = export->package;

	if (put_said(export, out, "source")) {
		put_said(export, out, "source_url");
		return;
	}
	if (!export->newer || !package->source_url) {
		put_line(out, "source", package->source);
		put_line(out, "source_url", package->source_url);
		return;
	}
	buffer_puts(out, "source:\n");
	put_line(out, "  name", package->source);
	put_line(out, "  url", package->source_url);
}

/* ---- limits ---- */

static void put_limit(struct export *export, struct buffer *out, const char *key, int64_t value, int64_t unit,
		      int64_t usual)
{
	int64_t units = (value + unit - 1) / unit;

	if (units == usual && value == usual * unit)
		return;
	if (units * unit != value)
		export_note(export, NULL, 0, "limits.%s is a whole number: it is rounded up to %lld", key,
			    (long long)units);
	buffer_printf(out, "  %s: %lld\n", key, (long long)units);
}

static void put_number(struct buffer *out, const char *key, double value, double usual)
{
	if (value == usual)
		return;
	buffer_printf(out, "%s: ", key);
	yaml_put_number(out, value);
	buffer_putc(out, '\n');
}

static double at_least_one(struct export *export, const char *key, double value)
{
	if (value >= 1)
		return value;
	export_note(export, NULL, 0, "limits.time_multipliers.%s is 1 at least", key);
	return 1;
}

static void put_time(struct export *export, struct buffer *out)
{
	const struct package_time *time = &export->package->time;

	if (!export->newer) {
		put_number(out, "  time_multiplier", time->multiplier, 5);
		put_number(out, "  time_safety_margin", time->safety_margin, 2);
		put_number(out, "  time_resolution", time->resolution_s, 1);
		return;
	}
	if (time->given)
		put_number(out, "  time_limit", time->limit_s, -1);
	put_number(out, "  time_resolution", time->resolution_s, 1);
	double multiplier = at_least_one(export, "ac_to_time_limit", time->multiplier);
	double margin = at_least_one(export, "time_limit_to_tle", time->safety_margin);
	if (multiplier != 2 || margin != 1.5)
		buffer_puts(out, "  time_multipliers:\n");
	put_number(out, "    ac_to_time_limit", multiplier, 2);
	put_number(out, "    time_limit_to_tle", margin, 1.5);
}

static void put_limits(struct export *export, struct buffer *out)
{
	const struct package *package = export->package;
	cleanup_buffer struct buffer limits = { 0 };

	put_time(export, &limits);
	put_limit(export, &limits, "memory", package->limits.memory_bytes, MB, 2048);
	put_limit(export, &limits, "output", package->limits.output_bytes, MB, 8);
	put_limit(export, &limits, "code", package->code_bytes, KB, 128);
	put_limit(export, &limits, "compilation_time", package->compile_limits.cpu_time_us, SECOND, 60);
	put_limit(export, &limits, "compilation_memory", package->compile_limits.memory_bytes, MB, 2048);
	put_limit(export, &limits, "validation_time", package->validation_limits.cpu_time_us, SECOND, 60);
	put_limit(export, &limits, "validation_memory", package->validation_limits.memory_bytes, MB, 2048);
	put_limit(export, &limits, "validation_output", package->validation_limits.output_bytes, MB, 8);
	if (package->multi_pass && package->passes != 2)
		buffer_printf(&limits, "  validation_passes: %d\n", package->passes);
	out->failed = out->failed || limits.failed;
	if (limits.size > 0)
		buffer_printf(out, "limits:\n%s", buffer_text(&limits));
}

/* ---- all of it ---- */

static void put_file_writing(struct export *export, struct buffer *out)
{
	bool allowed = export->package->allow_file_writing;

	if (allowed != !export->newer)
		buffer_printf(out, "allow_file_writing: %s\n", allowed ? "true" : "false");
	if (!allowed && !export->newer)
		export_note(export, NULL, 0,
			    "the legacy format has no allow_file_writing: programs may write files there");
}

/* The format's own name is the version's, too. */
static void put_languages(struct export *export, struct buffer *out)
{
	const char *const *ids = export->package->languages;
	const char **codes;
	size_t count = 0;

	while (ids && ids[count])
		count++;
	codes = ids ? pool_array(export->pool, count + 1, sizeof *codes) : NULL;
	export->failed = export->failed || (ids && !codes);
	for (size_t i = 0; codes && i < count; i++)
		codes[i] = strcmp(ids[i], "python") == 0 ? "python3" : ids[i];
	if (codes)
		put_list(export, out, "languages", codes);
}

/* The default validator's own arguments are each test's from 2023-07 on. */
static void put_flags(struct export *export, struct buffer *out)
{
	const char *const *args = export->package->validator_args;

	if (!export->newer && args && args[0])
		put_words(out, "validator_flags", args);
}

static const char *quoted(struct export *export, const char *key, const char *value)
{
	char quote = strchr(value, '"') ? '\'' : '"';

	if (!strchr(value, quote))
		return export_text(export, "%s = %c%s%c\n", key, quote, value, quote);
	export_note(export, NULL, 0, "%s has both kinds of quotes, which domjudge-problem.ini cannot", key);
	return "";
}

static void put_ini(struct export *export)
{
	const struct package *package = export->package;
	bool time = !export->newer && package->time.given;
	struct buffer ini = { 0 }, seconds = { 0 };

	if (!package->label && !package->color && !time)
		return;
	if (package->label)
		buffer_puts(&ini, quoted(export, "short-name", package->label));
	if (package->color)
		buffer_puts(&ini, quoted(export, "color", package->color));
	if (time) {
		yaml_put_number(&seconds, package->time.limit_s);
		buffer_printf(&ini, "timelimit = %s\n", buffer_text(&seconds));
		buffer_putc(&seconds, '\n');
		export_add_text(export, ".timelimit", &seconds);
	}
	export_add_text(export, "domjudge-problem.ini", &ini);
}

void export_problem(struct export *export)
{
	const struct package *package = export->package;
	struct buffer out = { 0 };

	buffer_printf(&out, "problem_format_version: %s\n", export->newer ? "2025-09" : "legacy");
	put_names(package, &out);
	put_uuid(export, &out);
	put_line(&out, "version", package->version);
	if (export->newer)
		put_type(export, &out);
	else
		put_legacy_type(export, &out);
	put_flags(export, &out);
	put_credits(export, &out);
	put_source(export, &out);
	put_line(&out, "license", package->license);
	put_line(&out, "rights_owner", package->rights_owner);
	if (package->keywords && package->keywords[0])
		put_list(export, &out, "keywords", package->keywords);
	put_languages(export, &out);
	put_said(export, &out, "embargo_until");
	put_file_writing(export, &out);
	put_limits(export, &out);
	export_add_text(export, "problem.yaml", &out);
	put_ini(export);
	if (package->input_file || package->output_file)
		export_note(export, NULL, 0,
			    "programs read and write their standard streams there, not %s and %s",
			    package->input_file ? package->input_file : "standard input",
			    package->output_file ? package->output_file : "standard output");
}

/* ---- statements ---- */

static void put_statement(struct export *export, const struct package_statement *statement,
			  const char *folder)
{
	const struct package_file *file = package_tree_find(export->package->tree, statement->path);

	if (file)
		export_add(export,
			   export_text(export, "%s/problem.%s.%s", folder,
				       statement->language[0] ? statement->language : "en",
				       statement->format),
			   file->bytes, file->size, false);
	if (!export->newer && strcmp(statement->format, "tex") != 0 && strcmp(statement->format, "pdf") != 0)
		export_note(
			export, statement->path, 0,
			"the legacy format has statements in LaTeX and PDF: other judges may not show this");
}

/* Pictures and the like. */
static void put_beside(struct export *export, const char *from, const char *to)
{
	const struct package *package = export->package;
	size_t count, first = package_tree_below(package->tree, from, &count);

	for (size_t i = first; i < first + count; i++) {
		const struct package_file *file = &package->tree->files[i];
		size_t j = 0;

		while (j < package->statement_count && strcmp(package->statements[j].path, file->path) != 0)
			j++;
		if (j == package->statement_count)
			export_add(export, export_text(export, "%s%s", to, file->path + strlen(from)),
				   file->bytes, file->size, file->executable);
	}
}

void export_statements(struct export *export)
{
	const struct package *package = export->package;
	const char *folder = export->newer ? "statement" : "problem_statement";

	for (size_t i = 0; i < package->statement_count; i++)
		put_statement(export, &package->statements[i], folder);
	if (package->format != PACKAGE_POLYGON) {
		put_beside(export, "statement", folder);
		put_beside(export, "problem_statement", folder);
		return;
	}
	for (size_t i = 0; i < package->statement_count; i++) {
		const char *path = package->statements[i].path, *slash = strrchr(path, '/');
		const char *from = slash ? export_text(export, "%.*s", (int)(slash - path), path) : NULL;

		if (from)
			put_beside(export, from, folder);
	}
}
