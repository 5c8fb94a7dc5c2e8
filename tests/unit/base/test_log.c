#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"

/* Everything logged by `act` while standard error is `fd`. */
static void with_stderr(int fd, void (*act)(void))
{
	int kept = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	act();
	dup2(kept, STDERR_FILENO);
	close(kept);
}

static void log_to_file(void (*act)(void), struct buffer *out)
{
	char path[] = "/tmp/arena-log-XXXXXX";
	cleanup_fd int fd = mkstemp(path);
	assert_true(fd >= 0);
	unlink(path);
	with_stderr(fd, act);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fd_read_all(fd, 1 << 20, out, NULL), 0);
}

static void log_one(void)
{
	log_setup("execution", LOG_INFO);
	log_set_request_id("r-1");
	log_debug("unheard");
	log_warning("disk \"full\"\n", LOG_TEXT("path", "/tmp/\xff"), LOG_INT("bytes", -5),
		    LOG_TEXT("none", NULL));
	log_set_request_id(NULL);
}

static void a_line_is_one_json_object(void **state)
{
	cleanup_buffer struct buffer out = { 0 };
	log_to_file(log_one, &out);
	assert_ptr_equal(strchr(out.data, '\n'), out.data + out.size - 1);
	cleanup_json json_t *line = NULL;
	assert_int_equal(json_parse(out.data, out.size, &line, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(line, "level")), "warning");
	assert_string_equal(json_string_value(json_object_get(line, "role")), "execution");
	assert_string_equal(json_string_value(json_object_get(line, "request_id")), "r-1");
	assert_string_equal(json_string_value(json_object_get(line, "event")), "disk \"full\"\n");
	assert_string_equal(json_string_value(json_object_get(line, "path")), "/tmp/\xef\xbf\xbd");
	assert_int_equal(json_integer_value(json_object_get(line, "bytes")), -5);
	assert_string_equal(json_string_value(json_object_get(line, "none")), "");
	assert_int_equal(json_string_length(json_object_get(line, "time")),
			 strlen("2024-01-15T10:30:00.000Z"));
}

static void log_plainly(void)
{
	log_setup("worker", LOG_DEBUG);
	log_debug("forged\n\x1b[31mline", LOG_TEXT("text", "a\nb"), LOG_INT("n", 3));
}

static void a_terminal_gets_plain_text(void **state)
{
	int terminal, ours;
	if (openpty(&ours, &terminal, NULL, NULL, NULL) < 0)
		fail_msg("no pseudo-terminal");
	with_stderr(terminal, log_plainly);
	char line[300] = { 0 };
	assert_true(read(ours, line, sizeof line - 1) > 0);
	assert_non_null(strstr(line, "debug   worker: forged  [31mline text=a b n=3\r\n"));
	close(terminal);
	close(ours);
	log_setup("", LOG_INFO);
}

static void *log_many(void *context)
{
	log_set_request_id(context);
	for (int i = 0; i < 200; i++)
		log_info("tick", LOG_INT("i", i));
	return NULL;
}

static void log_in_threads(void)
{
	pthread_t threads[4];
	static char names[4][2] = { "a", "b", "c", "d" };
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void lines_of_threads_do_not_mix(void **state)
{
	cleanup_buffer struct buffer out = { 0 };
	log_to_file(log_in_threads, &out);
	int counts[4] = { 0 };
	for (char *next = out.data, *line; (line = strsep(&next, "\n")) && *line;) {
		cleanup_json json_t *json = NULL;
		assert_int_equal(json_parse(line, strlen(line), &json, NULL), 0);
		counts[json_string_value(json_object_get(json, "request_id"))[0] - 'a']++;
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(counts[i], 200);
	assert_string_equal(log_request_id(), "");
}

static void levels_have_names(void **state)
{
	assert_int_equal(log_level_from_name("debug"), LOG_DEBUG);
	assert_int_equal(log_level_from_name("info"), LOG_INFO);
	assert_int_equal(log_level_from_name("warn"), LOG_WARNING);
	assert_int_equal(log_level_from_name("warning"), LOG_WARNING);
	assert_int_equal(log_level_from_name("error"), LOG_ERROR);
	assert_int_equal(log_level_from_name("loud"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_json_object),
		cmocka_unit_test(a_terminal_gets_plain_text),
		cmocka_unit_test(lines_of_threads_do_not_mix),
		cmocka_unit_test(levels_have_names),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
