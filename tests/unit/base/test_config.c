#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/config.h"
#include "base/fd.h"

static char path[] = "/tmp/arena-env-XXXXXX";
static struct buffer warnings;

static void keep_warning(const char *text)
{
	buffer_puts(&warnings, text);
	buffer_putc(&warnings, '\n');
}

static int setup(void **state)
{
	clearenv();
	buffer_clear(&warnings);
	return 0;
}

static int make_file(void **state)
{
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	buffer_free(&warnings);
	return unlink(path);
}

static int load(const char *env_file, struct config **config, struct error *err)
{
	assert_int_equal(file_replace(path, env_file, strlen(env_file), 0600, err), 0);
	return config_load(path, keep_warning, config, err);
}

static void free_config(struct config **config)
{
	config_free(*config);
}
#define cleanup_config cleanup_with(free_config)

static void defaults_without_a_file(void **state)
{
	cleanup_config struct config *config = NULL;
	struct error err = { 0 };
	assert_int_equal(config_load("/nowhere/.env", keep_warning, &config, &err), 0);
	assert_string_equal(config->data_dir, "data");
	assert_string_equal(config->execution_listen, "127.0.0.1:8001,127.0.0.1:3001");
	assert_int_equal(config->cpu_time_ms, 10000);
	assert_int_equal(config->memory_max_mb, 2048);
	assert_int_equal(config->code_bytes, 65536);
	assert_int_equal(config->lanes, 0);
	assert_false(config->production);
	assert_string_equal(config->worker_token, "");
	assert_string_equal(buffer_text(&warnings), "");
}

static void every_form_of_line(void **state)
{
	cleanup_config struct config *config = NULL;
	struct error err = { 0 };
	int code = load("# a comment\r\n"
			"\r\n"
			"DATA_DIR = /srv/arena # here\r\n"
			"export LOG_LEVEL=debug\n"
			"\tLANGUAGES_DIR='/a b/$HOME #1'   # packs\n"
			"WORKER_TOKEN=\"q\\\"q\\\\ \\n#\"\n"
			"HTTP_THREADS=1\n"
			"HTTP_THREADS=2\n"
			"NODE_ENV=production\n"
			"SANDBOX_SOCKET=/run/a#b\n"
			"LANES=\n"
			"not_ours.at.all",
			&config, &err);
	assert_int_equal(code, -EINVAL);
	assert_non_null(strstr(err.text, ":12: expected NAME=value"));
	code = load("# a comment\r\n"
		    "\r\n"
		    "DATA_DIR = /srv/arena # here\r\n"
		    "export LOG_LEVEL=debug\n"
		    "\tLANGUAGES_DIR='/a b/$HOME #1'   # packs\n"
		    "WORKER_TOKEN=\"q\\\"q\\\\ \\n#\"\n"
		    "HTTP_THREADS=1\n"
		    "HTTP_THREADS=2\n"
		    "NODE_ENV=production\n"
		    "SANDBOX_SOCKET=/run/a#b\n"
		    "LANES=\n"
		    "NOT_OURS=x",
		    &config, &err);
	if (code < 0)
		fail_msg("%s", err.text);
	assert_string_equal(config->data_dir, "/srv/arena");
	assert_string_equal(config->log_level, "debug");
	assert_string_equal(config->languages_dir, "/a b/$HOME #1");
	assert_string_equal(config->worker_token, "q\"q\\ \n#");
	assert_int_equal(config->http_threads, 2);
	assert_true(config->production);
	assert_string_equal(config->sandbox_socket, "/run/a#b");
	assert_int_equal(config->lanes, 0);
}

static void the_environment_wins(void **state)
{
	cleanup_config struct config *config = NULL;
	struct error err = { 0 };
	setenv("LANES", "7", 1);
	assert_int_equal(load("LANES=3\nQUEUE_LEASE=30\n", &config, &err), 0);
	assert_int_equal(config->lanes, 7);
	assert_int_equal(config->lease_s, 30);
}

