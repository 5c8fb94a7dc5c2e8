/* Starting and stopping: what inner.h lists, in order. See net/server.h for what the server promises. */
#include <signal.h>
#include <stdlib.h>

#include "inner.h"

int start_thread(pthread_t *thread, const char *name, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failed)
		pthread_setname_np(*thread, name);
	return failed;
}

static int start_loop(struct http_server *server, struct error *err)
{
	int failed = start_thread(&server->loop, "http-loop", loop_run, server);
	if (failed)
		return error_set(err, -failed, "start the HTTP server: cannot make a thread");
	server->loop_started = true;
	return 0;
}

int http_server_start(const struct http_server_options *options, struct http_server **server,
		      struct error *err)
{
	struct http_server *made = calloc(1, sizeof *made);
	if (!made)
		return error_set(err, -ENOMEM, "start the HTTP server: out of memory");
	made->options = *options;
	made->mail_fd = -1;
	pthread_mutex_init(&made->lock, NULL);

	int status =
		networks_parse(options->trusted_proxies ? options->trusted_proxies : "", &made->trusted, err);
	if (status < 0)
		error_wrap(err, "trusted proxies");
	if (status == 0)
		status = listen_open(options->listen, &made->listeners, err);
	if (status == 0)
		status = loop_open(made, err);
	if (status == 0)
		status = connections_open(made, err);
	if (status == 0)
		status = handlers_start(&made->handlers, made, err);
	if (status == 0)
		status = start_loop(made, err);
	if (status < 0) {
		http_server_free(made);
		return status;
	}
	*server = made;
	return 0;
}

const char *const *http_server_addresses(const struct http_server *server)
{
	return (const char *const *)server->listeners.addresses;
}

void http_server_stop(struct http_server *server, int64_t grace_ms)
{
	if (server->loop_started) {
		server->grace_ms = grace_ms;
		loop_stop(server);
		pthread_join(server->loop, NULL);
		server->loop_started = false;
	}
	handlers_close(&server->handlers);
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	http_server_stop(server, 0);
	handlers_join(&server->handlers);
	loop_close(server);
	listen_close(&server->listeners);
	networks_free(&server->trusted);
	pthread_mutex_destroy(&server->lock);
	free(server);
}
