/* admin_ask.c - questions to a running service over HTTP, with an admin key where it wants one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "execution/keys.h"
#include "net/client.h"

enum { TIMEOUT_MS = 10000, ANSWER_MAX_BYTES = 16 << 20, KEY_FILE_MAX_BYTES = 4096, URL_BYTES = 256 };

static void choose_url(const struct admin_service *service, const struct config *config, char url[URL_BYTES])
{
	const char *list = config->execution_listen;

	if (service->url)
		snprintf(url, URL_BYTES, "%.*s", URL_BYTES - 1, service->url);
	else
		snprintf(url, URL_BYTES, "http://%.*s", (int)strcspn(list, ","), list);
}

/* The file that was named must be there; the service's own need not. */
static int read_key(const struct admin_service *service, const struct config *config, struct buffer *key,
		    struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *path = service->key_file;
	struct error ignored;

	if (!path && !pool)
		return error_set(err, -ENOMEM, "out of memory");
	if (!path && file_read_all(key_first_path(config, pool), KEY_FILE_MAX_BYTES, key, &ignored) < 0)
		return 0;
	if (path && file_read_all(path, KEY_FILE_MAX_BYTES, key, err) < 0)
		return error_wrap(err, "key file");
	key->size = strcspn(buffer_text(key), "\r\n");
	if (key->data)
		key->data[key->size] = '\0';
	return 0;
}

static int refused(int status, const json_t *answer, struct error *err)
{
	const json_t *detail = json_object_get(answer, "detail");
	const char *text = json_string_value(detail ? detail : json_object_get(answer, "message"));

	if (!text)
		text = json_string_value(json_object_get(json_array_get(detail, 0), "msg"));
	return error_set(err, status == 401 || status == 403 ? -EACCES : -EPROTO,
			 "the service answered with %d: %s", status, text ? text : "");
}

static int request(const char *url, const char *bearer, const struct admin_question *question, int *status,
		   struct buffer *said, struct error *err)
{
	cleanup_buffer struct buffer whole = { 0 }, text = { 0 };
	struct http_client *client;

	buffer_printf(&whole, "%s%s", url, question->path);
	if ((question->body && json_write(question->body, &text) < 0) || whole.failed)
		return error_set(err, -ENOMEM, "out of memory");
	int code = http_client_new(&client, err);
	if (code < 0)
		return code;
	code = http_client_run(client,
			       &(struct http_client_request){ .method = question->method,
							      .url = whole.data,
							      .bearer = bearer,
							      .body = text.data,
							      .body_size = text.size,
							      .timeout_ms = TIMEOUT_MS,
							      .response_max_bytes = ANSWER_MAX_BYTES },
			       status, said, err);
	http_client_free(client);
	return code < 0 ? error_wrap(err, "ask the service at %s", url) : 0;
}

int admin_ask_at(const char *url, const char *bearer, const struct admin_question *question, json_t **answer,
		 struct error *err)
{
	cleanup_buffer struct buffer said = { 0 };
	json_t *json = NULL;
	int status = 0;

	int code = request(url, bearer, question, &status, &said, err);
	if (code < 0)
		return code;
	if (said.size > 0 && json_parse(said.data, said.size, &json, err) < 0)
		return error_wrap(err, "answer of %s", url);
	if (status / 100 == 2) {
		*answer = json;
		return 0;
	}
	code = refused(status, json, err);
	json_decref(json);
	return code;
}

int admin_ask(const struct admin_service *service, const struct config *config,
	      const struct admin_question *question, json_t **answer, struct error *err)
{
	cleanup_buffer struct buffer key = { 0 };
	char url[URL_BYTES];

	choose_url(service, config, url);
	int code = read_key(service, config, &key, err);
	if (code < 0)
		return code;
	code = admin_ask_at(url, key.size ? key.data : NULL, question, answer, err);
	return code == -ECONNREFUSED
		       ? error_wrap(err, "nobody listens (keys of a service that is stopped: --database)")
		       : code;
}
