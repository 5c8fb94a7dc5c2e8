/* The Kattis and ICPC problem package format: problem.yaml, or domjudge-problem.ini instead or beside it.
 *
 * Its versions differ less than their texts: what one of them has a key or a folder for is understood in all, unless
 * another means something else by it. So `kattis_problem.c` and the others ask for the version only where it decides:
 * defaults, groups (kattis_groups.c), what may be constants. */
#include "kattis.h"

#include <string.h>

#include "constants.h"
#include "ini.h"

static const char problem_file[] = "problem.yaml", ini_file[] = "domjudge-problem.ini";

/* A line of YAML is some hundred bytes of memory: each file is bounded, and so are all that may be read. */
static int check_yaml(struct kattis *kattis)
{
	enum { YAML_BYTES_MAX = 8 << 20 };
	static const char ending[] = ".yaml";
	size_t bytes = 0;

	for (size_t i = 0; i < kattis->tree->count; i++) {
		const struct package_file *file = &kattis->tree->files[i];
		size_t size = strlen(file->path);

		if (size >= sizeof ending && strcmp(file->path + size - (sizeof ending - 1), ending) == 0 &&
		    (strncmp(file->path, "data/", 5) == 0 || strncmp(file->path, "submissions/", 12) == 0))
			bytes += file->size;
	}
	return bytes <= YAML_BYTES_MAX ? 0
				       : error_set(kattis->err, -E2BIG,
						   "the .yaml files of its tests and submissions have more "
						   "than %d MiB together",
						   YAML_BYTES_MAX >> 20);
}

static int open_problem(struct kattis *kattis)
{
	const struct package_file *file = package_tree_find(kattis->tree, problem_file);

	kattis->has_problem = file != NULL;
	return settings_open(file, kattis->pool, &kattis->package->notes, &kattis->problem, kattis->err);
}

static int replace_constants(struct kattis *kattis)
{
	const struct package_tree *tree = kattis->tree;
	int code = 0;

	if (kattis->package->format == PACKAGE_2025_09)
		code = constants_replace(&kattis->problem, tree, &tree, kattis->err);
	kattis->tree = tree;
	kattis->package->tree = tree;
	return code;
}

/* ---- domjudge-problem.ini and .timelimit ---- */

static bool set_time(struct kattis *kattis, const char *path, int line, const char *text, const char *from)
{
	struct package_time *time = &kattis->package->time;
	double seconds;

	if (!settings_parse_number(text, false, &seconds) || seconds < 0.001 || seconds > 3600) {
		package_note(&kattis->package->notes, path, line,
			     "%.32s is no time limit: from 0.001 to 3600 seconds", text);
		return false;
	}
	if (time->given && time->limit_s != seconds)
		package_note(&kattis->package->notes, path, line,
			     "the time limit of %s counts, not the %g s here", time->from, seconds);
	if (!time->given)
		*time = (struct package_time){ .given = true,
					       .limit_s = seconds,
					       .from = from,
					       .multiplier = time->multiplier,
					       .safety_margin = time->safety_margin,
					       .resolution_s = time->resolution_s };
	return true;
}

/* Scripts of the other system are no part of a package; what its usual ones do is done anyway. */
static void note_special(struct kattis *kattis, const struct ini *ini)
{
	static const char *const keys[] = { "special_run", "special_compare" };
	static const char *const usual[] = { "", "run", "compare" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct ini_entry *entry = ini_find(ini, keys[i]);
		size_t j = 0;

		while (entry && j < sizeof usual / sizeof usual[0] && strcmp(entry->value, usual[j]) != 0)
			j++;
		if (entry && j == sizeof usual / sizeof usual[0])
			package_note(&kattis->package->notes, ini_file, entry->line,
				     "%s: the program %.64s is not in the package", keys[i], entry->value);
	}
}

static void note_unknown(struct kattis *kattis, const struct ini *ini)
{
	static const char *const known[] = { "name",       "timelimit",    "special_run", "special_compare",
					     "externalid", "allow_submit", "allow_judge", "points",
					     "color",      "short-name",   "probid" };

	for (size_t i = 0; i < ini->count; i++) {
		size_t j = 0;

		while (j < sizeof known / sizeof known[0] && strcmp(known[j], ini->entries[i].key) != 0)
			j++;
		if (j == sizeof known / sizeof known[0])
			package_note(&kattis->package->notes, ini_file, ini->entries[i].line,
				     "the key %.64s is not known here", ini->entries[i].key);
	}
}

static const char *text_of(const struct ini *ini, const char *key)
{
	const struct ini_entry *entry = ini_find(ini, key);

	return entry && entry->value[0] ? entry->value : NULL;
}

