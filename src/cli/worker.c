/* worker.c - `arena worker`: a worker alone, for an execution service elsewhere; or `arena serve`'s own, which
 * says --supervised: it is then started again when it dies, without anybody's help who has more rights; or the
 * backend's own, which says --direct (nursery.h). */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/pool.h"
#include "child.h"
#include "commands.h"
#include "guard.h"
#include "nursery.h"
#include "options.h"
#include "role.h"
#include "startup.h"
#include "user.h"
#include "worker/worker.h"

enum { TOKEN_MAX_BYTES = 4096, SLOTS_MAX = 256 };

struct worker_words {
	const char *service, *token_file, *languages, *ca_file;
	int64_t slots;
	int64_t supervised; /* a descriptor; 0: nobody does */
	int64_t direct;     /* the same; 0: tasks come from services */
	bool insecure;
};

/* A token that travels in clear text is anybody's. */
static bool is_safe(const char *url)
{
	static const char *const loopback[] = { "http://127.", "http://[::1]",
						"http://localhost:", "http://localhost/" };
	if (strncmp(url, "https://", 8) == 0)
		return true;
	for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++)
		if (strncmp(url, loopback[i], strlen(loopback[i])) == 0)
			return true;
	return false;
}

/* The elements of a comma list, NULL-ended; NULL when one is empty, or memory is out. */
static const char **split_list(const char *list, struct pool *pool)
{
	char *copy = pool_strdup(pool, list), *rest = copy, *one;
	const char **elements = pool_array(pool, strlen(list) + 2, sizeof *elements);
	size_t count = 0;
	while (copy && elements && (one = strsep(&rest, ","))) {
		if (*one == '\0')
			return NULL;
		elements[count++] = one;
	}
	return copy ? elements : NULL;
}

static int check_service(const struct worker_words *words, char *url)
{
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		fprintf(stderr, "arena worker: --service %s: http://HOST:PORT or https://HOST is expected\n",
			url);
	else if (!words->insecure && !is_safe(url))
		fprintf(stderr,
			"arena worker: %s: only https, or http to this very host; --insecure allows more\n",
			url);
	else
		return STATUS_OK;
	return STATUS_USAGE;
}

static int check_words(const struct worker_words *words, struct pool *pool, struct worker_role *role)
{
	if (!words->service || !words->token_file) {
		fprintf(stderr, "arena worker: --service URL and --token-file FILE are needed\n");
		return STATUS_USAGE;
	}
	const char **services = split_list(words->service, pool);
	if (!services) {
		fprintf(stderr, "arena worker: --service %s: a comma list of URLs is expected\n",
			words->service);
		return STATUS_USAGE;
	}
	for (size_t i = 0; services[i]; i++) {
		char *url = pool_strdup(pool, services[i]);
		for (size_t end = strlen(url); end > 0 && url[end - 1] == '/'; end--)
			url[end - 1] = '\0';
		int status = check_service(words, url);
		if (status)
			return status;
		services[i] = url;
	}
	role->services = services;
	role->ca_file = words->ca_file;
	return STATUS_OK;
}

/* As the user that the worker is by then. */
static int check_ca_file(const char *path)
{
	struct error err = { 0 };
	if (!path || access(path, R_OK) == 0)
		return STATUS_OK;
	error_errno(&err, "authorities %s", path);
	return startup_failed(&err);
}

/* Names and aliases become ids. Who asks for what is not here has mistaken the host. */
static int choose_languages(const char *list, const struct catalogue *catalogue, struct pool *pool,
			    struct worker_role *role)
{
	const char **names = list ? split_list(list, pool) : NULL;
	if (list && !names)
		fprintf(stderr, "arena worker: --languages %s: a comma list is expected\n", list);
	for (size_t i = 0; names && names[i]; i++) {
		const struct language *language = catalogue_find(catalogue, names[i]);
		if (!language || !language->available) {
			fprintf(stderr, "arena worker: --languages %s: %s\n", names[i],
				language ? language->unavailable_reason : "there is no such language");
			return STATUS_USAGE;
		}
		names[i] = language->id;
	}
	role->languages = names;
	return list && !names ? STATUS_USAGE : STATUS_OK;
}

/* A supervisor's comes down his pipe, a line, and the pipe stays open. */
static int read_line(int fd, struct buffer *line, struct error *err)
{
	for (char byte = '\0'; byte != '\n' && line->size < TOKEN_MAX_BYTES && read(fd, &byte, 1) == 1;)
		buffer_putc(line, byte);
	return line->failed ? error_set(err, -ENOMEM, "out of memory") : 0;
}

static int read_token(const char *path, struct buffer *token, struct error *err)
{
	int code = strcmp(path, "-") == 0 ? read_line(STDIN_FILENO, token, err)
					  : file_read_all(path, TOKEN_MAX_BYTES, token, err);
	if (code < 0)
		return error_wrap(err, "token file");
	size_t size = strcspn(buffer_text(token), "\r\n");
	if (!token->data || size == 0 || strspn(token->data + size, "\r\n") != token->size - size)
		return error_set(err, -EINVAL, "token file %s: expected one line", path);
	token->data[size] = '\0';
	return 0;
}

static int failed(const struct worker_role *role, const struct error *err)
{
	if (role->direct > 0)
		worker_direct_failed(role->direct, err->text);
	return startup_failed(err);
}

