/* What strangers send: every fault named with its place, and none missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "request.h"

static const struct config config = {
	.backend_url = "http://127.0.0.1:8000",
	.cpu_time_ms = 10000,
	.cpu_time_max_ms = 60000,
	.wall_time_ms = 20000,
	.wall_time_max_ms = 100000,
	.memory_mb = 256,
	.memory_max_mb = 2048,
	.queue_memory_mb = 128,
	.queue_output_kb = 64,
	.processes = 64,
	.processes_max = 512,
	.output_kb = 1024,
	.output_max_kb = 16384,
	.file_mb = 16,
	.file_max_mb = 256,
	.compile_time_ms = 30000,
	.compile_time_max_ms = 120000,
	.compile_memory_mb = 1024,
	.compile_memory_max_mb = 4096,
	.code_bytes = 64,
	.input_bytes = 16,
	.tests = 3,
};

static const char *const python_aliases[] = { "python3", "py", NULL };
static const char *const no_names[] = { NULL };
static const struct offered_language languages[] = {
	{ .id = "python",
	  .name = "Python",
	  .version = "3.11",
	  .aliases = python_aliases,
	  .extensions = no_names },
	{ .id = "java",
	  .name = "Java",
	  .aliases = no_names,
	  .extensions = no_names,
	  .unavailable_reason = "no javac" },
};
static const struct request_rules rules = { &config, languages, 2 };

struct decoded {
	struct pool *pool;
	struct submission_request request;
	struct problems problems;
};

static void decode(enum api api, const char *body, size_t size, const char *key, struct decoded *d)
{
	d->pool = pool_new();
	problems_open(&d->problems);
	request_decode(api, &rules, body, size, key, d->pool, &d->request, &d->problems);
}

static void release(struct decoded *d)
{
	problems_free(&d->problems);
	pool_free(d->pool);
}

/* "body.limits.memory_mb int_range", one a problem, joined by ", ". */
static void summarise(const json_t *list, struct buffer *text)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(list, i, problem)
	{
		const json_t *step;
		size_t j;

		buffer_puts(text, i > 0 ? ", " : "");
		json_array_foreach(json_object_get(problem, "loc"), j, step)
		{
			if (json_is_integer(step))
				buffer_printf(text, ".%d", (int)json_integer_value(step));
			else
				buffer_printf(text, "%s%s", j > 0 ? "." : "", json_string_value(step));
		}
		buffer_printf(text, " %s", json_string_value(json_object_get(problem, "type")));
	}
}

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define GOOD "\"code\": \"1\", \"language\": \"python\", \"user_id\": 1"

