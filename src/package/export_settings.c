/* Settings of tests and their folders: each is written where it holds for all below, in the highest folder in which all tests
 * have the same, and else with the test itself. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "export.h"

enum { YAML_TEXT_BYTES_MAX = 64 << 10 };

/* ---- settings of folders ---- */

struct buffer *export_folder(struct export *export, const char *folder)
{
	for (size_t i = 0; i < export->folder_count; i++)
		if (strcmp(export->folders[i].name, folder) == 0)
			return &export->folders[i].text;
	if (export->folder_count == export->folder_room) {
		size_t room = export->folder_room ? export->folder_room * 2 : 32;
		struct export_folder *folders = pool_array(export->pool, room, sizeof *folders);

		if (!folders) {
			export->failed = true;
			return NULL;
		}
		if (export->folder_count > 0)
			memcpy(folders, export->folders, export->folder_count * sizeof *folders);
		export->folders = folders;
		export->folder_room = room;
	}
	export->folders[export->folder_count].name = folder;
	return &export->folders[export->folder_count++].text;
}

void export_folders(struct export *export)
{
	const char *name = export->newer ? "test_group.yaml" : "testdata.yaml";

	for (size_t i = 0; i < export->folder_count; i++) {
		struct export_folder *folder = &export->folders[i];

		if (folder->text.size > 0 || folder->text.failed)
			export_add_text(export,
					export_text(export, "data/%s%s%s", folder->name,
						    folder->name[0] ? "/" : "", name),
					&folder->text);
	}
}

/* ---- settings of tests ---- */

/* From HINT on each test's own. */
enum setting { ARGS, VALIDATOR_ARGS, INPUT_ARGS, FEEDBACK, HINT, DESCRIPTION, SETTINGS };

/* Whatever has an .in and settings: a test, a claim. */
struct item {
	const char *name; /* below data/, as it is called there */
	const char *const *args, *const *validator_args, *const *input_args;
	const struct package_named_args *named;
	bool is_test, sample, full_feedback;
	const char *hint, *description;
};

static size_t length_of(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

static bool same_list(const char *const *left, const char *const *right)
{
	size_t count = length_of(left);

	if (left == right || (count == 0 && length_of(right) == 0))
		return true;
	if (count != length_of(right))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(left[i], right[i]) != 0)
			return false;
	return true;
}

static bool same_named(const struct package_named_args *left, const struct package_named_args *right)
{
	if (!left || !right)
		return left == right;
	for (; left->name && right->name; left++, right++)
		if (strcmp(left->name, right->name) != 0 || !same_list(left->args, right->args))
			return false;
	return !left->name && !right->name;
}

static bool same(const struct item *left, const struct item *right, enum setting setting)
{
	switch (setting) {
	case ARGS: return same_list(left->args, right->args);
	case VALIDATOR_ARGS: return same_list(left->validator_args, right->validator_args);
	case INPUT_ARGS:
		return same_list(left->input_args, right->input_args) &&
		       same_named(left->named, right->named);
	case FEEDBACK: return left->full_feedback == right->full_feedback;
	default: return false;
	}
}

/* What is so without saying it. */
static bool is_usual(const struct item *item, enum setting setting)
{
	switch (setting) {
	case ARGS: return length_of(item->args) == 0;
	case VALIDATOR_ARGS: return length_of(item->validator_args) == 0;
	case INPUT_ARGS: return length_of(item->input_args) == 0 && !item->named;
	case FEEDBACK: return item->full_feedback == item->sample;
	case HINT: return !item->hint;
	case DESCRIPTION: return !item->description;
	default: return true;
	}
}

static void put_list(struct buffer *out, const char *key, const char *const *list)
{
	buffer_printf(out, "%s: ", key);
	yaml_put_list(out, list);
	buffer_putc(out, '\n');
}

/* The legacy format has text, which is split at its blanks. */
static void put_flags(struct buffer *out, const char *key, const char *const *list)
{
	cleanup_buffer struct buffer text = { 0 };

	for (size_t i = 0; list[i]; i++) {
		if (list[i][0] == '\0' || strpbrk(list[i], " \t\r\n")) {
			put_list(out, key, list);
			return;
		}
		buffer_printf(&text, "%s%s", i ? " " : "", list[i]);
	}
	out->failed = out->failed || text.failed;
	buffer_printf(out, "%s: ", key);
	yaml_put_text(out, buffer_text(&text));
	buffer_putc(out, '\n');
}

static void put_input_args(const struct export *export, const struct item *item, struct buffer *out)
{
	const char *key = export->newer ? "input_validator_args" : "input_validator_flags";

	if (item->named) {
		buffer_printf(out, "%s:\n", key);
		for (const struct package_named_args *each = item->named; each->name; each++) {
			buffer_puts(out, "  ");
			yaml_put_text(out, each->name);
			buffer_puts(out, ": ");
			yaml_put_list(out, each->args);
			buffer_putc(out, '\n');
		}
	} else if (export->newer) {
		put_list(out, key, item->input_args);
	} else {
		put_flags(out, key, item->input_args);
	}
}

