/* Limits as they travel: every field, each in its range. */
#include <limits.h>

#include "wire.h"

static const struct {
	const char *name;
	size_t offset;
	bool wide; /* int64_t, else int */
	int64_t min, max;
} limit_fields[] = {
#define WIDE(field, max)                                             \
	{                                                            \
#field, offsetof(struct limits, field), true, 1, max \
	}
#define NARROW(field, min)                                                  \
	{                                                                   \
#field, offsetof(struct limits, field), false, min, INT_MAX \
	}
	WIDE(cpu_time_us, INT64_C(1) << 40), /* 12 days */
	WIDE(wall_time_us, INT64_C(1) << 40),
	WIDE(memory_bytes, INT64_C(1) << 50),
	WIDE(output_bytes, INT64_C(1) << 32),
	WIDE(file_bytes, INT64_C(1) << 50),
	WIDE(disk_bytes, INT64_C(1) << 50),
	NARROW(inodes, 1),
	NARROW(processes, 1),
	NARROW(open_files, 1),
	NARROW(cpus, 0),
#undef WIDE
#undef NARROW
};

enum { LIMIT_FIELDS = sizeof limit_fields / sizeof limit_fields[0] };

json_t *wire_limits(const struct limits *limits)
{
	json_t *json = json_object();
	bool ok = true;

	for (size_t i = 0; i < LIMIT_FIELDS && ok; i++) {
		const char *field = (const char *)limits + limit_fields[i].offset;
		int64_t value = limit_fields[i].wide ? *(const int64_t *)field : *(const int *)field;

		ok = wire_put(json, limit_fields[i].name, json_integer(value));
	}
	return wire_whole(json, ok);
}

void wire_need_limits(struct json_reader *parent, const char *name, struct limits *limits)
{
	const json_t *object = json_get_object(parent, name);
	struct json_reader reader;

	if (parent->failed)
		return;
	if (!object) {
		wire_fail(parent, name, "is required");
		return;
	}
	json_reader_open(&reader, object, name, parent->err);
	for (size_t i = 0; i < LIMIT_FIELDS; i++) {
		char *field = (char *)limits + limit_fields[i].offset;
		int64_t value = json_need_int(&reader, limit_fields[i].name, limit_fields[i].min,
					      limit_fields[i].max);

		if (limit_fields[i].wide)
			*(int64_t *)field = value;
		else
			*(int *)field = (int)value;
	}
	parent->failed = json_reader_done(&reader);
}