static const struct {
	const char *line, *message; /* a part of it */
} refused[] = {
	{ "LANES=many", "LANES=many: must be a whole number from 0 to 256 (lanes)" },
	{ "LANES=-1", "LANES=-1: must be a whole number from 0 to 256 (lanes)" },
	{ "LANES=257", "LANES=257: must be a whole number from 0 to 256 (lanes)" },
	{ "LANES=1.5", "LANES=1.5: must be a whole number from 0 to 256 (lanes)" },
	{ "LANES=99999999999999999999", "must be a whole number from 0 to 256 (lanes)" },
	{ "LOG_LEVEL=loud", "LOG_LEVEL=loud: must be one of debug|info|warn|warning|error" },
	{ "LOG_LEVEL=debug|info", "must be one of debug|info|warn|warning|error" },
	{ "NODE_ENV=prod", "NODE_ENV=prod: must be one of production|development|test" },
	{ "CODE_EXECUTION_TIMEOUT=30,0",
	  "CODE_EXECUTION_TIMEOUT=30,0: must be a number of seconds from 0.01 to 600" },
	{ "CODE_EXECUTION_TIMEOUT=601", "must be a number of seconds" },
	{ "CODE_EXECUTION_TIMEOUT=1.", "must be a number of seconds" },
	{ "EXECUTION_MODE=both", "EXECUTION_MODE=both: must be one of direct|queue" },
	{ "EXECUTION_LISTEN=0.0.0.0", "EXECUTION_LISTEN=0.0.0.0: must be a comma list of ADDRESS:PORT" },
	{ "EXECUTION_LISTEN=127.0.0.1", "a comma list of ADDRESS:PORT" },
	{ "EXECUTION_LISTEN=127.0.0.1:65536", "a comma list of ADDRESS:PORT" },
	{ "EXECUTION_LISTEN=127.0.0.1:80,", "a comma list of ADDRESS:PORT" },
	{ "EXECUTION_LISTEN=::1:80", "a comma list of ADDRESS:PORT" },
	{ "EXECUTION_LISTEN=localhost:80", "a comma list of ADDRESS:PORT" },
	{ "TRUSTED_PROXIES=10.0.0.1/8", "a comma list of addresses and networks such as 10.0.0.0/8" },
	{ "TRUSTED_PROXIES=10.0.0.0/33", "a comma list of addresses and networks such as 10.0.0.0/8" },
	{ "TRUSTED_PROXIES=localhost", "a comma list of addresses and networks such as 10.0.0.0/8" },
	{ "TRUSTED_PROXIES=::1,", "a comma list of addresses and networks such as 10.0.0.0/8" },
	{ "CORS_ORIGINS=judge.example", "a comma list of origins such as https://judge.example, or *" },
	{ "CORS_ORIGINS=https://judge.example/",
	  "a comma list of origins such as https://judge.example, or *" },
	{ "CORS_ORIGINS=https://a,", "a comma list of origins such as https://judge.example, or *" },
	{ "CORS_ORIGINS=https://*.example", "a comma list of origins such as https://judge.example, or *" },
	{ "DATABASE_URL=mysql://root:hunter2@db/x",
	  "DATABASE_URL=********: must be sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE" },
	{ "DATABASE_URL=sqlite:",
	  "DATABASE_URL=********: must be sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE" },
	{ "BACKEND_SERVICE_URL=localhost:8000", "must be http://HOST:PORT or https://HOST" },
	{ "BACKEND_SERVICE_URL=http://", "must be http://HOST:PORT or https://HOST" },
	{ "BACKEND_SERVICE_URL=http://a/?b", "must be http://HOST:PORT or https://HOST" },
	{ "JWT_SECRET=hunter2", "JWT_SECRET=********: must be a text of 32 bytes or more" },
	{ "JWT_SECRET=hunter2-hunter2-hunter2-hunter2-,short", "JWT_SECRET=********: must be" },
	{ "JWT_SECRET=hunter2-hunter2-hunter2-hunter2-,", "JWT_SECRET=********: must be" },
	{ "WEBHOOK_ALLOW_PRIVATE=yes", "WEBHOOK_ALLOW_PRIVATE=yes: must be one of true|false" },
	{ "WEBHOOK_RETRIES=1,,2", "must be a comma list of 1 to 30 whole numbers of seconds" },
	{ "WEBHOOK_RETRIES=1,2,", "must be a comma list" },
	{ "WEBHOOK_RETRIES=604801", "must be a comma list" },
	{ "WEBHOOK_RETRIES=1.5", "must be a comma list" },
	{ "WEBHOOK_RETRIES=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
	  "must be a comma list" },
	{ "LIMIT_MEMORY=4096", "LIMIT_MEMORY=4096: must not be above LIMIT_MEMORY_MAX, which is 2048" },
	{ "QUEUE_LIMIT_OUTPUT=99999",
	  "QUEUE_LIMIT_OUTPUT=99999: must not be above LIMIT_OUTPUT_MAX, which is 16384" },
	{ "LIMIT_CPU_TIME_MAX=500",
	  "LIMIT_CPU_TIME=10000: must not be above LIMIT_CPU_TIME_MAX, which is 500" },
	{ "WORKER_TOKEN=\"hunter2", ":1: a quote is not closed on its line" },
	{ "WORKER_TOKEN='hunter2' x", ":1: something follows the closing quote" },
	{ "9LIVES=1", ":1: expected NAME=value" },
	{ "=1", ":1: expected NAME=value" },
	{ "LANES", ":1: expected NAME=value" },
	{ "export", ":1: expected NAME=value" },
};

