/* The JSON form of progress, its fields among others in an object:
 *
 *     "done": 2, "total": 5, "verdicts": ["accepted", "wrong_answer"], "output": "so far", "output_cut": false
 *
 * All but the first two may be missing. */
#include "model/progress.h"

#include <limits.h>

#include "wire.h"

static json_t *verdict_list(const struct progress *progress)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < progress->verdict_count && ok; i++)
		ok = json_array_append_new(list, json_string(verdict_name(progress->verdicts[i]))) == 0;
	return wire_whole(list, ok);
}

bool progress_put(json_t *object, const struct progress *progress)
{
	return wire_put(object, "done", json_integer((json_int_t)progress->done)) &&
	       wire_put(object, "total", json_integer((json_int_t)progress->total)) &&
	       wire_put(object, "verdicts", verdict_list(progress)) &&
	       (!progress->output ||
		(wire_put_bytes(object, "output", progress->output, progress->output_size) &&
		 wire_put(object, "output_cut", json_boolean(progress->output_cut))));
}

static void read_verdicts(struct json_reader *reader, struct pool *pool, struct progress *progress)
{
	const json_t *list = json_get_array(reader, "verdicts");
	size_t count = json_array_size(list);

	if (reader->failed || count == 0)
		return;
	if (count > progress->done || count > PROGRESS_VERDICTS_MAX) {
		wire_fail(reader, "verdicts", "has more elements than tests are done, or too many");
		return;
	}
	enum verdict *verdicts = pool_array(pool, count, sizeof *verdicts);
	if (!verdicts) {
		wire_fail_memory(reader);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!name || !verdict_from_name(name, &verdicts[i])) {
			wire_fail(reader, "verdicts", "must be names of verdicts");
			return;
		}
	}
	progress->verdicts = verdicts;
	progress->verdict_count = count;
}

void progress_read(struct json_reader *reader, struct pool *pool, struct progress *progress)
{
	*progress = (struct progress){ 0 };
	progress->total = (size_t)json_need_int(reader, "total", 1, INT_MAX);
	progress->done = (size_t)json_need_int(reader, "done", 0, (int64_t)progress->total);
	read_verdicts(reader, pool, progress);
	progress->output_cut = json_get_bool(reader, "output_cut", false);
	if (!json_get_any(reader, "output"))
		return;
	progress->output = wire_need_bytes(reader, "output", pool, &progress->output_size);
	if (progress->output_size > PROGRESS_OUTPUT_BYTES)
		wire_fail(reader, "output", "is too long");
}
