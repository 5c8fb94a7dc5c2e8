/* A worker's task from any JSON: what is decoded, encoded and decoded again is the same. */
#include "fuzz.h"

#include "base/json.h"
#include "model/task.h"

static bool same_text(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

static void check_same(const struct task *a, const struct task *b)
{
	must(same_text(a->language, b->language) && a->judged == b->judged && a->early_stop == b->early_stop);
	must(memcmp(&a->limits, &b->limits, sizeof a->limits) == 0);
	must(memcmp(&a->compile_limits, &b->compile_limits, sizeof a->compile_limits) == 0);
	must(a->file_count == b->file_count && a->test_count == b->test_count);
	for (size_t i = 0; i < a->file_count; i++)
		must(same_text(a->files[i].name, b->files[i].name) &&
		     same_bytes(a->files[i].data, a->files[i].size, b->files[i].data, b->files[i].size));
	for (size_t i = 0; i < a->test_count; i++) {
		const struct task_test *x = &a->tests[i], *y = &b->tests[i];
		must(x->compare == y->compare &&
		     same_bytes(x->input, x->input_size, y->input, y->input_size) &&
		     same_bytes(x->answer, x->answer_size, y->answer, y->answer_size));
	}
	must(!a->checker == !b->checker);
	must(!a->checker || (same_text(a->checker->language, b->checker->language) &&
			     a->checker->file_count == b->checker->file_count &&
			     a->checker->convention == b->checker->convention));
	size_t count = 0;
	for (; a->args[count]; count++)
		must(same_text(a->args[count], b->args[count]));
	must(!b->args[count]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = NULL, *again = NULL;
	struct task task = { 0 }, copy = { 0 };
	struct error err = { 0 };

	if (json_parse((const char *)data, size, &json, &err) < 0)
		return 0;
	if (task_decode(json, pool, &task, &err) < 0) {
		must(err.code < 0 && err.text[0]);
		return 0;
	}
	must(task_encode(&task, &again, &err) == 0);
	must(task_decode(again, pool, &copy, &err) == 0);
	check_same(&task, &copy);
	return 0;
}
