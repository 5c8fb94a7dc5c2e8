/* Progress goes over the wire and comes back the same; what cannot be is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/progress.h"

static const enum verdict verdicts[] = { VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER };

static const struct progress samples[] = {
	{ .total = 1 },
	{ .total = 1, .output = "" },
	{ .done = 2, .total = 3, .verdicts = verdicts, .verdict_count = 2 },
	{ .done = 3, .total = 3, .verdicts = verdicts, .verdict_count = 1 },
	{ .total = 1, .output = "\0\xff\xc3", .output_size = 3, .output_cut = true },
};

static int read_back(json_t *json, struct pool *pool, struct progress *progress, struct error *err)
{
	struct json_reader reader;

	json_reader_open(&reader, json, "", err);
	progress_read(&reader, pool, progress);
	return json_reader_done(&reader);
}

static void comes_back_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		const struct progress *sent = &samples[i];
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *json = json_object();
		struct progress came;
		struct error err = { 0 };

		assert_true(progress_put(json, sent));
		if (read_back(json, pool, &came, &err) < 0)
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(came.done, sent->done);
		assert_int_equal(came.total, sent->total);
		assert_int_equal(came.verdict_count, sent->verdict_count);
		for (size_t v = 0; v < sent->verdict_count; v++)
			assert_int_equal(came.verdicts[v], sent->verdicts[v]);
		assert_int_equal(!came.output, !sent->output);
		assert_int_equal(came.output_size, sent->output_size);
		if (sent->output)
			assert_memory_equal(came.output, sent->output, sent->output_size);
		assert_int_equal(came.output_cut, sent->output_cut);
	}
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *json, *word;
	} rows[] = {
		{ "{}", "total" },
		{ "{\"total\":0,\"done\":0}", "total" },
		{ "{\"total\":2}", "done" },
		{ "{\"total\":2,\"done\":3}", "done" },
		{ "{\"total\":2,\"done\":-1}", "done" },
		{ "{\"total\":2,\"done\":1,\"verdicts\":[\"great\"]}", "verdicts" },
		{ "{\"total\":2,\"done\":1,\"verdicts\":[1]}", "verdicts" },
		{ "{\"total\":2,\"done\":1,\"verdicts\":[\"ok\",\"ok\"]}", "verdicts" },
		{ "{\"total\":2,\"done\":1,\"verdicts\":\"ok\"}", "verdicts" },
		{ "{\"total\":2,\"done\":1,\"output\":3}", "output" },
		{ "{\"total\":2,\"done\":1,\"output\":{\"base64\":\"!\"}}", "output" },
		{ "{\"total\":2,\"done\":1,\"output_cut\":1}", "output_cut" },
		{ "{\"total\":2,\"done\":1,\"more\":1}", "more" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *json = json_loads(rows[i].json, 0, NULL);
		struct progress came;
		struct error err = { 0 };

		assert_true(read_back(json, pool, &came, &err) < 0);
		if (!strstr(err.text, rows[i].word))
			fail_msg("%s: %s", rows[i].json, err.text);
	}
}

static void output_has_a_bound(void **state)
{
	static char output[PROGRESS_OUTPUT_BYTES + 1];
	cleanup_pool struct pool *pool = pool_new();
	struct progress progress = { .total = 1, .output = output, .output_size = PROGRESS_OUTPUT_BYTES };
	struct progress came;
	struct error err = { 0 };

	(void)state;
	memset(output, 'x', sizeof output);
	for (int more = 0; more < 2; more++) {
		cleanup_json json_t *json = json_object();

		progress.output_size = PROGRESS_OUTPUT_BYTES + (size_t)more;
		assert_true(progress_put(json, &progress));
		assert_int_equal(read_back(json, pool, &came, &err) < 0, more);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_the_same),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(output_has_a_bound),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
