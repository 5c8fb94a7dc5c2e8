#include "service.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "net/client.h"

enum { READY_TRIES = 300, READY_PAUSE_US = 50000 };

/* Nothing that would get in a crowd's way, and nothing of the caller's own configuration. */
static _Noreturn void become_service(const struct service_options *options, const char *folder, int out)
{
	char data[96], backend[128];
	snprintf(data, sizeof data, "%s/data", folder);
	snprintf(backend, sizeof backend, "sqlite:%s/backend.db", data);
	const char *const settings[][2] = {
		{ "EXECUTION_LISTEN", "127.0.0.1:0" },
		{ "BACKEND_LISTEN", "127.0.0.1:0" },
		{ "WORKER_LISTEN", "127.0.0.1:0" },
		{ "LANES", options->lanes ? options->lanes : "0" },
		{ "HTTP_CONNECTIONS", "15000" },
		{ "HTTP_QUEUE", "15000" },
		{ "WAIT_MAX", "3600" },
		{ "RATE_LIMIT", "0" },
		{ "RATE_LIMIT_ADDRESS", "0" },
		{ "WORKER_TOKEN", "bench" },
		{ "LOG_LEVEL", "error" },
		{ "DATABASE_URL", options->database_url ? options->database_url : "" },
		{ "BACKEND_DATABASE_URL", backend },
		{ "BACKEND_SERVICE_URL", "" },
		{ "NODE_ENV", "test" },
		{ "TRUSTED_PROXIES", "" },
	};
	setenv("DATA_DIR", data, 1);
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		setenv(settings[i][0], settings[i][1], 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(out, 1);
	execl("/proc/self/exe", "arena", options->command, (char *)NULL);
	_exit(127);
}

static const char address[] = "execution service http://127.0.0.1:";

/* "ready: execution service http://127.0.0.1:41234" */
static int read_port(int out, int *port, struct error *err)
{
	char line[512];
	size_t size = 0;
	while (size < sizeof line - 1 && !memchr(line, '\n', size)) {
		ssize_t got = read(out, line + size, sizeof line - 1 - size);
		if (got <= 0)
			return error_set(err, -EIO, "the execution service ended before it was ready");
		size += (size_t)got;
	}
	line[size] = '\0';
	const char *at = strstr(line, address);
	*port = at ? atoi(at + strlen(address)) : 0;
	return *port > 0 ? 0 : error_set(err, -EPROTO, "the execution service said '%s'", line);
}

static int wait_for_worker(struct service *service, struct error *err)
{
	int code = -EAGAIN;
	for (int i = 0; i < READY_TRIES && code < 0; i++) {
		code = service_ask(service, "GET", "/health/ready", NULL, NULL, err);
		if (code < 0)
			usleep(READY_PAUSE_US);
	}
	return code;
}

int service_start(struct service *service, const struct service_options *options, struct error *err)
{
	*service = (struct service){ .folder = "/tmp/arena-bench.XXXXXX" };
	int out[2];
	if (!mkdtemp(service->folder) || chmod(service->folder, 0755) < 0)
		return error_errno(err, "make a folder for the service");
	if (pipe2(out, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	cleanup_fd int reader = out[0], writer = out[1];
	service->pid = fork();
	if (service->pid < 0)
		return error_errno(err, "fork");
	if (service->pid == 0)
		become_service(options, service->folder, writer);
	close_fd(&writer);
	int code = read_port(reader, &service->port, err);
	if (code == 0)
		code = http_client_new(&service->client, err);
	if (code == 0 && strcmp(options->command, "serve") == 0)
		code = wait_for_worker(service, err);
	return code;
}

void service_stop(struct service *service)
{
	http_client_free(service->client);
	if (service->pid > 0) {
		kill(service->pid, SIGTERM);
		waitpid(service->pid, NULL, 0);
	}
	if (service->folder[0]) {
		char command[128];
		snprintf(command, sizeof command, "rm -rf '%s'", service->folder);
		if (system(command) != 0)
			fprintf(stderr, "%s is left over\n", service->folder);
	}
	*service = (struct service){ 0 };
}

int service_ask(struct service *service, const char *method, const char *path, const char *body,
		json_t **reply, struct error *err)
{
	cleanup_buffer struct buffer response = { 0 };
	char url[256];
	int status;
	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", service->port, path);
	const struct http_client_request request = { .method = method,
						     .url = url,
						     .body = body,
						     .body_size = body ? strlen(body) : 0,
						     .timeout_ms = 60000,
						     .response_max_bytes = 16 << 20 };
	int code = http_client_run(service->client, &request, &status, &response, err);
	if (code < 0)
		return error_wrap(err, "%s %s", method, path);
	if (status / 100 != 2)
		return error_set(err, -EPROTO, "%s %s: %d %.200s", method, path, status,
				 buffer_text(&response));
	if (reply)
		*reply = json_loads(buffer_text(&response), 0, NULL);
	return reply && !*reply ? error_set(err, -EPROTO, "%s %s: no JSON", method, path) : 0;
}

static int64_t kilobytes(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	return at ? strtoll(at + strlen(name), NULL, 10) * 1024 : 0;
}

int service_memory(const struct service *service, int64_t *now_bytes, int64_t *peak_bytes, struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/status", (int)service->pid);
	int code = file_read_all(path, 1 << 16, &text, err);
	if (code < 0)
		return code;
	*now_bytes = kilobytes(buffer_text(&text), "VmRSS:");
	*peak_bytes = kilobytes(buffer_text(&text), "VmHWM:");
	return 0;
}