static void bad_values_stop_the_start(void **state)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct config *config = NULL;
		struct error err = { 0 };
		if (load(refused[i].line, &config, &err) != -EINVAL)
			fail_msg("%s: was taken", refused[i].line);
		if (!strstr(err.text, refused[i].message))
			fail_msg("%s: %s", refused[i].line, err.text);
		assert_null(strstr(err.text, "hunter2"));
		assert_null(config);
	}
}

static void good_listeners(void **state)
{
	static const char *const good[] = { "127.0.0.1:0", "127.1.2.3:8001,[::1]:8001" };
	for (size_t i = 0; i < 2; i++) {
		cleanup_config struct config *config = NULL;
		setenv("EXECUTION_LISTEN", good[i], 1);
		assert_int_equal(load("", &config, NULL), 0);
		assert_string_equal(config->execution_listen, good[i]);
	}
}

/* Two secrets that are long enough, and one port for another. */
static void what_is_given_is_told_from_defaults(void **state)
{
	static const char secrets[] = "0123456789abcdef0123456789abcdef,fedcba9876543210fedcba9876543210";
	cleanup_config struct config *config = NULL;
	setenv("JWT_SECRET", secrets, 1);
	assert_int_equal(load("PORT=5123\nLANES=0", &config, NULL), 0);
	assert_string_equal(config->jwt_secret, secrets);
	assert_string_equal(config->backend_listen, "127.0.0.1:8000,127.0.0.1:5123");
	assert_true(config_is_given(config, "JWT_SECRET"));
	assert_true(config_is_given(config, "LANES"));
	assert_false(config_is_given(config, "BACKEND_LISTEN"));
	assert_false(config_is_given(config, "NO_SUCH_NAME"));
}

static void a_listener_that_is_given_wins(void **state)
{
	cleanup_config struct config *config = NULL;
	assert_int_equal(load("PORT=5123\nBACKEND_LISTEN=[::1]:1", &config, NULL), 0);
	assert_string_equal(config->backend_listen, "[::1]:1");
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
	struct config *config = NULL;
	struct error err = { 0 };
	assert_int_equal(config_load("/tmp", keep_warning, &config, &err), -EISDIR);
	assert_non_null(strstr(err.text, "/tmp"));
}

static const struct {
	const char *name, *meant; /* NULL: no warning */
} names[] = {
	{ "LOG_LEVLE", "LOG_LEVEL" },
	{ "EXECUTON_LISTEN", "EXECUTION_LISTEN" },
	{ "LIMIT_CPU_TIMES", "LIMIT_CPU_TIME" },
	{ "LANE", "LANES" },
	{ "LANG", NULL },
	{ "LINES", NULL },
	{ "LANGUAGE", NULL },
	{ "PATH", NULL },
	{ "CODE_EXECUTION_API_KEY", NULL },
	{ "CODE_EXECUTION_API_URL", NULL },
	{ "CODE_EXECUTION_API_KIND", NULL },
	{ "HTTP_PROXY", NULL },
	{ "DATABASE_URL", NULL },
	{ "WEBHOK_TIMEOUT", "WEBHOOK_TIMEOUT" },
	{ "BACKEND_DATABASE_URL", NULL },
};

static void slips_of_the_finger_are_pointed_out(void **state)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		cleanup_config struct config *config = NULL;
		setup(state);
		if (i % 2)
			setenv(names[i].name, "sqlite:x", 1);
		char line[100];
		snprintf(line, sizeof line, "%s=sqlite:x\n", i % 2 ? "X" : names[i].name);
		assert_int_equal(load(line, &config, NULL), 0);
		const char *said = buffer_text(&warnings);
		if (!names[i].meant && *said)
			fail_msg("%s: %s", names[i].name, said);
		if (names[i].meant && (!strstr(said, names[i].meant) || !strstr(said, names[i].name)))
			fail_msg("%s: %s", names[i].name, said);
	}
}

