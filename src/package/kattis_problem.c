/* problem.yaml: version, types, validation, limits, time. */
#include <string.h>

#include "kattis.h"

enum { KB = 1 << 10, MB = 1 << 20 };

/* ---- which version ---- */

/* Drafts of a version are read as the version that came of them; one that is newer than this as the newest. */
static enum package_format format_of(const struct settings *problem, const char *version)
{
	static const struct {
		const char *name;
		enum package_format format;
	} known[] = {
		{ "legacy", PACKAGE_LEGACY },         { "legacy-icpc", PACKAGE_LEGACY_ICPC },
		{ "icpc", PACKAGE_LEGACY_ICPC },      { "2023-07-draft", PACKAGE_2025_09 },
		{ "2023-07", PACKAGE_2025_09 },       { "draft", PACKAGE_2025_09 },
		{ "2025-09-draft", PACKAGE_2025_09 }, { "2025-09", PACKAGE_2025_09 },
	};
	bool is_date = strncmp(version, "20", 2) == 0;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].name, version) == 0)
			return known[i].format;
	package_note(problem->notes, problem->path, 0,
		     "the format's version %.32s is not known here: the package is read as %s", version,
		     package_format_name(is_date ? PACKAGE_2025_09 : PACKAGE_LEGACY));
	return is_date ? PACKAGE_2025_09 : PACKAGE_LEGACY;
}

static void read_version(struct kattis *kattis)
{
	const char *version = settings_text(&kattis->problem, "problem_format_version");

	kattis->package->format = version               ? format_of(&kattis->problem, version)
				  : kattis->has_problem ? PACKAGE_LEGACY
							: PACKAGE_LEGACY_ICPC;
	kattis->package->version = settings_text(&kattis->problem, "version");
}

/* ---- types, validation ---- */

static bool take_word(struct package *package, const char *word)
{
	const struct {
		const char *name;
		bool *flag;
	} words[] = {
		{ "scoring", &package->scoring },
		{ "interactive", &package->interactive },
		{ "multi-pass", &package->multi_pass },
		{ "multipass", &package->multi_pass },
		{ "submit-answer", &package->submit_answer },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].name, word) == 0) {
			*words[i].flag = true;
			return true;
		}
	return false;
}

static void read_type(struct kattis *kattis)
{
	const struct yaml_node *value = settings_get(&kattis->problem, "type");
	bool pass_fail = false;

	for (const char *const *word = value ? settings_words_of(&kattis->problem, value) : NULL;
	     word && *word; word++) {
		if (strcmp(*word, "pass-fail") == 0)
			pass_fail = true;
		else if (!take_word(kattis->package, *word))
			settings_note(&kattis->problem, value,
				      "has a type that is not known here; it is ignored");
	}
	if (pass_fail && kattis->package->scoring)
		settings_note(&kattis->problem, value, "has pass-fail and scoring: it is scoring");
}

static void read_validation(struct kattis *kattis)
{
	struct settings *problem = &kattis->problem;
	const struct yaml_node *value = settings_get(problem, "validation");

	for (const char *const *word = value ? settings_words_of(problem, value) : NULL; word && *word;
	     word++) {
		if (strcmp(*word, "custom") == 0)
			kattis->validation = VALIDATION_CUSTOM;
		else if (strcmp(*word, "default") == 0)
			kattis->validation = VALIDATION_DEFAULT;
		else if (strcmp(*word, "score") == 0 && !kattis->package->scoring)
			settings_note(problem, value, "has score, but the problem's type is not scoring");
		else if (strcmp(*word, "score") != 0 && !take_word(kattis->package, *word))
			settings_note(problem, value, "has a word that is not known here; it is ignored");
	}
	kattis->package->validator_args = settings_words(problem, "validator_flags");
	if (!kattis->package->validator_args) {
		static const char *const none[] = { NULL };

		kattis->package->validator_args = none;
	}
}

/* ---- limits ---- */

static int64_t number_of(struct settings *limits, const char *key, int64_t most, int64_t usual, int64_t unit)
{
	double number = (double)usual;

	settings_number(limits, key, 1, (double)most, &number);
	return (int64_t)(number * (double)unit);
}

/* What the format has no words for; as a plain submission's. */
static const struct limits usual_run = {
	.file_bytes = INT64_C(16) * MB,
	.disk_bytes = INT64_C(64) * MB,
	.inodes = 16384,
	.processes = 64,
	.open_files = 1024,
	.cpus = 1,
};
static const struct limits usual_compile = {
	.output_bytes = 64 * KB,
	.file_bytes = INT64_C(256) * MB,
	.disk_bytes = INT64_C(512) * MB,
	.inodes = 16384,
	.processes = 256,
	.open_files = 1024,
};

static void set_time_us(struct limits *limits, int64_t seconds)
{
	limits->cpu_time_us = seconds * 1000000;
	limits->wall_time_us = 2 * limits->cpu_time_us + 1000000;
}

