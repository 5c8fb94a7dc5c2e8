/* From source files to a plan: every file gets its name, every command its words. Pure but for the pool. */
#include <inttypes.h>
#include <string.h>

#include "pack.h"
#include "public_class.h"

enum { COMPONENTS_MAX = 16, COMPONENT_BYTES_MAX = 255, NAME_BYTES_MAX = 1023 };

/* What one run may be given in words: a little below what a box takes (it adds the folder's name and such). */
enum { WORDS_MAX = 1000, WORDS_BYTES_MAX = 60000 };

struct planner {
	const struct pack *pack;
	struct pool *pool;
	struct error *err;
	struct lang_source *files;
	size_t count;
	const char *main_class;
};

static int out_of_memory(struct planner *planner)
{
	return error_set(planner->err, -ENOMEM, "plan a %s program: out of memory",
			 planner->pack->language.name);
}

/* ---- names ---- */

static bool component_ok(const char *component, size_t size)
{
	if (size == 0 || size > COMPONENT_BYTES_MAX || component[0] == '-' || component[0] == '@')
		return false;
	if (component[0] == '.' && (size == 1 || (size == 2 && component[1] == '.')))
		return false;
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)component[i] < 0x20 || component[i] == 0x7f)
			return false;
	return true;
}

bool lang_file_name_ok(const char *name)
{
	if (strlen(name) > NAME_BYTES_MAX)
		return false;
	for (int components = 1; components <= COMPONENTS_MAX; components++) {
		size_t size = strcspn(name, "/");

		if (!component_ok(name, size))
			return false;
		if (!name[size])
			return true;
		name += size + 1;
	}
	return false;
}

bool lang_names_collide(const char *left, const char *right)
{
	size_t left_size = strlen(left), right_size = strlen(right);
	size_t shorter = left_size < right_size ? left_size : right_size;
	const char *longer = left_size < right_size ? right : left;

	return strncmp(left, right, shorter) == 0 && (longer[shorter] == '\0' || longer[shorter] == '/');
}

static bool has_extension(const struct pack *pack, const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && pack->language.extensions[i]; i++)
		if (strcasecmp(dot + 1, pack->language.extensions[i]) == 0)
			return true;
	return false;
}

