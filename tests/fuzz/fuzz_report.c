/* A worker's report from any JSON: what is decoded, encoded and decoded again is the same. */
#include "fuzz.h"

#include "base/json.h"
#include "model/report.h"

static bool same_text(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

static void check_same_run(const struct run_report *a, const struct run_report *b)
{
	must(a->verdict == b->verdict && same_text(a->outcome, b->outcome) &&
	     same_text(a->message, b->message));
	must(a->exit_code == b->exit_code && a->signal == b->signal);
	must(a->cpu_us == b->cpu_us && a->wall_us == b->wall_us && a->memory_bytes == b->memory_bytes);
	must(a->processes_peak == b->processes_peak);
	must(a->output_cut == b->output_cut && a->error_cut == b->error_cut);
	must(same_bytes(a->output, a->output_size, b->output, b->output_size));
	must(!a->judge_message == !b->judge_message && a->has_score == b->has_score && a->score == b->score);
	must(!a->judge_message ||
	     same_bytes(a->judge_message, a->judge_message_size, b->judge_message, b->judge_message_size));
	must(same_bytes(a->error_output, a->error_size, b->error_output, b->error_size));
}

static void check_same(const struct report *a, const struct report *b)
{
	must(a->verdict == b->verdict && same_text(a->message, b->message) && a->compile == b->compile);
	must(same_bytes(a->compile_output, a->compile_output_size, b->compile_output,
			b->compile_output_size));
	must(a->compile_us == b->compile_us && a->compile_cached == b->compile_cached);
	must(a->run_count == b->run_count && !report_slowest(a) == (a->run_count == 0));
	for (size_t i = 0; i < a->run_count; i++)
		check_same_run(&a->runs[i], &b->runs[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = NULL, *again = NULL;
	struct report report = { 0 }, copy = { 0 };
	struct error err = { 0 };

	if (json_parse((const char *)data, size, &json, &err) < 0)
		return 0;
	if (report_decode(json, pool, &report, &err) < 0) {
		must(err.code < 0 && err.text[0]);
		return 0;
	}
	must(report_encode(&report, &again, &err) == 0);
	must(report_decode(again, pool, &copy, &err) == 0);
	check_same(&report, &copy);
	return 0;
}