static void read_limits(struct package *package, struct settings *limits)
{
	enum { MIB_MOST = 65536, SECONDS_MOST = 3600 };
	struct limits *run = &package->limits, *compile = &package->compile_limits;
	struct limits *validation = &package->validation_limits;

	*run = usual_run;
	run->memory_bytes = number_of(limits, "memory", MIB_MOST, 2048, MB);
	run->output_bytes = number_of(limits, "output", 1024, 8, MB);
	/* Whoever writes files may write as much as to the standard output. */
	if (run->file_bytes < run->output_bytes)
		run->file_bytes = run->output_bytes;
	package->code_bytes = number_of(limits, "code", MIB_MOST, 128, KB);
	*compile = usual_compile;
	compile->memory_bytes = number_of(limits, "compilation_memory", MIB_MOST, 2048, MB);
	set_time_us(compile, number_of(limits, "compilation_time", SECONDS_MOST, 60, 1));
	package->validation_compile_limits = *compile;
	*validation = usual_run;
	validation->cpus = 0; /* its time is nobody's */
	validation->memory_bytes = number_of(limits, "validation_memory", MIB_MOST, 2048, MB);
	validation->output_bytes = number_of(limits, "validation_output", 1024, 8, MB);
	set_time_us(validation, number_of(limits, "validation_time", SECONDS_MOST, 60, 1));
	package->passes = (int)number_of(limits, "validation_passes", TASK_PASSES_MAX, 2, 1);
	if (!package->multi_pass)
		package->passes = 1;
}

/* Both versions' words for what a limit is made of. */
static void read_time(struct package *package, struct settings *limits)
{
	bool legacy = package->format != PACKAGE_2025_09;
	struct package_time *time = &package->time;
	struct settings multipliers;

	*time = (struct package_time){ .multiplier = legacy ? 5 : 2,
				       .safety_margin = legacy ? 2 : 1.5,
				       .resolution_s = 1 };
	settings_number(limits, "time_multiplier", 0.01, 1000, &time->multiplier);
	settings_number(limits, "time_safety_margin", 0.01, 1000, &time->safety_margin);
	settings_number(limits, "time_resolution", 0.001, 3600, &time->resolution_s);
	settings_within(limits, "time_multipliers", &multipliers);
	settings_number(&multipliers, "ac_to_time_limit", 1, 1000, &time->multiplier);
	settings_number(&multipliers, "time_limit_to_tle", 1, 1000, &time->safety_margin);
	settings_close(&multipliers);
	time->given = settings_number(limits, "time_limit", 0.001, 3600, &time->limit_s);
	time->from = time->given ? "limits.time_limit" : NULL;
}

/* ---- the rest ---- */

static bool add_language(struct kattis *kattis, const struct yaml_node *value, const char **ids,
			 size_t *count, const char *code)
{
	const struct language *language = catalogue_find(kattis->catalogue, code);

	if (strcmp(code, "all") == 0)
		return true;
	if (language)
		ids[(*count)++] = language->id;
	else
		package_note(&kattis->package->notes, kattis->problem.path, value->line,
			     "languages: %.32s is not known here", code);
	return false;
}

static void read_languages(struct kattis *kattis)
{
	const struct yaml_node *value = settings_get(&kattis->problem, "languages");
	const char *const *codes = value ? settings_words_of(&kattis->problem, value) : NULL;
	size_t count = 0, room = 1;
	bool all = !codes;

	for (const char *const *code = codes; code && *code; code++)
		room++;
	const char **ids = pool_array(kattis->pool, room, sizeof *ids);
	if (!ids) {
		kattis->package->notes.failed = true;
		return;
	}
	for (const char *const *code = codes; code && *code; code++)
		all |= add_language(kattis, value, ids, &count, *code);
	kattis->package->languages = all ? NULL : ids;
}

static void note_embargo(struct kattis *kattis)
{
	const struct yaml_node *until = settings_get(&kattis->problem, "embargo_until");

	if (until)
		package_note(&kattis->package->notes, kattis->problem.path, until->line,
			     "embargo_until: when it may be published is up to whoever publishes it");
}

void kattis_problem_read(struct kattis *kattis)
{
	struct package *package = kattis->package;
	struct settings limits;

	read_version(kattis);
	read_type(kattis);
	read_validation(kattis);
	settings_within(&kattis->problem, "limits", &limits);
	read_limits(package, &limits);
	read_time(package, &limits);
	settings_close(&limits);
	read_languages(kattis);
	package->allow_file_writing = package->format != PACKAGE_2025_09;
	settings_bool(&kattis->problem, "allow_file_writing", &package->allow_file_writing);
	package->keywords = settings_words(&kattis->problem, "keywords");
	if (!package->keywords) {
		static const char *const none[] = { NULL };

		package->keywords = none;
	}
	note_embargo(kattis);
	(void)settings_get(&kattis->problem, "grading"); /* kattis_groups.c's */
}
