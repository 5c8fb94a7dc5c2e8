/* A client's body, in both forms of the API: what is accepted is a task that a worker can read, within the limits
 * of the configuration; what is not names at least one fault. */
#include "fuzz.h"

#include "base/json.h"
#include "bundle.h"
#include "request.h"

static const struct config config = {
	.backend_url = "",
	.cpu_time_ms = 10000,
	.cpu_time_max_ms = 60000,
	.wall_time_ms = 20000,
	.wall_time_max_ms = 100000,
	.memory_mb = 256,
	.memory_max_mb = 2048,
	.processes = 64,
	.processes_max = 512,
	.output_kb = 1024,
	.output_max_kb = 16384,
	.queue_memory_mb = 128,
	.queue_output_kb = 64,
	.file_mb = 16,
	.file_max_mb = 256,
	.compile_time_ms = 30000,
	.compile_time_max_ms = 120000,
	.compile_memory_mb = 1024,
	.compile_memory_max_mb = 4096,
	.code_bytes = 512,
	.input_bytes = 256,
	.tests = 8,
};
static const char *const aliases[] = { "python3", "py", NULL };
static const struct offered_language languages[] = {
	{ .id = "python", .name = "Python", .aliases = aliases, .extensions = aliases },
	{ .id = "java", .name = "Java", .aliases = aliases + 2, .unavailable_reason = "no javac" },
};
static const struct request_rules rules = { &config, languages, 2 };

static void check_accepted(const struct submission_request *request, struct pool *pool)
{
	const struct task *task = &request->task;
	cleanup_json json_t *json = NULL;
	struct task read;
	struct error err;

	must(request->code.size > 0 && request->code.size <= 512 && request->input.size <= 256);
	must(task->file_count >= 1 && task->test_count >= 1 && task->test_count <= 8);
	must(task->limits.cpu_time_us <= 60000 * 1000 && task->limits.wall_time_us <= 100000 * 1000);
	must(task->limits.memory_bytes <= INT64_C(2048) << 20 && task->limits.processes <= 512);
	for (size_t i = 1; i < task->file_count; i++)
		must(task->files[i].size <= 256 &&
		     bundle_name_ok(task->files[i].name, strlen(task->files[i].name)));
	must(task_encode(task, &json, &err) == 0);
	must(task_decode(json, pool, &read, &err) == 0);
}

static void check_form(enum api api, const char *body, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_problems struct problems problems;
	struct submission_request request;

	problems_open(&problems);
	request_decode(api, &rules, body, size, NULL, pool, &request, &problems);
	must(!problems.failed && json_array_size(problems.list) <= PROBLEMS_MAX);
	if (!problems_any(&problems))
		check_accepted(&request, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_form(API_V1, (const char *)data, size);
	check_form(API_QUEUE, (const char *)data, size);
	return 0;
}
