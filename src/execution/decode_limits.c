#include "decode_parts.h"

static const struct {
	const char *name;
	size_t asked, fallback, max; /* offsets in struct asked and, twice, struct config */
} limit_rows[] = {
#define ROW(name, asked_field, field, max_field)                                           \
	{                                                                                  \
		name, offsetof(struct asked, asked_field), offsetof(struct config, field), \
			offsetof(struct config, max_field)                                 \
	}
	ROW("cpu_time_ms", cpu_ms, cpu_time_ms, cpu_time_max_ms),
	ROW("wall_time_ms", wall_ms, wall_time_ms, wall_time_max_ms),
	ROW("memory_mb", memory_mb, memory_mb, memory_max_mb),
	ROW("processes", processes, processes, processes_max),
	ROW("output_kb", output_kb, output_kb, output_max_kb),
	ROW("file_mb", file_mb, file_mb, file_max_mb),
	ROW("compile_time_ms", compile_ms, compile_time_ms, compile_time_max_ms),
	ROW("compile_memory_mb", compile_memory_mb, compile_memory_mb, compile_memory_max_mb),
#undef ROW
};
enum { LIMIT_ROWS = sizeof limit_rows / sizeof limit_rows[0] };

static int64_t number_at(const void *object, size_t offset)
{
	return *(const int64_t *)((const char *)object + offset);
}

void decode_limits(struct fields *parent, const struct config *config, struct asked *asked)
{
	const json_t *object = field_object(parent, "limits");
	struct fields fields;

	if (!object)
		return;
	fields_open(&fields, object, &(struct place){ &parent->place, "limits", 0 }, parent->problems);
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		int64_t *value = (int64_t *)((char *)asked + limit_rows[i].asked);

		*value = field_int(&fields, limit_rows[i].name, 1, number_at(config, limit_rows[i].max), 0);
	}
	fields_done(&fields);
}

void settle_limits(struct asked asked, const struct config *config, struct limits *limits,
		   struct limits *compile_limits)
{
	struct config wanted = *config;
	int64_t wall_ms = 2 * asked.cpu_ms + 1000;

	if (asked.cpu_ms != 0 && asked.wall_ms == 0)
		asked.wall_ms = wall_ms < config->wall_time_max_ms ? wall_ms : config->wall_time_max_ms;
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		int64_t value = number_at(&asked, limit_rows[i].asked);

		if (value != 0)
			*(int64_t *)((char *)&wanted + limit_rows[i].fallback) = value;
	}
	config_limits(&wanted, limits, compile_limits);
}