static const struct {
	const char *story, *body, *expected;
} v1_cases[] = {
	{ "the least", "{" GOOD "}", "" },
	{ "all that there is",
	  "{" GOOD
	  ", \"input_data\": \"x\", \"files\": [{\"name\": \"a/b.txt\", \"content\": \"aGk=\", \"encoding\":"
	  " \"base64\"}], \"args\": [\"-v\"], \"limits\": {\"memory_mb\": 64}, \"test_cases\": [{\"input\": "
	  "\"1\","
	  " \"expected_output\": \"2\"}], \"idempotency_key\": \"k\", \"external_id\": \"e\", \"priority\":"
	  " \"rejudge\", \"execute\": false, \"contest_id\": null}",
	  "" },
	{ "no body", "", "body missing" },
	{ "no JSON", "{", "body json_invalid" },
	{ "no object", "[]", "body object_type" },
	{ "something behind", "{" GOOD "} x", "body json_invalid" },
	{ "twice the same key", "{" GOOD ", \"code\": \"2\"}", "body json_invalid" },
	{ "NUL in the code", "{\"code\": \"a\\u0000\", \"language\": \"python\", \"user_id\": 1}",
	  "body json_invalid" },
	{ "no UTF-8", "{\"code\": \"\xff\", \"language\": \"python\", \"user_id\": 1}", "body json_invalid" },
	{ "too deep",
	  "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	  "body json_invalid" },
	{ "nothing in it", "{}", "body.code missing, body.language missing, body.user_id missing" },
	{ "wrong types", "{\"code\": 1, \"language\": [], \"user_id\": 1.5}",
	  "body.code string_type, body.language string_type, body.user_id user_id_type" },
	{ "empty code", "{\"code\": \"\", \"language\": \"python\", \"user_id\": \"ann\"}",
	  "body.code missing" },
	{ "code too large",
	  "{\"code\": \"12345678901234567890123456789012345678901234567890123456789012345\", \"language\": "
	  "\"py\","
	  " \"user_id\": 1}",
	  "body.code too_large" },
	{ "input too large", "{" GOOD ", \"input_data\": \"12345678901234567\"}",
	  "body.input_data too_large" },
	{ "unknown language", "{\"code\": \"1\", \"language\": \"cobol\", \"user_id\": 1}",
	  "body.language unsupported_language" },
	{ "language that this host lacks", "{\"code\": \"1\", \"language\": \"java\", \"user_id\": 1}",
	  "body.language unavailable_language" },
	{ "unknown fields, however deep",
	  "{" GOOD ", \"lang\": 1, \"limits\": {\"memory\": 1}, \"test_cases\": [{\"input\": \"\","
	  " \"expected_output\": \"\", \"x\": 1}]}",
	  "body.limits.memory unknown_field, body.test_cases.0.x unknown_field, body.lang unknown_field" },
	{ "limits out of range",
	  "{" GOOD ", \"limits\": {\"memory_mb\": 4096, \"cpu_time_ms\": 0, \"file_mb\": \"1\"}}",
	  "body.limits.cpu_time_ms int_range, body.limits.memory_mb int_range, body.limits.file_mb "
	  "int_type" },
	{ "limits no object", "{" GOOD ", \"limits\": 3}", "body.limits object_type" },
	{ "too many tests",
	  "{" GOOD ", \"test_cases\": [{\"expected_output\":\"\"}, {\"expected_output\":\"\"},"
	  " {\"expected_output\":\"\"}, {\"expected_output\":\"\"}]}",
	  "body.test_cases too_large" },
	{ "a test without an answer", "{" GOOD ", \"test_cases\": [{\"input\": \"1\"}, 7]}",
	  "body.test_cases.0.expected_output missing, body.test_cases.1 object_type" },
	{ "file names that lead elsewhere",
	  "{" GOOD
	  ", \"files\": [{\"name\": \"../x\", \"content\": \"\"}, {\"name\": \"/x\", \"content\": \"\"},"
	  " {\"name\": \"a//b\", \"content\": \"\"}, {\"name\": \"\", \"content\": \"\"}, {\"name\": \"a\","
	  " \"content\": \"\"}, {\"name\": \"a\", \"content\": \"\"}]}",
	  "body.files.0.name file_name, body.files.1.name file_name, body.files.2.name file_name,"
	  " body.files.3.name file_name, body.files.5.name file_name" },
	{ "file that is no base64",
	  "{" GOOD
	  ", \"files\": [{\"name\": \"a\", \"content\": \"!\", \"encoding\": \"base64\"}, {\"name\": \"b\","
	  " \"content\": \"\", \"encoding\": \"rot13\"}]}",
	  "body.files.0.content base64, body.files.1.encoding enum" },
	{ "files at the limit and a byte over it, as base64",
	  "{" GOOD ", \"files\": [{\"name\": \"a\", \"content\": \"AAAAAAAAAAAAAAAAAAAAAA==\", \"encoding\":"
	  " \"base64\"}, {\"name\": \"b\", \"content\": \"AAAAAAAAAAAAAAAAAAAAAAA=\", \"encoding\":"
	  " \"base64\"}]}",
	  "body.files.1.content too_large" },
	{ "arguments that are none", "{" GOOD ", \"args\": [\"a\", 1]}", "body.args.1 string_type" },
	{ "unknown priority", "{" GOOD ", \"priority\": \"high\"}", "body.priority enum" },
	{ "execute that is no boolean", "{" GOOD ", \"execute\": 1}", "body.execute bool_type" },
	{ "a webhook", "{" GOOD ", \"webhook_url\": \"http://x/\", \"webhook_secret\": \"s\"}", "" },
	{ "a webhook to the backend", "{" GOOD ", \"webhook_url\": \"http://127.0.0.1:8000/x\"}", "" },
	{ "a webhook that stays at home", "{" GOOD ", \"webhook_url\": \"http://127.0.0.1:8001/\"}",
	  "body.webhook_url webhook_url" },
	{ "a webhook that is none",
	  "{" GOOD ", \"webhook_url\": \"ftp://x/\", \"webhook_secret\": \"whsec_!\"}",
	  "body.webhook_url webhook_url, body.webhook_secret webhook_secret" },
	{ "a secret for nothing", "{" GOOD ", \"webhook_secret\": \"s\"}", "body.webhook_secret conflict" },
	{ "empty ids", "{" GOOD ", \"external_id\": \"\", \"idempotency_key\": \"\"}",
	  "body.idempotency_key too_short, body.external_id too_short" },
	{ "the long form of tests",
	  "{" GOOD
	  ", \"judge\": {\"tests\": [{\"input\": \"1\", \"answer\": \"2\"}], \"validator\": {\"kind\":"
	  " \"tokens\"}, \"early_stop\": true, \"limits\": {\"memory_mb\": 64}}}",
	  "" },
	{ "the long form of tests, with what is missing",
	  "{" GOOD
	  ", \"judge\": {\"tests\": [], \"validator\": {\"kind\": \"program\"}, \"interactive\": true}}",
	  "body.judge.tests too_short, body.judge.validator.program missing, body.judge.interactive "
	  "missing" },
	{ "a program that judges",
	  "{" GOOD ", \"judge\": {\"tests\": [{\"input\": \"1\", \"validator_args\": [\"x\"]}], "
	  "\"validator\": {\"kind\":"
	  " \"program\", \"args\": [\"-v\"], \"program\": {\"language\": \"PY\", \"code\": \"1\", \"files\":"
	  " [{\"name\": \"a.h\", \"sha256\": \"" HASH
	  "\"}], \"convention\": \"testlib\", \"limits\": {\"memory_mb\":"
	  " 2048, \"cpu_time_ms\": 60000, \"compile_memory_mb\": 4096}}}}}",
	  "" },
	{ "one that is wrong all over",
	  "{" GOOD
	  ", \"judge\": {\"tests\": [{}], \"validator\": {\"kind\": \"program\", \"program\": {\"language\":"
	  " \"java\", \"convention\": \"sum\", \"files\": [{\"name\": \"../x\", \"content\": \"\", "
	  "\"sha256\": \"\"}],"
	  " \"limits\": {\"memory_mb\": 4096}, \"x\": 1}}}}",
	  "body.judge.validator.program.language unavailable_language,"
	  " body.judge.validator.program.files.0.content conflict,"
	  " body.judge.validator.program.files.0.sha256 sha256,"
	  " body.judge.validator.program.files.0.name file_name,"
	  " body.judge.validator.program.convention enum,"
	  " body.judge.validator.program.limits.memory_mb int_range, body.judge.validator.program.x "
	  "unknown_field" },
	{ "one without anything",
	  "{" GOOD ", \"judge\": {\"tests\": [{}], \"validator\": {\"kind\": \"program\", \"program\": {}}}}",
	  "body.judge.validator.program.language missing, body.judge.validator.program.code missing" },
	{ "a test's own arguments",
	  "{" GOOD ", \"judge\": {\"tests\": [{\"validator_args\": [\"ignore_case\"]}, {\"validator_args\": "
	  "[\"x\"]}]}}",
	  "body.judge.tests.1.validator_args value_error" },
	{ "the long form of tests, whole",
	  "{" GOOD ", \"judge\": {\"tests\": [{\"input\": {\"sha256\": \"" HASH
	  "\"}, \"answer\": {\"sha256\": \"" HASH
	  "\"}, \"group\": \"1/2\", \"hidden\": true}], \"validator\": {\"kind\": \"lines\", \"args\": []},"
	  " \"interactive\": false, \"multipass\": 1, \"groups\": {}}}",
	  "" },
	{ "blobs that are none",
	  "{" GOOD ", \"judge\": {\"tests\": [{\"input\": {\"sha256\": \"abc\"}, \"answer\": {}}, {\"input\":"
	  " {\"sha256\": \"" HASH "\", \"x\": 1}, \"answer\": 3}]}}",
	  "body.judge.tests.0.input.sha256 sha256, body.judge.tests.0.answer.sha256 missing,"
	  " body.judge.tests.1.input.x unknown_field, body.judge.tests.1.answer string_type" },
	{ "blobs in the short form",
	  "{" GOOD ", \"test_cases\": [{\"input\": {\"sha256\": \"" HASH "\"}, \"expected_output\": \"\"}]}",
	  "body.test_cases.0.input string_type" },
	{ "validators", "{" GOOD ", \"judge\": {\"tests\": [{}], \"validator\": {\"kind\": \"fuzzy\"}}}",
	  "body.judge.validator.kind enum" },
	{ "promises", "{" GOOD ", \"judge\": {\"tests\": [{}], \"multipass\": 2, \"groups\": {\"1\": {}}}}",
	  "body.judge.multipass missing, body.judge.groups value_error" },
	{ "an interactor",
	  "{" GOOD ", \"judge\": {\"tests\": [{}], \"interactive\": true, \"multipass\": 2, \"validator\": "
	  "{\"kind\": \"program\","
	  " \"args\": [\"x\"], \"program\": {\"language\": \"py\", \"code\": \"\"}}}}",
	  "" },
	{ "an interactor and a checker",
	  "{" GOOD ", \"judge\": {\"tests\": [{}], \"interactor\": {\"language\": \"py\", \"code\": \"\", "
	  "\"convention\": \"testlib\"},"
	  " \"validator\": {\"kind\": \"program\", \"program\": {\"language\": \"py\", \"code\": \"\", "
	  "\"convention\": \"testlib\"}}}}",
	  "" },
	{ "those that do not fit",
	  "{" GOOD ", \"judge\": {\"tests\": [{}], \"interactor\": {\"language\": \"py\", \"code\": \"\"}, "
	  "\"multipass\": 101}}",
	  "body.judge.interactor missing, body.judge.interactor enum, body.judge.multipass int_range" },
	{ "passes of a checker that has none",
	  "{" GOOD ", \"judge\": {\"tests\": [{}], \"multipass\": 2, \"validator\": {\"kind\": \"program\", "
	  "\"program\": {\"language\": \"py\","
	  " \"code\": \"\", \"convention\": \"testlib\"}}}}",
	  "body.judge.multipass missing" },
	{ "groups",
	  "{" GOOD ", \"judge\": {\"tests\": [{\"group\": \"secret/1\", \"points\": 5}], \"groups\": "
	  "{\"rules\": \"2025-09\","
	  " \"settings\": {\"secret/1\": {\"max_score\": 100}}}}}",
	  "" },
	{ "groups that do not fit",
	  "{" GOOD ", \"judge\": {\"tests\": [{\"group\": \"1\", \"points\": \"5\"}], \"groups\": "
	  "{\"rules\": \"2025-09\"}}}",
	  "body.judge.tests.0.points number_type, body.judge.groups value_error" },
	{ "arguments of validators",
	  "{" GOOD
	  ", \"judge\": {\"tests\": [{}], \"validator\": {\"kind\": \"float\", \"args\": [\"1e-6\"]}}}",
	  "body.judge.validator.args value_error" },
	{ "good arguments of validators",
	  "{" GOOD ", \"judge\": {\"tests\": [{}], \"validator\": {\"kind\": \"float\", \"args\":"
	  " [\"case_sensitive\", \"float_tolerance\", \"1e-6\"]}}}",
	  "" },
	{ "tests twice",
	  "{" GOOD ", \"test_cases\": [{\"input\": \"\", \"expected_output\": \"\"}], \"judge\": {\"tests\":"
	  " [{\"input\": \"\", \"answer\": \"\"}]}}",
	  "body.judge conflict" },
};

static const struct {
	const char *story, *body, *expected;
} queue_cases[] = {
	{ "the least", "{\"code\": \"1\", \"language\": \"py\"}", "" },
	{ "with tests and a time limit",
	  "{\"code\": \"1\", \"language\": \"PYTHON\", \"input\": \"\", \"timeLimit\": 0.5, \"testCases\": "
	  "[{\"input\":"
	  " \"1\", \"expectedOutput\": \"1\"}]}",
	  "" },
	{ "the other API's names",
	  "{\"code\": \"1\", \"language\": \"py\", \"input_data\": \"\", \"user_id\": 1}",
	  "body.input_data unknown_field, body.user_id unknown_field" },
	{ "time limit too long", "{\"code\": \"1\", \"language\": \"py\", \"timeLimit\": 61}",
	  "body.timeLimit number_range" },
	{ "time limit twice",
	  "{\"code\": \"1\", \"language\": \"py\", \"timeLimit\": 1, \"limits\": {\"cpu_time_ms\": 5}}",
	  "body.timeLimit conflict" },
};

static void check_case(enum api api, const char *story, const char *body, const char *expected)
{
	cleanup_buffer struct buffer text = { 0 };
	struct decoded d;

	decode(api, body, strlen(body), NULL, &d);
	summarise(d.problems.list, &text);
	if (strcmp(buffer_text(&text), expected) != 0)
		fail_msg("%s: got \"%s\", expected \"%s\"", story, buffer_text(&text), expected);
	release(&d);
}

static void every_fault_is_named(void **state)
{
	for (size_t i = 0; i < sizeof v1_cases / sizeof v1_cases[0]; i++)
		check_case(API_V1, v1_cases[i].story, v1_cases[i].body, v1_cases[i].expected);
	for (size_t i = 0; i < sizeof queue_cases / sizeof queue_cases[0]; i++)
		check_case(API_QUEUE, queue_cases[i].story, queue_cases[i].body, queue_cases[i].expected);
}

static void faults_are_counted_up_to_a_limit(void **state)
{
	cleanup_buffer struct buffer body = { 0 };
	struct decoded d;

	buffer_puts(&body, "{\"x\": 0");
	for (int i = 0; i < 1000; i++)
		buffer_printf(&body, ", \"x%d\": 0", i);
	buffer_putc(&body, '}');
	decode(API_V1, body.data, body.size, NULL, &d);
	assert_int_equal(json_array_size(d.problems.list), PROBLEMS_MAX);
	release(&d);
}

static void sizes_are_marked_as_such(void **state)
{
	static const char body[] = "{" GOOD ", \"input_data\": \"12345678901234567\"}";
	struct decoded d;

	decode(API_V1, body, strlen(body), NULL, &d);
	assert_true(d.problems.too_large);
	assert_string_equal(json_string_value(json_object_get(json_array_get(d.problems.list, 0), "msg")),
			    "must be at most 16 bytes long, has 17");
	release(&d);
}

static void a_plain_run_is_one_test(void **state)
{
	static const char body[] = "{" GOOD ", \"input_data\": \"in\"}";
	struct decoded d;

	decode(API_V1, body, strlen(body), NULL, &d);
	const struct task *task = &d.request.task;
	assert_string_equal(task->language, "python");
	assert_int_equal(d.request.user_kind, USER_INT);
	assert_string_equal(d.request.user_id, "1");
	assert_int_equal(d.request.class, JOB_SUBMISSION);
	assert_true(d.request.execute);
	assert_false(task->judged);
	assert_int_equal(task->file_count, 1);
	assert_null(task->files[0].name);
	assert_string_equal(task->files[0].data, "1");
	assert_int_equal(task->test_count, 1);
	assert_string_equal(task->tests[0].input, "in");
	assert_false(task->tests[0].compare);
	assert_int_equal(task->limits.cpu_time_us, 10000000);
	assert_int_equal(task->limits.wall_time_us, 20000000);
	assert_int_equal(task->limits.memory_bytes, 256 << 20);
	assert_int_equal(task->limits.output_bytes, 1 << 20);
	assert_int_equal(task->compile_limits.cpu_time_us, 30000000);
	release(&d);
}

static void the_queue_api_has_defaults_of_its_own(void **state)
{
	static const char silent[] = "{\"code\": \"1\", \"language\": \"py\"}";
	static const char asking[] = "{\"code\": \"1\", \"language\": \"py\","
				     " \"limits\": {\"memory_mb\": 256, \"output_kb\": 1024}}";
	struct decoded d;

	decode(API_QUEUE, silent, strlen(silent), NULL, &d);
	assert_int_equal(d.request.task.limits.memory_bytes, 128 << 20);
	assert_int_equal(d.request.task.limits.output_bytes, 64 << 10);
	assert_int_equal(d.request.task.limits.cpu_time_us, 10000000);
	release(&d);
	decode(API_QUEUE, asking, strlen(asking), NULL, &d);
	assert_int_equal(d.request.task.limits.memory_bytes, 256 << 20);
	assert_int_equal(d.request.task.limits.output_bytes, 1 << 20);
	release(&d);
}

static void wall_time_follows_cpu_time(void **state)
{
	static const char body[] = "{\"code\": \"1\", \"language\": \"py\", \"timeLimit\": 2}";
	static const char longest[] = "{" GOOD ", \"limits\": {\"cpu_time_ms\": 60000}}";
	struct decoded d;

	decode(API_QUEUE, body, strlen(body), NULL, &d);
	assert_int_equal(d.request.task.limits.cpu_time_us, 2000000);
	assert_int_equal(d.request.task.limits.wall_time_us, 5000000);
	assert_int_equal(d.request.class, JOB_INTERACTIVE);
	release(&d);
	decode(API_V1, longest, strlen(longest), NULL, &d);
	assert_int_equal(d.request.task.limits.wall_time_us, 100000000);
	release(&d);
}

static void tests_and_files_arrive_whole(void **state)
{
	static const char body[] =
		"{\"code\": \"1\", \"language\": \"py\", \"user_id\": \"7\", \"test_cases\": [{\"input\": "
		"\"a\","
		" \"expected_output\": \"b\"}, {\"expected_output\": \"\"}], \"files\": [{\"name\": \"d\","
		" \"content\": \"AAE=\", \"encoding\": \"base64\"}], \"args\": [\"x\", \"y\"]}";
	struct decoded d;

	decode(API_V1, body, strlen(body), NULL, &d);
	const struct task *task = &d.request.task;
	assert_false(problems_any(&d.problems));
	assert_int_equal(d.request.user_kind, USER_TEXT);
	assert_true(task->judged);
	assert_int_equal(task->test_count, 2);
	assert_string_equal(task->tests[0].answer, "b");
	assert_true(task->tests[0].compare && task->tests[1].compare);
	assert_string_equal(task->tests[1].input, "");
	assert_int_equal(task->file_count, 2);
	assert_int_equal(task->files[1].size, 2);
	assert_memory_equal(task->files[1].data, "\0\1", 2);
	assert_string_equal(task->args[1], "y");
	assert_null(task->args[2]);
	release(&d);
}

static void the_header_key_counts_like_the_field(void **state)
{
	static const char with[] = "{" GOOD ", \"idempotency_key\": \"k\"}", without[] = "{" GOOD "}";
	struct decoded d;

	decode(API_V1, without, strlen(without), "h", &d);
	assert_string_equal(d.request.idempotency_key, "h");
	release(&d);
	decode(API_V1, with, strlen(with), "k", &d);
	assert_false(problems_any(&d.problems));
	release(&d);
	decode(API_V1, with, strlen(with), "other", &d);
	assert_true(problems_any(&d.problems));
	release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_is_named),
		cmocka_unit_test(faults_are_counted_up_to_a_limit),
		cmocka_unit_test(sizes_are_marked_as_such),
		cmocka_unit_test(a_plain_run_is_one_test),
		cmocka_unit_test(the_queue_api_has_defaults_of_its_own),
		cmocka_unit_test(wall_time_follows_cpu_time),
		cmocka_unit_test(tests_and_files_arrive_whole),
		cmocka_unit_test(the_header_key_counts_like_the_field),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
