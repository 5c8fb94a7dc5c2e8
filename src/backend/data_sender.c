#include "data_sender.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/pool.h"
#include "net/client.h"
#include "test_data.h"

enum { KNOWN_MAX = 200000, ANSWER_MAX_BYTES = 1 << 20 };

struct data_sender {
	struct data_sender_options options;
	struct http_client *client;
	pthread_t thread;
	bool runs;

	pthread_mutex_t sending; /* the client's: one request at a time */
	pthread_mutex_t lock;    /* of what follows */
	pthread_cond_t news;
	bool stopping;
	json_t *known; /* a set: name -> true */
	struct data_wish *first, **last;
};

/* ---- what is known ---- */

static bool is_known(struct data_sender *sender, const char *name)
{
	pthread_mutex_lock(&sender->lock);
	bool known = json_object_get(sender->known, name) != NULL;
	pthread_mutex_unlock(&sender->lock);
	return known;
}

static bool all_known(struct data_sender *sender, const struct data_wish *wish)
{
	size_t known = 0;

	pthread_mutex_lock(&sender->lock);
	while (known < wish->count && json_object_get(sender->known, wish->names[known]))
		known++;
	pthread_mutex_unlock(&sender->lock);
	return known == wish->count;
}

static void note_known(struct data_sender *sender, const char *name)
{
	pthread_mutex_lock(&sender->lock);
	if (json_object_size(sender->known) >= KNOWN_MAX)
		json_object_clear(sender->known);
	json_object_set_new(sender->known, name, json_true());
	pthread_mutex_unlock(&sender->lock);
}

void data_sender_forget(struct data_sender *sender, const struct data_wish *wish)
{
	pthread_mutex_lock(&sender->lock);
	for (size_t i = 0; i < wish->count; i++)
		json_object_del(sender->known, wish->names[i]);
	pthread_mutex_unlock(&sender->lock);
}

/* ---- one of them ---- */

static int say(struct data_sender *sender, const char *method, const char *name, const char *bytes,
	       size_t size, int *status, struct error *err)
{
	cleanup_buffer struct buffer url = { 0 }, answer = { 0 };

	size_t base = strlen(sender->options.url);

	while (base > 0 && sender->options.url[base - 1] == '/')
		base--;
	buffer_printf(&url, "%.*s/api/v1/blobs/%s", (int)base, sender->options.url, name);
	if (url.failed)
		return error_set(err, -ENOMEM, "out of memory");
	return http_client_run(
		sender->client,
		&(struct http_client_request){ .method = method,
					       .url = url.data,
					       .bearer = *sender->options.key ? sender->options.key : NULL,
					       .body = bytes,
					       .body_size = size,
					       .timeout_ms = sender->options.timeout_ms,
					       .response_max_bytes = ANSWER_MAX_BYTES },
		status, &answer, err);
}

static int put(struct data_sender *sender, const char *name, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *bytes;
	size_t size;
	int status = 0;
	int code = pool ? test_data_map(sender->options.data, name, pool, &bytes, &size, err)
			: error_set(err, -ENOMEM, "out of memory");

	if (code == 0)
		return error_set(err, -ENOENT, "test data %s is lost", name);
	if (code > 0)
		code = say(sender, "PUT", name, bytes, size, &status, err);
	if (code < 0)
		return code;
	if (status == 413)
		return error_set(err, -EFBIG,
				 "test data of %zu bytes is more than the service takes (its HTTP_BODY_MAX)",
				 size);
	return status == 200 || status == 201
		       ? 0
		       : error_set(err, -EIO, "the service answered with %d to test data", status);
}

static int bring(struct data_sender *sender, const char *name, struct error *err)
{
	int status = 0, code = 0;

	if (is_known(sender, name))
		return 0;
	code = say(sender, "HEAD", name, NULL, 0, &status, err);
	if (code == 0 && status != 200)
		code = status == 404
			       ? put(sender, name, err)
			       : error_set(err, -EIO, "the service answered with %d when asked for test data",
					   status);
	if (code == 0)
		note_known(sender, name);
	return code;
}

int data_sender_put(struct data_sender *sender, struct data_wish *wish, struct error *err)
{
	int code = 0;

	if (all_known(sender, wish))
		return 0;
	pthread_mutex_lock(&sender->sending);
	for (size_t i = 0; i < wish->count && code == 0; i++)
		code = bring(sender, wish->names[i], err);
	pthread_mutex_unlock(&sender->sending);
	return code;
}

