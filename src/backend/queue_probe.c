#include "queue_probe.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "net/client.h"

enum { FRESH_US = 10000000, TIMEOUT_MS = 2000, ANSWER_MAX_BYTES = 65536 };

struct queue_probe {
	const struct config *config;
	struct http_client *client;
	pthread_mutex_t lock;
	int64_t looked_us; /* 0: never */
	bool asking, answers;
};

int queue_probe_new(const struct config *config, struct queue_probe **ret_probe, struct error *err)
{
	struct queue_probe *probe = calloc(1, sizeof *probe);

	if (!probe)
		return error_set(err, -ENOMEM, "out of memory");
	probe->config = config;
	pthread_mutex_init(&probe->lock, NULL);
	int code = http_client_new(&probe->client, err);
	if (code < 0)
		queue_probe_free(probe);
	else
		*ret_probe = probe;
	return code;
}

void queue_probe_free(struct queue_probe *probe)
{
	if (!probe)
		return;
	http_client_free(probe->client);
	pthread_mutex_destroy(&probe->lock);
	free(probe);
}

bool queue_probe_last(struct queue_probe *probe)
{
	pthread_mutex_lock(&probe->lock);
	bool answers = probe->answers;
	pthread_mutex_unlock(&probe->lock);
	return answers;
}

static bool ask(struct queue_probe *probe)
{
	cleanup_buffer struct buffer url = { 0 }, answer = { 0 };
	size_t size = strlen(probe->config->queue_url);
	struct error err;
	int status = 0;

	while (size > 0 && probe->config->queue_url[size - 1] == '/')
		size--;
	buffer_append(&url, probe->config->queue_url, size);
	buffer_puts(&url, "/health");
	return !url.failed &&
	       http_client_run(probe->client,
			       &(struct http_client_request){ .method = "GET",
							      .url = url.data,
							      .timeout_ms = TIMEOUT_MS,
							      .response_max_bytes = ANSWER_MAX_BYTES },
			       &status, &answer, &err) == 0 &&
	       status == 200;
}

void queue_probe_look(struct queue_probe *probe)
{
	int64_t now_us = clock_monotonic_us();

	pthread_mutex_lock(&probe->lock);
	bool asks = !probe->asking && (probe->looked_us == 0 || now_us - probe->looked_us > FRESH_US);
	probe->asking = probe->asking || asks;
	pthread_mutex_unlock(&probe->lock);
	if (!asks)
		return;
	bool answers = ask(probe);
	pthread_mutex_lock(&probe->lock);
	probe->answers = answers;
	probe->asking = false;
	probe->looked_us = clock_monotonic_us();
	pthread_mutex_unlock(&probe->lock);
}