static void put_text(struct buffer *out, const char *key, const char *text)
{
	buffer_printf(out, "%s: ", key);
	yaml_put_text(out, text);
	buffer_putc(out, '\n');
}

static void put(const struct export *export, const struct item *item, enum setting setting,
		struct buffer *out)
{
	switch (setting) {
	case ARGS: put_list(out, "args", item->args); break;
	case VALIDATOR_ARGS:
		if (export->newer)
			put_list(out, "output_validator_args", item->validator_args);
		else
			put_flags(out, "output_validator_flags", item->validator_args);
		break;
	case INPUT_ARGS: put_input_args(export, item, out); break;
	case FEEDBACK:
		buffer_printf(out, "full_feedback: %s\n", item->full_feedback ? "true" : "false");
		break;
	case HINT: put_text(out, "hint", item->hint); break;
	case DESCRIPTION: put_text(out, "description", item->description); break;
	default: break;
	}
}

/* ---- where they are written ---- */

struct writer {
	struct export *export;
	const struct item *items; /* by name */
	bool noted[SETTINGS];
};

static void note_newer(struct writer *writer, enum setting setting, bool of_test)
{
	static const char *const what[SETTINGS] = { [ARGS] = "arguments of programs",
						    [VALIDATOR_ARGS] =
							    "output validator's flags of single tests",
						    [INPUT_ARGS] = "input validator's flags of single tests",
						    [FEEDBACK] = "full_feedback" };
	bool missing = setting == ARGS || setting == FEEDBACK ||
		       (of_test && (setting == VALIDATOR_ARGS || setting == INPUT_ARGS));

	if (writer->export->newer || !missing || writer->noted[setting])
		return;
	writer->noted[setting] = true;
	export_note(writer->export, NULL, 0, "the legacy format has no %s: other judges leave them out",
		    what[setting]);
}

static void write_folder(struct writer *writer, const char *folder, const struct item *item,
			 enum setting setting)
{
	struct buffer *out = export_folder(writer->export, folder);

	note_newer(writer, setting, false);
	if (out)
		put(writer->export, item, setting, out);
}

/* Hints and descriptions have files of their own in the legacy format; and where YAML cannot have them. */
static bool has_file(const struct export *export, const char *text)
{
	return !export->newer || strlen(text) > YAML_TEXT_BYTES_MAX || !utf8_valid(text, strlen(text));
}

static void write_words(struct writer *writer, const struct item *item, enum setting setting,
			struct buffer *out)
{
	const char *text = setting == HINT ? item->hint : item->description;

	if (has_file(writer->export, text))
		export_add(writer->export,
			   export_text(writer->export, "data/%s%s", item->name,
				       setting == HINT ? ".hint" : ".desc"),
			   text, strlen(text), false);
	else
		put(writer->export, item, setting, out);
}

static void write_test(struct writer *writer, const struct item *item, unsigned settled)
{
	struct export *export = writer->export;
	struct buffer out = { 0 };

	for (enum setting setting = 0; setting < SETTINGS; setting++) {
		if ((settled >> setting & 1) || is_usual(item, setting))
			continue;
		if (setting >= HINT) {
			write_words(writer, item, setting, &out);
			continue;
		}
		note_newer(writer, setting, true);
		put(export, item, setting, &out);
	}
	if (out.size > 0 || out.failed)
		export_add_text(export, export_text(export, "data/%s.yaml", item->name), &out);
}

/* Settings that are the same in all of these, which are all that there is in `folder`. */
static unsigned settle(struct writer *writer, const char *folder, size_t first, size_t end, unsigned settled)
{
	for (enum setting setting = 0; setting < HINT; setting++) {
		size_t i = first + 1;

		if (settled >> setting & 1)
			continue;
		while (i < end && same(&writer->items[first], &writer->items[i], setting))
			i++;
		if (i < end)
			continue;
		settled |= 1U << setting;
		if (!is_usual(&writer->items[first], setting))
			write_folder(writer, folder, &writer->items[first], setting);
	}
	return settled;
}

/* Those from `first` on are sorted, so what is in one folder stands together. From 2023-07 on only two levels have files. */
static void write_below(struct writer *writer, const char *folder, size_t first, size_t end, unsigned settled,
			int depth)
{
	size_t size = strlen(folder);

	if (depth > 0 && (!writer->export->newer || depth <= 2))
		settled = settle(writer, folder, first, end, settled);
	for (size_t i = first, next; i < end && !writer->export->failed; i = next) {
		const char *name = writer->items[i].name + (depth > 0 ? size + 1 : 0),
			   *slash = strchr(name, '/');
		size_t prefix = slash ? (size_t)(slash - writer->items[i].name) : 0;

		next = i + 1;
		if (!slash) {
			write_test(writer, &writer->items[i], settled);
			continue;
		}
		while (next < end &&
		       strncmp(writer->items[next].name, writer->items[i].name, prefix + 1) == 0)
			next++;
		const char *inner = export_text(writer->export, "%.*s", (int)prefix, writer->items[i].name);
		if (inner)
			write_below(writer, inner, i, next, settled, depth + 1);
	}
}