static void limits_follow_the_configuration(void **state)
{
	cleanup_config struct config *config = NULL;
	struct limits run, compile;
	assert_int_equal(
		load("LIMIT_CPU_TIME=1500\nLIMIT_MEMORY=64\nLIMIT_COMPILE_TIME=4000\n", &config, NULL), 0);
	config_limits(config, &run, &compile);
	assert_int_equal(run.cpu_time_us, 1500000);
	assert_int_equal(run.memory_bytes, 64 << 20);
	assert_int_equal(run.cpus, 1);
	assert_int_equal(compile.cpu_time_us, 4000000);
	assert_int_equal(compile.wall_time_us, 9000000);
	limits_raise(&run, &(struct limits){ .memory_bytes = 128 << 20, .processes = 10 });
	assert_int_equal(run.memory_bytes, 128 << 20);
	assert_int_equal(run.processes, 64);
	assert_int_equal(run.cpu_time_us, 1500000);
}

static void printing_masks_secrets(void **state)
{
	cleanup_config struct config *config = NULL;
	assert_int_equal(
		load("WORKER_TOKEN=hunter2\nDATA_DIR=/srv\nDATABASE_URL=sqlite:/pw\n", &config, NULL), 0);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	config_print(config, out);
	fclose(out);
	assert_non_null(
		strstr(text, "DATA_DIR=/srv  # where submissions and results are kept; default data; "));
	assert_non_null(strstr(text, "WORKER_TOKEN=********  # "));
	assert_non_null(strstr(text, "LANES=0  # how many programs run at once; 0 is one a processor; "
				     "default 0; 0 to 256 lanes\n"));
	assert_null(strstr(text, "hunter2"));
	assert_null(strstr(text, "/pw"));
	free(text);
}

static void the_table_is_documented(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	config_print_markdown(out);
	fclose(out);
	assert_non_null(strstr(text, "| `LOG_LEVEL` | `info` | debug, info, warn, warning, error | "));
	for (const char *row = text; *row; row = strchr(row, '\n') + 1) {
		int bars = 0;
		for (const char *at = row; *at != '\n'; at++)
			bars += *at == '|';
		assert_int_equal(bars, 5);
	}
	free(text);
}

/* What a worker is started with: each value that holds, no secret, and what its starter says instead. */
static void an_environment_without_secrets(void **state)
{
	cleanup_config struct config *config = NULL;
	struct error err = { 0 };
	const char *const first[] = { "DATA_DIR=/elsewhere", "PATH=/bin", NULL };
	assert_int_equal(
		load("WORKER_TOKEN=one-secret\nDATABASE_URL=sqlite:secret.db\nLANES=7\n", &config, &err), 0);
	char **environment = config_environment(config, first);
	assert_non_null(environment);
	cleanup_buffer struct buffer all = { 0 };
	size_t count = 0;
	for (; environment[count]; count++)
		buffer_printf(&all, "[%s]", environment[count]);
	assert_true(count > 20);
	assert_non_null(strstr(buffer_text(&all), "[DATA_DIR=/elsewhere][PATH=/bin]"));
	assert_null(strstr(buffer_text(&all), "[DATA_DIR=data]"));
	assert_non_null(strstr(buffer_text(&all), "[LANES=7]"));
	assert_non_null(strstr(buffer_text(&all), "[NODE_ENV=development]"));
	assert_null(strstr(buffer_text(&all), "secret"));
	assert_null(strstr(buffer_text(&all), "WORKER_TOKEN"));
	free(environment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(defaults_without_a_file, setup),
		cmocka_unit_test_setup(every_form_of_line, setup),
		cmocka_unit_test_setup(the_environment_wins, setup),
		cmocka_unit_test_setup(bad_values_stop_the_start, setup),
		cmocka_unit_test_setup(good_listeners, setup),
		cmocka_unit_test_setup(what_is_given_is_told_from_defaults, setup),
		cmocka_unit_test_setup(a_listener_that_is_given_wins, setup),
		cmocka_unit_test_setup(a_file_that_cannot_be_read_is_an_error, setup),
		cmocka_unit_test_setup(slips_of_the_finger_are_pointed_out, setup),
		cmocka_unit_test_setup(limits_follow_the_configuration, setup),
		cmocka_unit_test_setup(printing_masks_secrets, setup),
		cmocka_unit_test_setup(the_table_is_documented, setup),
		cmocka_unit_test_setup(an_environment_without_secrets, setup),
	};
	return cmocka_run_group_tests_name("config", tests, make_file, remove_file);
}
