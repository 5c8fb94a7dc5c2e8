/* The configuration from a `.env` file of any bytes: what loads gives limits that a run can have, none above its
 * maximum; what does not says why. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "base/config.h"
#include "base/fd.h"

static void check_warning(const char *text)
{
	must(strstr(text, "did you mean "));
}

static void check_limits(const struct limits *limits)
{
	must(limits->cpu_time_us > 0 && limits->wall_time_us > 0 && limits->memory_bytes > 0);
	must(limits->output_bytes > 0 && limits->file_bytes > 0 && limits->processes > 0);
}

static void check(const struct config *config)
{
	struct limits run, compile;

	config_limits(config, &run, &compile);
	check_limits(&run);
	check_limits(&compile);
	must(config->memory_mb <= config->memory_max_mb && config->output_kb <= config->output_max_kb);
	must(config->queue_memory_mb <= config->memory_max_mb && config->queue_memory_mb > 0);
	must(config->http_threads > 0 && config->code_bytes > 0 && config->tests > 0 && config->lease_s > 0);
	must(config->data_dir && config->database_url && config->worker_token && config->log_level);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	cleanup_fd int fd = fd_sealed("env", data, size, &err);
	struct config *config = NULL;
	char path[64];

	must(fd >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (config_load(path, check_warning, &config, &err) == 0)
		check(config);
	else
		must(err.code < 0 && err.text[0] && !config);
	config_free(config);
	return 0;
}