static void set_names(struct package *package, const struct ini *ini)
{
	const char *id = text_of(ini, "externalid"), *name = text_of(ini, "name");

	package->label = text_of(ini, "short-name");
	package->color = text_of(ini, "color");
	if (!id)
		id = text_of(ini, "probid");
	if (id)
		package->short_name = id;
	/* A contest's own name for it says more than none at all. */
	if (package->short_name[0] == '\0' && package->label)
		package->short_name = package->label;
	if (name && package->name_count == 0) {
		package->names = pool_array(package->notes.pool, 1, sizeof *package->names);
		if (!package->names) {
			package->notes.failed = true;
			return;
		}
		package->names[package->name_count++] = (struct package_name){ .language = "", .text = name };
	}
}

static int read_ini(struct kattis *kattis)
{
	const struct package_file *file = package_tree_find(kattis->tree, ini_file);
	struct ini ini = { 0 };
	int code = file ? ini_parse(file, kattis->pool, &kattis->package->notes, &ini, kattis->err) : 0;

	if (code < 0)
		return code;
	const struct ini_entry *time = ini_find(&ini, "timelimit");
	if (time)
		set_time(kattis, ini_file, time->line, time->value, ini_file);
	set_names(kattis->package, &ini);
	note_special(kattis, &ini);
	note_unknown(kattis, &ini);
	return 0;
}

static void read_time_file(struct kattis *kattis)
{
	static const char path[] = ".timelimit", blanks[] = " \t\r\n";
	const struct package_file *file = package_tree_find(kattis->tree, path);
	char text[32];

	if (!file)
		return;
	const char *start = file->bytes + strspn(file->bytes, blanks);
	size_t size = strcspn(start, blanks);
	const char *rest = start + size + strspn(start + size, blanks);
	if (size >= sizeof text || rest != file->bytes + file->size) {
		package_note(&kattis->package->notes, path, 0, "this is not one number of seconds");
		return;
	}
	memcpy(text, start, size);
	text[size] = '\0';
	set_time(kattis, path, 0, text, path);
}

/* ---- programs ---- */

/* The one program beneath the first of the folders that is there; *program stays NULL without one. */
static int read_one(struct kattis *kattis, const char *const *folders, struct package_program **program)
{
	struct package_program *programs = NULL;
	size_t count = 0;
	int code = 0;

	for (; *folders && count == 0 && code == 0; folders++)
		if (package_tree_has_folder(kattis->tree, *folders))
			code = programs_read(kattis->tree, kattis->catalogue, *folders, true, kattis->pool,
					     &kattis->package->notes, &programs, &count, kattis->err);
	if (code == 0 && count > 0)
		*program = programs;
	return code;
}

static int read_output_validator(struct kattis *kattis)
{
	static const char *const folders[] = { "output_validator", "output_validators", NULL };
	struct package *package = kattis->package;
	struct package_program *program = NULL;
	bool needed = kattis->validation == VALIDATION_CUSTOM || package->interactive || package->multi_pass;
	int code = read_one(kattis, folders, &program);

	if (code < 0)
		return code;
	if (program && !needed && kattis->validation == VALIDATION_DEFAULT)
		package_note(&package->notes, program->path, 0,
			     "problem.yaml says 'validation: default': this program is not asked");
	else if (!program && needed)
		package_note(&package->notes, NULL, 0, "there is no output validator in %s%s", folders[0],
			     package->interactive || package->multi_pass
				     ? ""
				     : ": outputs are compared with the answers");
	else
		package->output_validator = program;
	return 0;
}

static int read_input_validators(struct kattis *kattis)
{
	static const char *const folders[] = { "input_validators", "input_format_validators",
					       "input_validator" };
	struct package *package = kattis->package;
	int code = 0;

	for (size_t i = 0; i < sizeof folders / sizeof folders[0] && code == 0; i++) {
		struct package_program *programs = NULL, *all;
		size_t count = 0, old = package->input_validator_count;

		if (!package_tree_has_folder(kattis->tree, folders[i]))
			continue;
		code = programs_read(kattis->tree, kattis->catalogue, folders[i], false, kattis->pool,
				     &package->notes, &programs, &count, kattis->err);
		if (code < 0 || count == 0)
			continue;
		all = pool_array(kattis->pool, old + count, sizeof *all);
		if (!all)
			return error_set(kattis->err, -ENOMEM, "out of memory");
		if (old > 0)
			memcpy(all, package->input_validators, old * sizeof *all);
		memcpy(all + old, programs, count * sizeof *all);
		package->input_validators = all;
		package->input_validator_count = old + count;
	}
	if (code == 0 && package->input_validator_count == 0)
		package_note(&package->notes, NULL, 0, "there is no input validator");
	return code;
}