/* ---- what tests and claims say ---- */

static const char *const *joined(struct export *export, const char *const *left, const char *const *right)
{
	size_t first = length_of(left), second = length_of(right);
	const char **all;

	if (first == 0 || second == 0)
		return first ? left : right;
	all = pool_array(export->pool, first + second + 1, sizeof *all);
	if (!all) {
		export->failed = true;
		return NULL;
	}
	memcpy(all, left, first * sizeof *all);
	memcpy(all + first, right, second * sizeof *all);
	return all;
}

/* Without the program's own arguments, which are behind them in 2025-09 anyway. */
static const char *const *without(struct export *export, const char *const *list, size_t count)
{
	size_t all = length_of(list);
	const char **cut;

	if (count == 0 || all < count)
		return list;
	cut = pool_array(export->pool, all - count + 1, sizeof *cut);
	if (!cut)
		export->failed = true;
	else if (all > count)
		memcpy(cut, list, (all - count) * sizeof *cut);
	return cut;
}

static const struct package_named_args *named_without(struct export *export,
						      const struct package_named_args *named, size_t count)
{
	struct package_named_args *cut;
	size_t all = 0;

	if (!named || count == 0)
		return named;
	while (named[all].name)
		all++;
	cut = pool_array(export->pool, all + 1, sizeof *cut);
	if (!cut)
		export->failed = true;
	for (size_t i = 0; cut && i < all; i++)
		cut[i] = (struct package_named_args){ named[i].name, without(export, named[i].args, count) };
	return cut;
}

/* How the output is compared where there is no program: what is not the default validator's own is as near as it gets. */
static const char *const *comparison_args(struct export *export)
{
	static const char *const tokens[] = { "case_sensitive", NULL };
	static const char *const exact[] = { "case_sensitive", "space_change_sensitive", NULL };
	const struct package *package = export->package;
	struct compare_rules rules;

	if (package->output_validator || package->validator == VALIDATOR_FLOAT)
		return package->validator_args;
	if (compare_rules_parse(package->validator, package->validator_args, &rules, NULL) < 0)
		return NULL;
	if (package->validator == VALIDATOR_LINES)
		export_note(export, NULL, 0,
			    "outputs are compared line by line%s: the default validator compares tokens",
			    rules.any_order ? ", in any order" : "");
	return package->validator == VALIDATOR_EXACT ? exact : rules.ignore_case ? NULL : tokens;
}

/* Of another validator than the default one also the legacy format's flags are made here. */
static const char *const *problem_args(struct export *export)
{
	const struct package *package = export->package;
	bool flags = !export->newer && (package->output_validator || package->validator == VALIDATOR_FLOAT);

	return flags ? NULL : comparison_args(export);
}

static struct item item_of_test(struct export *export, size_t test, const char *const *of_problem)
{
	const struct package_test *it = &export->package->tests[test];
	bool both = export->newer && export->package->format == PACKAGE_2025_09;
	size_t cut = both ? length_of(it->args) : 0;

	return (struct item){ .name = export->test_names[test],
			      .args = it->args,
			      .validator_args = joined(export, of_problem, it->validator_args),
			      .input_args = without(export, it->input_args, cut),
			      .named = named_without(export, it->named_input_args, cut),
			      .is_test = true,
			      .sample = it->sample,
			      .full_feedback = it->full_feedback,
			      .hint = it->hint,
			      .description = it->description };
}

static struct item item_of_claim(struct export *export, const struct package_claimed *claim,
				 const char *const *of_problem)
{
	return (struct item){ .name = claim->name,
			      .validator_args = joined(export, of_problem, claim->validator_args),
			      .input_args = claim->input_args,
			      .named = claim->named_input_args };
}

static int compare_items(const void *left, const void *right)
{
	const struct item *l = left, *r = right;

	return strcmp(l->name, r->name);
}

void export_settings(struct export *export)
{
	const struct package *package = export->package;
	const char *const *of_problem = problem_args(export);
	size_t count = package->test_count + package->claim_count;
	struct item *items = pool_array(export->pool, count + 1, sizeof *items);
	struct writer writer = { .export = export, .items = items };

	if (!items) {
		export->failed = true;
		return;
	}
	for (size_t i = 0; i < package->test_count; i++)
		items[i] = item_of_test(export, i, of_problem);
	for (size_t i = 0; i < package->claim_count; i++)
		items[package->test_count + i] = item_of_claim(export, &package->claims[i], of_problem);
	if (export->failed || count == 0)
		return;
	qsort(items, count, sizeof *items, compare_items);
	write_below(&writer, "", 0, count, 0, 0);
}
