/* A worker's progress from any JSON: what is read, written and read again is the same. */
#include "fuzz.h"

#include "base/json.h"
#include "model/progress.h"

static int read_one(const json_t *json, struct pool *pool, struct progress *progress, struct error *err)
{
	struct json_reader reader;

	json_reader_open(&reader, json, "", err);
	progress_read(&reader, pool, progress);
	return json_reader_done(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = NULL, *again = json_object();
	struct progress progress = { 0 }, copy = { 0 };
	struct error err = { 0 };

	if (json_parse((const char *)data, size, &json, &err) < 0)
		return 0;
	if (read_one(json, pool, &progress, &err) < 0) {
		must(err.code < 0 && err.text[0]);
		return 0;
	}
	must(progress.done <= progress.total && progress.verdict_count <= progress.done);
	must(progress.output_size <= PROGRESS_OUTPUT_BYTES);
	must(progress_put(again, &progress));
	must(read_one(again, pool, &copy, &err) == 0);
	must(copy.done == progress.done && copy.total == progress.total);
	must(copy.verdict_count == progress.verdict_count && !copy.output == !progress.output);
	for (size_t i = 0; i < copy.verdict_count; i++)
		must(copy.verdicts[i] == progress.verdicts[i]);
	if (copy.output)
		must(same_bytes(copy.output, copy.output_size, progress.output, progress.output_size));
	return 0;
}
