/* What authors read is part of the wire contract: each sentence stands here as it is sent. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/message.h"

static const struct limits limits = {
	.cpu_time_us = 1000000,
	.wall_time_us = 3000000,
	.memory_bytes = 128 << 20,
	.output_bytes = 1024 << 10,
	.file_bytes = 16 << 20,
};
static const struct limits odd = { .cpu_time_us = 1234567, .memory_bytes = 3 << 19, .output_bytes = 100 };

static const struct row {
	struct run_facts facts;
	const struct limits *limits;
	const char *expected; /* NULL: nothing to say */
} runs[] = {
	{ { 0 }, &limits, NULL },
	{ { .comparison = COMPARISON_EQUAL }, &limits, NULL },
	{ { .comparison = COMPARISON_DIFFERENT }, &limits, NULL },
	{ { .hit_cpu_limit = true, .signal = 9 }, &limits, "Time limit exceeded (1.00 s)" },
	{ { .hit_wall_limit = true, .signal = 9 }, &limits, "Time limit exceeded (3.00 s of wall time)" },
	{ { .hit_cpu_limit = true, .hit_wall_limit = true }, &limits, "Time limit exceeded (1.00 s)" },
	{ { .hit_memory_limit = true, .signal = 9 }, &limits, "Memory limit exceeded (128 MB)" },
	{ { .hit_output_limit = true }, &limits, "Output limit exceeded (1024 KB)" },
	{ { .hit_file_limit = true, .signal = 25 }, &limits, "File size limit exceeded (16 MB)" },
	{ { .signal = SIGSEGV }, &limits, "Killed by SIGSEGV" },
	{ { .signal = 40 }, &limits, "Killed by signal 40" },
	{ { .exit_code = 3, .comparison = COMPARISON_EQUAL }, &limits, "Exited with code 3" },
	{ { .cancelled = true }, &limits, "Cancelled" },
	{ { .box_failed = true }, &limits, "The judge failed" },
	{ { .hit_cpu_limit = true }, &odd, "Time limit exceeded (1.23 s)" },
	{ { .hit_memory_limit = true }, &odd, "Memory limit exceeded (1.5 MB)" },
	{ { .wrote_too_much = true }, &limits, "Output limit exceeded (1024 KB)" },
	{ { .hit_output_limit = true }, &odd, "Output limit exceeded (100 bytes)" },
};

static const struct row compiles[] = {
	{ { 0 }, &limits, NULL },
	{ { .exit_code = 1 }, &limits, NULL },
	{ { .hit_cpu_limit = true, .signal = 9 }, &limits, "Compilation took longer than 1.00 s" },
	{ { .hit_wall_limit = true, .signal = 9 }, &limits, "Compilation took longer than 3.00 s" },
	{ { .hit_memory_limit = true, .exit_code = 1 },
	  &limits,
	  "Compilation used more than 128 MB of memory" },
	{ { .hit_file_limit = true, .signal = 25 }, &limits, "Compilation wrote a file larger than 16 MB" },
	{ { .signal = SIGABRT }, &limits, "The compiler was killed by SIGABRT" },
	{ { .cancelled = true, .signal = 9 }, &limits, "Cancelled" },
};

typedef bool message_fn(const struct run_facts *facts, const struct limits *limits, char text[MESSAGE_BYTES]);

static void check_rows(message_fn *message, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[MESSAGE_BYTES] = "before";
		bool said = message(&rows[i].facts, rows[i].limits, text);

		assert_string_equal(text, rows[i].expected ? rows[i].expected : "");
		assert_int_equal(said, rows[i].expected != NULL);
	}
}

static void every_run_has_its_sentence(void **state)
{
	(void)state;
	check_rows(message_of_run, runs, sizeof runs / sizeof runs[0]);
}

static void every_compile_has_its_sentence(void **state)
{
	(void)state;
	check_rows(message_of_compile, compiles, sizeof compiles / sizeof compiles[0]);
}

static void the_largest_limits_fit(void **state)
{
	const struct limits huge = { .cpu_time_us = INT64_MAX,
				     .wall_time_us = INT64_MAX,
				     .memory_bytes = INT64_MAX,
				     .file_bytes = INT64_MAX };
	char text[MESSAGE_BYTES];

	(void)state;
	message_of_run(&(struct run_facts){ .hit_wall_limit = true }, &huge, text);
	assert_non_null(strstr(text, "of wall time)"));
	message_of_compile(&(struct run_facts){ .hit_memory_limit = true }, &huge, text);
	assert_non_null(strstr(text, "MB of memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_run_has_its_sentence),
		cmocka_unit_test(every_compile_has_its_sentence),
		cmocka_unit_test(the_largest_limits_fit),
	};
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
