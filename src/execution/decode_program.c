/* A program that judges: {"language", "code" or "files", "convention", "limits"}. */
#include <string.h>

#include "decode_parts.h"

enum {
	CPU_MS = 60000,
	WALL_MS = 2 * CPU_MS + 1000,
	MEMORY_MB = 2048,
	OUTPUT_KB = 8 << 10,
	FILE_MB = 64,
	COMPILE_MS = 60000,
};

static int64_t larger(int64_t left, int64_t right)
{
	return left > right ? left : right;
}

/* Its limits are not the program's that it judges. */
static struct config own_config(const struct config *config)
{
	struct config own = *config;

	own.cpu_time_ms = CPU_MS;
	own.wall_time_ms = WALL_MS;
	own.memory_mb = own.compile_memory_mb = MEMORY_MB;
	own.output_kb = OUTPUT_KB;
	own.file_mb = FILE_MB;
	own.compile_time_ms = COMPILE_MS;
	own.cpu_time_max_ms = larger(config->cpu_time_max_ms, own.cpu_time_ms);
	own.wall_time_max_ms = larger(config->wall_time_max_ms, own.wall_time_ms);
	own.memory_max_mb = larger(config->memory_max_mb, own.memory_mb);
	own.output_max_kb = larger(config->output_max_kb, own.output_kb);
	own.file_max_mb = larger(config->file_max_mb, own.file_mb);
	own.compile_time_max_ms = larger(config->compile_time_max_ms, own.compile_time_ms);
	own.compile_memory_max_mb = larger(config->compile_memory_max_mb, own.compile_memory_mb);
	return own;
}

static void decode_own_limits(struct fields *fields, const struct config *config,
			      struct task_program *program)
{
	struct config own = own_config(config);
	struct asked asked = { 0 };

	decode_limits(fields, &own, &asked);
	settle_limits(asked, &own, &program->limits, &program->compile_limits);
	program->limits.cpus = 0; /* its time is nobody's */
}

static void decode_own_language(struct fields *fields, const struct request_rules *rules,
				struct task_program *program)
{
	struct text name = field_text(fields, "language", REQUIRED, REQUEST_ID_BYTES_MAX);
	const struct offered_language *language = name.bytes ? language_find(rules, name.bytes) : NULL;
	struct place place = { &fields->place, "language", 0 };

	program->language = language ? language->id : "";
	if (name.bytes && !language)
		problem_at(fields->problems, &place, "unsupported_language", "Unsupported language: %s",
			   name.bytes);
	else if (language && language->unavailable_reason)
		problem_at(fields->problems, &place, "unavailable_language",
			   "Language %s is not available on this host (%s)", language->id,
			   language->unavailable_reason);
}

/* `code` is the main file, under the name that the language gives it; without it the first of `files` is. */
static void decode_sources(struct fields *fields, const struct config *config, struct pool *pool,
			   struct task_program *program)
{
	struct task_file main_file = { .data = "" };

	if (field_present(fields, "code")) {
		struct text code = decode_data(fields, "code", REQUIRED, true, (size_t)config->input_bytes,
					       pool, &main_file.blob);

		main_file.data = code.bytes;
		main_file.size = code.size;
		program->files = &main_file;
		program->file_count = 1;
	}
	decode_files(fields, config, pool, &program->files, &program->file_count);
	if (program->file_count == 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "code", 0 }, "missing",
			   "is required, or files");
}

static void decode_convention(struct fields *fields, struct task_program *program)
{
	struct text name = field_text(fields, "convention", OPTIONAL, REQUEST_ID_BYTES_MAX);

	if (name.bytes && !convention_from_name(name.bytes, &program->convention))
		problem_at(fields->problems, &(struct place){ &fields->place, "convention", 0 }, "enum",
			   "must be " CONVENTION_NAMES);
}

struct task_program *decode_program(struct fields *parent, const char *name,
				    const struct request_rules *rules, struct pool *pool)
{
	const json_t *object = field_object(parent, name);
	struct task_program *program = object ? pool_alloc(pool, sizeof *program) : NULL;
	struct fields fields;

	if (!program)
		return NULL;
	fields_open(&fields, object, &(struct place){ &parent->place, name, 0 }, parent->problems);
	decode_own_language(&fields, rules, program);
	decode_sources(&fields, rules->config, pool, program);
	decode_convention(&fields, program);
	decode_own_limits(&fields, rules->config, program);
	fields_done(&fields);
	return program;
}