/* ---- wishes ---- */

static struct data_wish *next_wish(struct data_sender *sender)
{
	pthread_mutex_lock(&sender->lock);
	while (!sender->first && !sender->stopping)
		pthread_cond_wait(&sender->news, &sender->lock);
	struct data_wish *wish = sender->first;
	if (wish && !(sender->first = wish->next))
		sender->last = &sender->first;
	pthread_mutex_unlock(&sender->lock);
	return wish;
}

static bool is_stopping(struct data_sender *sender)
{
	pthread_mutex_lock(&sender->lock);
	bool stopping = sender->stopping;
	pthread_mutex_unlock(&sender->lock);
	return stopping;
}

static void *sender_main(void *argument)
{
	struct data_sender *sender = argument;
	struct data_wish *wish;

	while ((wish = next_wish(sender))) {
		struct error err = { .text = "the backend stops" };
		int code = is_stopping(sender) ? -ECANCELED : data_sender_put(sender, wish, &err);

		wish->done(wish, code < 0 && is_stopping(sender) ? -ECANCELED : code,
			   code < 0 ? err.text : "");
	}
	return NULL;
}

void data_sender_ask(struct data_sender *sender, struct data_wish *wish)
{
	if (all_known(sender, wish)) {
		wish->done(wish, 0, "");
		return;
	}
	pthread_mutex_lock(&sender->lock);
	bool stopping = sender->stopping;
	wish->next = NULL;
	if (!stopping) {
		*sender->last = wish;
		sender->last = &wish->next;
		pthread_cond_signal(&sender->news);
	}
	pthread_mutex_unlock(&sender->lock);
	if (stopping)
		wish->done(wish, -ECANCELED, "the backend stops");
}

/* ---- its life ---- */

int data_sender_start(const struct data_sender_options *options, struct data_sender **ret_sender,
		      struct error *err)
{
	struct data_sender *sender = calloc(1, sizeof *sender);

	if (!sender)
		return error_set(err, -ENOMEM, "out of memory");
	sender->options = *options;
	sender->last = &sender->first;
	pthread_mutex_init(&sender->lock, NULL);
	pthread_mutex_init(&sender->sending, NULL);
	pthread_cond_init(&sender->news, NULL);
	sender->known = json_object();
	int code = sender->known ? http_client_new(&sender->client, err)
				 : error_set(err, -ENOMEM, "out of memory");
	if (code == 0 && (code = -pthread_create(&sender->thread, NULL, sender_main, sender)) < 0)
		error_set(err, code, "start the thread that sends test data: error %d", -code);
	if (code < 0) {
		data_sender_free(sender);
		return code;
	}
	pthread_setname_np(sender->thread, "data-sender");
	sender->runs = true;
	*ret_sender = sender;
	return 0;
}

void data_sender_stop(struct data_sender *sender)
{
	if (!sender || !sender->runs)
		return;
	pthread_mutex_lock(&sender->lock);
	sender->stopping = true;
	pthread_cond_signal(&sender->news);
	pthread_mutex_unlock(&sender->lock);
	http_client_abort(sender->client);
	pthread_join(sender->thread, NULL);
	sender->runs = false;
}

void data_sender_free(struct data_sender *sender)
{
	if (!sender)
		return;
	data_sender_stop(sender);
	http_client_free(sender->client);
	json_decref(sender->known);
	pthread_cond_destroy(&sender->news);
	pthread_mutex_destroy(&sender->sending);
	pthread_mutex_destroy(&sender->lock);
	free(sender);
}

/* ---- of a task ---- */

struct naming {
	char (*names)[65];
	size_t count, room;
};

static int name_one(const struct task_blob *blob, void *context)
{
	struct naming *n = context;

	if (n->count == n->room) {
		size_t room = n->room > 0 ? 2 * n->room : 64;
		char(*names)[65] = realloc(n->names, room * sizeof *names);

		if (!names)
			return -ENOMEM;
		n->names = names;
		n->room = room;
	}
	snprintf(n->names[n->count++], sizeof *n->names, "%s", blob->sha256);
	return 0;
}

int data_names_of(const struct task *task, char (**names)[65], size_t *count)
{
	struct naming naming = { 0 };
	int code = task_visit_blobs(task, name_one, &naming);

	if (code < 0) {
		free(naming.names);
		return code;
	}
	*names = naming.names;
	*count = naming.count;
	return 0;
}