static const char *last_component(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* Java's rule: a file is called like its public class, whatever it was called before. */
static int name_after_class(struct planner *planner, struct lang_source *file, bool is_main)
{
	struct class_names names;
	const char *stem, *last;
	int folder;

	if (class_names_scan(file->data, file->size, planner->pool, &names) < 0)
		return out_of_memory(planner);
	if (names.main_class && !planner->main_class)
		planner->main_class = names.main_class;
	stem = names.public_class;
	if (!stem && !file->name && is_main && names.main_class)
		stem = strrchr(names.main_class, '.') ? strrchr(names.main_class, '.') + 1 : names.main_class;
	if (!stem)
		return 0;
	last = file->name ? last_component(file->name) : "";
	folder = file->name ? (int)(last - file->name) : 0;
	file->name = pool_printf(planner->pool, "%.*s%s.%s", folder, file->name ? file->name : "", stem,
				 planner->pack->language.extensions[0]);
	return file->name ? 0 : out_of_memory(planner);
}

static int settle_name(struct planner *planner, size_t index)
{
	struct lang_source *file = &planner->files[index];
	const struct language *language = &planner->pack->language;
	bool is_source = !file->name || has_extension(planner->pack, file->name);

	if (!file->name && index > 0)
		return error_set(planner->err, -EINVAL, "file %zu has no name", index + 1);
	if (file->name && !lang_file_name_ok(file->name))
		return error_set(planner->err, -EINVAL, "file %zu: bad file name \"%.100s\"", index + 1,
				 file->name);
	if (language->name_from_public_class && is_source) {
		int code = name_after_class(planner, file, index == 0);
		if (code < 0)
			return code;
	}
	if (!file->name)
		file->name = language->source_name;
	return 0;
}

/* A program may start in any file, but a compiler wants one of its own. */
static int check_sources(struct planner *planner)
{
	const struct language *language = &planner->pack->language;
	bool any = !language->compiled || !language->extensions[0];

	for (size_t i = 0; i < planner->count && !any; i++)
		any = has_extension(planner->pack, planner->files[i].name);
	return any ? 0
		   : error_set(planner->err, -EINVAL, "no file of a %s program ends in .%s", language->name,
			       language->extensions[0]);
}

static int check_collisions(struct planner *planner)
{
	const char *collect = planner->pack->collect;

	for (size_t i = 0; i < planner->count; i++) {
		const char *name = planner->files[i].name;

		if (collect && lang_names_collide(name, collect))
			return error_set(planner->err, -EINVAL,
					 "file name %.100s is taken by the compiled program", name);
		for (size_t j = 0; j < i; j++)
			if (lang_names_collide(name, planner->files[j].name))
				return error_set(planner->err, -EINVAL, "two files are called %.100s", name);
	}
	return 0;
}

static int settle_names(struct planner *planner, const struct lang_source *files, size_t count)
{
	if (count == 0)
		return error_set(planner->err, -EINVAL, "no source file");
	planner->count = count;
	planner->files = pool_array(planner->pool, count, sizeof *files);
	if (!planner->files)
		return out_of_memory(planner);
	for (size_t i = 0; i < count; i++) {
		int code;

		planner->files[i] = files[i];
		code = settle_name(planner, i);
		if (code < 0)
			return code;
	}
	int code = check_sources(planner);
	return code < 0 ? code : check_collisions(planner);
}

/* ---- words ---- */

static const char *stem_of(struct planner *planner, const char *name)
{
	const char *dot = strrchr(last_component(name), '.');

	return dot ? pool_memdup(planner->pool, name, (size_t)(dot - name)) : name;
}

/* The files with one of the language's extensions; headers and data lie beside them. */
static const char *const *source_names(struct planner *planner)
{
	const char **names = pool_array(planner->pool, planner->count + 1, sizeof *names);
	size_t count = 0;

	for (size_t i = 0; names && i < planner->count; i++)
		if (has_extension(planner->pack, planner->files[i].name))
			names[count++] = planner->files[i].name;
	return names;
}

static int fill_words(struct planner *planner, int64_t memory_bytes, struct placeholders *words)
{
	const char *main_name = planner->files[0].name, *stem = stem_of(planner, main_name);
	int64_t memory_mb = memory_bytes >> 20;
	size_t count = 0;
	struct placeholder *items =
		pack_placeholders(planner->pack, PLAN_PLACEHOLDERS, planner->pool, &count);
	const char *values[PLAN_PLACEHOLDERS] = {
		[PLAN_MAIN] = main_name,
		[PLAN_STEM] = stem,
		[PLAN_CLASS] = planner->main_class ? planner->main_class : stem,
		[PLAN_MEMORY_MB] = pool_printf(planner->pool, "%" PRId64, memory_mb),
		[PLAN_HEAP_MB] = pool_printf(planner->pool, "%" PRId64, memory_mb * 3 / 4),
	};

	*words = (struct placeholders){ items, count + PLAN_PLACEHOLDERS, source_names(planner) };
	if (!items || !words->sources)
		return out_of_memory(planner);
	for (size_t i = 0; i < count; i++) { /* {pack} and tools: the box's paths */
		items[i].value = pack_path_in_box(planner->pack, items[i].value, planner->pool);
		if (!items[i].value)
			return out_of_memory(planner);
	}
	for (size_t i = 0; i < PLAN_PLACEHOLDERS; i++) {
		if (!values[i])
			return out_of_memory(planner);
		items[count + i] = (struct placeholder){ plan_placeholder_names[i], values[i] };
	}
	return 0;
}

/* What every program finds, unless its pack says otherwise. */
static const char *const base_environment[] = { "PATH=/usr/bin:/bin", "HOME=/box", "TMPDIR=/tmp",
						"LANG=C.UTF-8", NULL };

static bool sets_variable(const char *const *environment, const char *variable)
{
	size_t name_size = strcspn(variable, "=") + 1;

	for (; *environment; environment++)
		if (strncmp(*environment, variable, name_size) == 0)
			return true;
	return false;
}

static int fill_environment(struct planner *planner, const struct placeholders *words,
			    const char *const **out)
{
	const char *missing[sizeof base_environment / sizeof base_environment[0]];
	size_t count = 0;

	for (size_t i = 0; base_environment[i]; i++)
		if (!sets_variable(planner->pack->environment, base_environment[i]))
			missing[count++] = base_environment[i];
	missing[count] = NULL;
	return placeholder_expand_command(words, planner->pack->environment, missing, planner->pool, out,
					  planner->err);
}

static int check_size(const char *const *argv, const char *const *more, const char *const *environment,
		      struct error *err)
{
	const char *const *const lists[] = { argv, more, environment };
	size_t words = 0, bytes = 0;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		for (const char *const *word = lists[i]; word && *word; word++, words++)
			bytes += strlen(*word) + 1;
	if (words <= WORDS_MAX && bytes <= WORDS_BYTES_MAX)
		return 0;
	return error_set(err, -EINVAL, "too many arguments or source files (%zu of %d, %zu of %d bytes)",
			 words, WORDS_MAX, bytes, WORDS_BYTES_MAX);
}

int lang_plan_check_words(const struct lang_plan *plan, const char *const *more, struct error *err)
{
	return check_size(plan->run_argv, more, plan->environment, err);
}

int lang_plan_start(struct lang_plan *plan, const char *class_name, struct pool *pool)
{
	size_t count = 0, at = 0;

	while (plan->run_argv[count])
		count++;
	while (at < count && strcmp(plan->run_argv[at], plan->entry) != 0)
		at++;
	const char **words = pool_array(pool, count + 1, sizeof *words);
	if (!words)
		return -ENOMEM;
	memcpy(words, plan->run_argv, count * sizeof *words);
	if (at < count)
		words[at] = class_name;
	plan->run_argv = words;
	plan->entry = class_name;
	return 0;
}

/* What {class} stands for, or the main file. NULL: memory is out. */
static const char *entry_of(struct planner *planner)
{
	const char *main_name = planner->files[0].name;

	if (!planner->pack->language.name_from_public_class)
		return main_name;
	return planner->main_class ? planner->main_class : stem_of(planner, main_name);
}

int lang_plan(const struct language *language, const struct lang_source *files, size_t count,
	      const char *const *args, int64_t memory_bytes, int64_t compile_memory_bytes, struct pool *pool,
	      struct lang_plan *plan, struct error *err)
{
	const struct pack *pack = pack_of(language);
	struct planner planner = { .pack = pack, .pool = pool, .err = err };
	struct lang_plan made = { .collect = pack->collect, .unpack = pack->unpack };
	struct placeholders run_words, compile_words;
	int code;

	if (!language->available)
		return error_set(err, -ENOENT, "%s is not available here: %s", language->name,
				 language->unavailable_reason ? language->unavailable_reason
							      : "not looked for yet");
	if ((code = settle_names(&planner, files, count)) < 0 ||
	    (code = fill_words(&planner, memory_bytes, &run_words)) < 0 ||
	    (code = fill_words(&planner, compile_memory_bytes, &compile_words)) < 0 ||
	    (code = placeholder_expand_command(&run_words, pack->run, args, pool, &made.run_argv, err)) < 0 ||
	    (code = fill_environment(&planner, &run_words, &made.environment)) < 0)
		return code;
	if (pack->compile)
		code = placeholder_expand_command(&compile_words, pack->compile, NULL, pool,
						  &made.compile_argv, err);
	if (code == 0 && pack->check && compile_words.sources[0])
		code = placeholder_expand_command(&compile_words, pack->check, NULL, pool, &made.check_argv,
						  err);
	if (code < 0 || (code = check_size(made.compile_argv, NULL, made.environment, err)) < 0 ||
	    (code = check_size(made.check_argv, NULL, made.environment, err)) < 0 ||
	    (code = check_size(made.run_argv, NULL, made.environment, err)) < 0)
		return code;
	made.entry = entry_of(&planner);
	if (!made.entry)
		return out_of_memory(&planner);
	made.files = planner.files;
	made.file_count = planner.count;
	*plan = made;
	return 0;
}
