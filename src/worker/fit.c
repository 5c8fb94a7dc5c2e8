/* A report must fit into one request. What a test printed matters less the more tests there are. */
#include "base/json.h"
#include "inside.h"

enum {
	JUDGED_STREAM_BYTES = 64 << 10, /* of each stream of each test */
	ENVELOPE_BYTES = 4 << 10,       /* what stands around the report in its message */
};

/* Not in the middle of a character. */
static size_t cut_at(const char *bytes, size_t size, size_t cap)
{
	if (size <= cap)
		return size;
	while (cap > 0 && ((unsigned char)bytes[cap] & 0xc0) == 0x80)
		cap--;
	return cap;
}

static size_t larger(size_t left, size_t right)
{
	return left > right ? left : right;
}

/* Cuts every stream at `cap`; the longest that is left. */
static size_t cut_streams(struct report *report, size_t cap)
{
	size_t longest = report->compile_output_size =
		cut_at(report->compile_output, report->compile_output_size, cap);

	report->checker_output_size = cut_at(report->checker_output, report->checker_output_size, cap);
	longest = larger(longest, report->checker_output_size);
	for (size_t i = 0; i < report->run_count; i++) {
		struct run_report *run = &report->runs[i];
		size_t output = cut_at(run->output, run->output_size, cap);
		size_t error = cut_at(run->error_output, run->error_size, cap);

		run->output_cut = run->output_cut || output < run->output_size;
		run->error_cut = run->error_cut || error < run->error_size;
		run->output_size = output;
		run->error_size = error;
		run->judge_message_size = cut_at(run->judge_message, run->judge_message_size, cap);
		run->team_message_size = cut_at(run->team_message, run->team_message_size, cap);
		longest = larger(longest, larger(larger(output, error),
						 larger(run->judge_message_size, run->team_message_size)));
	}
	return longest;
}

static int encoded_size(const struct report *report, json_t **json, size_t *size, struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	int code = report_encode(report, json, err);

	if (code < 0)
		return code;
	if (json_write(*json, &text) < 0) {
		json_decref(*json);
		return error_set(err, -ENOMEM, "out of memory");
	}
	*size = text.size;
	return 0;
}

int fit_report(struct report *report, bool judged, int64_t max_bytes, json_t **ret_json, struct error *err)
{
	size_t cap = judged ? JUDGED_STREAM_BYTES : SIZE_MAX;

	for (;;) {
		size_t longest = cut_streams(report, cap), size = 0;
		json_t *json;
		int code = encoded_size(report, &json, &size, err);

		if (code < 0)
			return code;
		if ((int64_t)size + ENVELOPE_BYTES <= max_bytes) {
			*ret_json = json;
			return 0;
		}
		json_decref(json);
		if (longest == 0)
			return error_set(err, -EMSGSIZE, "the report does not fit into %lld bytes",
					 (long long)max_bytes);
		cap = longest / 2;
	}
}