static int read_programs(struct kattis *kattis)
{
	static const char *const statics[] = { "static_validator", NULL };
	int code = read_output_validator(kattis);

	if (code == 0)
		code = read_input_validators(kattis);
	if (code == 0)
		code = read_one(kattis, statics, &kattis->package->static_validator);
	if (package_tree_has_folder(kattis->tree, "graders"))
		package_note(&kattis->package->notes, "graders", 0,
			     "programs that grade are not run: the default grader is");
	return code;
}

/* include/LANGUAGE/file; LANGUAGE is the catalogue's, or "default" */
static int read_includes(struct kattis *kattis)
{
	static const char folder[] = "include";
	struct package *package = kattis->package;
	size_t count, first = package_tree_below(kattis->tree, folder, &count);

	package->includes = pool_array(kattis->pool, count + 1, sizeof *package->includes);
	if (!package->includes)
		return error_set(kattis->err, -ENOMEM, "out of memory");
	for (const struct package_file *file = &kattis->tree->files[first], *end = file + count; file < end;
	     file++) {
		const char *name = file->path + sizeof folder, *slash = strchr(name, '/');
		char code[64];

		if (!slash || (size_t)(slash - name) >= sizeof code) {
			package_note(&package->notes, file->path, 0,
				     "included files are in a folder of their language: this is ignored");
			continue;
		}
		memcpy(code, name, (size_t)(slash - name));
		code[slash - name] = '\0';
		const struct language *language = catalogue_find(kattis->catalogue, code);
		if (!language && strcmp(code, "default") != 0) {
			package_note(&package->notes, file->path, 0, "the language %s is not known here",
				     code);
			continue;
		}
		const char *whole = pool_printf(kattis->pool, "%s%s", language ? language->id : code, slash);
		if (!whole)
			return error_set(kattis->err, -ENOMEM, "out of memory");
		package->includes[package->include_count++] =
			(struct task_file){ .name = whole, .data = file->bytes, .size = file->size };
	}
	return 0;
}

/* ---- all of it ---- */

/* What is not in problem.yaml itself, and needs what it says. */
static int read_rest(struct kattis *kattis)
{
	struct package *package = kattis->package;
	int code = read_ini(kattis);

	if (code < 0)
		return code;
	read_time_file(kattis);
	kattis_statements_read(kattis);
	code = read_programs(kattis);
	if (code == 0)
		code = read_includes(kattis);
	if (code == 0)
		code = kattis_data_read(kattis->tree, kattis->pool, package, kattis->err);
	if (code == 0)
		code = kattis_submissions_read(kattis->tree, kattis->catalogue, kattis->pool, package,
					       kattis->err);
	return code;
}

int kattis_read(const struct package_tree *tree, const struct catalogue *catalogue, struct pool *pool,
		struct package *ret_package, struct error *err)
{
	struct package package = { .tree = tree,
				   .short_name = tree->name,
				   .validator = VALIDATOR_FLOAT,
				   .convention = CONVENTION_ICPC,
				   .input_validator_right = 42,
				   .notes = { .pool = pool } };
	struct kattis kattis = {
		.tree = tree, .catalogue = catalogue, .pool = pool, .package = &package, .err = err
	};
	int code = check_yaml(&kattis);

	if (code == 0)
		code = open_problem(&kattis);
	if (code < 0)
		return code;
	if (!kattis.has_problem && !package_tree_find(tree, ini_file))
		return error_set(err, -EINVAL, "there is no problem.yaml in it, no %s and no problem.xml",
				 ini_file);
	kattis_problem_read(&kattis);
	kattis_credits_read(&kattis);
	kattis_names_read(&kattis);
	code = replace_constants(&kattis);
	if (kattis.has_problem)
		settings_close(&kattis.problem);
	if (code == 0)
		code = read_rest(&kattis);
	if (code == 0 && package.notes.failed)
		code = error_set(err, -ENOMEM, "out of memory");
	if (code == 0)
		*ret_package = package;
	return code;
}

const char *const *package_input_args(const struct package *package, size_t validator,
				      const char *const *input_args,
				      const struct package_named_args *named_input_args)
{
	const char *path = package->input_validators[validator].path, *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	size_t stem = dot && dot > name ? (size_t)(dot - name) : strlen(name);

	for (; named_input_args && named_input_args->name; named_input_args++)
		if (strcmp(named_input_args->name, name) == 0 ||
		    (strlen(named_input_args->name) == stem &&
		     strncmp(named_input_args->name, name, stem) == 0))
			return named_input_args->args;
	return input_args;
}