/* Everything that may need root, then none of it any more; the lane maker that is started stays root. */
static int prepare(struct config *config, struct catalogue **catalogue, struct worker_role *role)
{
	struct user user;
	struct error err = { 0 };
	if (user_find(user_of_workers, &user, &err) < 0)
		return failed(role, &err);
	int status = startup_catalogue(config, &user, true, catalogue);
	if (status)
		return status;
	if (role->services && user_prepare_data(&user, config, &err) < 0)
		log_warning("nothing can be cached", LOG_TEXT("error", err.text));
	struct sandbox_options options = startup_sandbox(config, *catalogue);
	if (sandbox_open(&options, &role->sandbox, &err) < 0 || user_become(&user, &err) < 0)
		return failed(role, &err);
	return STATUS_OK;
}

struct ready {
	const struct worker_role *role;
	int supervisor; /* -1: none; standard output is a person's */
};

static void say_ready(const char *const *addresses, void *context)
{
	(void)addresses;
	struct ready *ready = context;
	if (ready->supervisor < 0) {
		printf("ready: worker of");
		for (const char *const *service = ready->role->services; *service; service++)
			printf(" %s", *service);
		printf(", %zu slots, health http://%s\n", ready->role->slots,
		       ready->role->config->worker_listen);
		fflush(stdout);
		return;
	}
	fd_write_all(ready->supervisor, "\n", 1);
	close_fd(&ready->supervisor);
}

static void say_nothing(const char *const *addresses, void *ready)
{
	(void)addresses, (void)ready; /* the backend hears of it by its socket */
}

/* Returns in the process that works. */
static int be_supervised(const struct worker_words *words, struct ready *ready)
{
	signal(SIGINT, SIG_IGN); /* the terminal's is for the supervisor, who tells the others in order */
	ready->supervisor = (int)words->supervised;
	fcntl(ready->supervisor, F_SETFD, FD_CLOEXEC);
	if (stop_at_end_of_input("arena worker") < 0)
		return STATUS_FAILED;
	guard("arena-guard", &ready->supervisor);
	prctl(PR_SET_NAME, "arena-worker");
	if (ready->supervisor < 0) /* a successor: nobody listens any more */
		ready->supervisor = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return STATUS_OK;
}

/* The same for the backend's. Becoming another user, above, has made the kernel forget who our parent is. */
static int prepare_direct(struct config *config, struct catalogue **catalogue, struct worker_role *role)
{
	int status = prepare(config, catalogue, role);
	return status == STATUS_OK && child_die_with_parent() < 0 ? STATUS_FAILED : status;
}

static int run(int argc, char **argv)
{
	struct worker_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_TEXT("service", &words.service, "URL[,URL]",
			    "the execution service; of several replicas another when one fails; needed"),
		OPTION_TEXT("token-file", &words.token_file, "FILE",
			    "holds the token that it wants to see; - is a line of standard input; needed"),
		OPTION_NUMBER("slots", &words.slots, 1, SLOTS_MAX, "N", "programs at once; default LANES"),
		OPTION_TEXT("languages", &words.languages, "L[,L]",
			    "take tasks in these languages alone; default all that are here"),
		OPTION_TEXT("ca-file", &words.ca_file, "FILE",
			    "check https against these authorities instead of the host's"),
		OPTION_FLAG("insecure", &words.insecure, "allow plain http to other hosts"),
		OPTION_NUMBER(
			"supervised", &words.supervised, 3, 1023, "FD",
			"start again what dies, say here when it is ready, stop when standard input ends"),
		OPTION_NUMBER(
			"direct", &words.direct, 3, 1023, "FD",
			"work for the backend that is at the other end of this socket, and for nobody else"),
		OPTION_END,
	};
	cleanup_pool struct pool *pool = pool_new();
	cleanup_config struct config *config = NULL;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	cleanup_buffer struct buffer token = { 0 };
	struct worker_role role = { 0 };
	struct ready ready = { .role = &role, .supervisor = -1 };
	struct error err = { 0 };
	sigset_t stop;
	int status;
	if (!options_parse(&worker_command, rows, argc, argv, NULL, &status))
		return status;
	if (!pool)
		return STATUS_FAILED;
	if ((!words.direct && (status = check_words(&words, pool, &role))) ||
	    (status = startup_config("worker", &config)))
		return status;
	if (words.token_file && read_token(words.token_file, &token, &err) < 0)
		return startup_failed(&err);
	role_block_signals(&stop);
	if (words.supervised && (status = be_supervised(&words, &ready)))
		return status;
	if (words.direct)
		role.direct = nursery_await((int)words.direct);
	if ((status = (words.direct ? prepare_direct : prepare)(config, &catalogue, &role)) ||
	    (status = check_ca_file(words.ca_file)) ||
	    (status = choose_languages(words.languages, catalogue, pool, &role)))
		return status;
	role.config = config;
	role.catalogue = catalogue;
	role.token = token.data;
	role.slots = words.slots ? (size_t)words.slots : startup_slots(config);
	status = role_worker(&role, words.direct ? say_nothing : say_ready, &ready);
	sandbox_close(role.sandbox);
	return status;
}

const struct command worker_command = {
	.name = "worker",
	.synopsis = "--service URL[,URL] --token-file FILE [--slots N] [--languages L[,L]] [--ca-file FILE] "
		    "[--insecure]",
	.summary = "Runs a worker alone, for an execution service elsewhere",
	.details =
		"Makes its own lanes, or uses those of a running `arena lanes` that SANDBOX_SOCKET names.\n",
	.run = run,
};
