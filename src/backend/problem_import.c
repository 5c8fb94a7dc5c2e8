/* POST /api/problems/import: a package's zip archive becomes a problem.
 *
 * The archive is a stranger's bytes, and large: it is read by another process of this program, which knows no secret and
 * may open nothing (cli/problem_card.c). What comes from it is the card's size on a line, the card, and the bytes that
 * the card names, one behind the other; none of it is believed more than a stranger's own. One archive at a time. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "audit.h"
#include "backend/import.h"
#include "base/blobs.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "handlers.h"
#include "reply.h"
#include "runner.h"

enum {
	READ_MS = 120000,
	LINE_BYTES = 24,
	CARD_BYTES_MAX = 64 << 20,
	INFLATED_TIMES = 8, /* of IMPORT_MAX: what the card may name, all together */
	DATA_MAX = 100000,
};

/* ---- the reader, a process ---- */

struct reader {
	pid_t pid;
	int out;
	int64_t until_us;
};

static int spawn(const struct backend *backend, const char *const *argv, int archive, int out, pid_t *pid)
{
	const char *path = getenv("PATH");
	char environment[2][4096];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;

	snprintf(environment[0], sizeof environment[0], "PATH=%s", path ? path : "/usr/bin:/bin");
	snprintf(environment[1], sizeof environment[1], "LANGUAGES_DIR=%s", backend->config->languages_dir);
	char *const texts[] = { environment[0], environment[1], NULL };
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, archive, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	int code = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, (char *const *)(uintptr_t)argv,
			       texts);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -code;
}

struct asked {
	const char *name;       /* what the archive is called; a short name to start with */
	const char *short_name; /* in place of the package's own; or NULL */
	int64_t time_limit_ms;  /* 0: none */
	const char *author;     /* of /api/admin/... */
};

static int reader_start(const struct backend *backend, const struct asked *asked, int archive,
			struct reader *reader, struct error *err)
{
	char limit[32];
	int ends[2];

	snprintf(limit, sizeof limit, "%" PRId64, asked->time_limit_ms);
	const char *argv[] = { "arena",        "problem", "card", "--archive", asked->name, "--with-data",
			       "--time-limit", limit,     NULL,   NULL,        NULL };
	if (asked->short_name) {
		argv[8] = "--short-name";
		argv[9] = asked->short_name;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	int code = spawn(backend, argv, archive, ends[1], &reader->pid);
	close(ends[1]);
	if (code < 0) {
		close(ends[0]);
		return error_set(err, code, "start the process that reads packages: %s", strerror(-code));
	}
	reader->out = ends[0];
	reader->until_us = clock_monotonic_us() + READ_MS * INT64_C(1000);
	return 0;
}

/* However far it has come. */
static void reader_end(struct reader *reader)
{
	int status;

	if (reader->pid <= 0)
		return;
	close_fd(&reader->out);
	kill(reader->pid, SIGKILL);
	while (waitpid(reader->pid, &status, 0) < 0 && errno == EINTR)
		;
}
#define cleanup_reader __attribute__((cleanup(reader_end)))

static int reader_read(struct reader *reader, char *bytes, size_t size, struct error *err)
{
	while (size > 0) {
		int64_t left_ms = (reader->until_us - clock_monotonic_us()) / 1000;
		struct pollfd polled = { .fd = reader->out, .events = POLLIN };
		ssize_t count = left_ms > 0 && poll(&polled, 1, (int)left_ms) > 0
					? read(reader->out, bytes, size)
					: -1;

		if (count < 0 && errno == EINTR && left_ms > 0)
			continue;
		if (count <= 0)
			return error_set(err, -EINVAL,
					 count == 0 ? "the package could not be read"
						    : "reading the package takes too long");
		bytes += count;
		size -= (size_t)count;
	}
	return 0;
}

static int read_size(struct reader *reader, size_t *size, struct error *err)
{
	char line[LINE_BYTES] = "";
	size_t count = 0;
	int code = 0;

	do
		code = reader_read(reader, &line[count], 1, err);
	while (code == 0 && line[count++] != '\n' && count < sizeof line - 1);
	unsigned long long number = code == 0 ? strtoull(line, NULL, 10) : 0;
	if (code == 0 && (number == 0 || number > CARD_BYTES_MAX))
		return error_set(err, -EINVAL, "the package's description is too large");
	*size = (size_t)number;
	return code;
}

static int read_card(struct reader *reader, struct pool *pool, json_t **card, struct error *err)
{
	size_t size = 0;
	int code = read_size(reader, &size, err);
	char *text = code == 0 ? pool_alloc(pool, size + 1) : NULL;

	if (code == 0 && !text)
		return error_set(err, -ENOMEM, "out of memory");
	if (code == 0)
		code = reader_read(reader, text, size, err);
	if (code == 0)
		code = json_parse(text, size, card, err);
	const char *fault = code == 0 ? json_string_value(json_object_get(*card, "error")) : NULL;
	return fault ? error_set(err, -EINVAL, "%s", fault) : code;
}

/* ---- what it read ---- */

static int check_sizes(const json_t *list, int64_t most, struct error *err)
{
	const json_t *data;
	int64_t total = 0;
	size_t i;

	if (json_array_size(list) > DATA_MAX)
		return error_set(err, -EINVAL, "the package has too many files");
	json_array_foreach(list, i, data)
	{
		const char *name = json_string_value(json_object_get(data, "sha256"));
		json_int_t size = json_integer_value(json_object_get(data, "size"));

		if (!name || !blob_name_ok(name) || size < 0 || size > most || (total += size) > most)
			return error_set(err, -EINVAL,
					 "the package's files are more than %" PRId64
					 " MB together, which is what IMPORT_MAX lets them be",
					 most >> 20);
	}
	return 0;
}

/* Its name is what its bytes make of it, whatever was said. */
static int take_data(struct backend *backend, struct reader *reader, const json_t *data, struct error *err)
{
	const char *name = json_string_value(json_object_get(data, "sha256"));
	size_t size = (size_t)json_integer_value(json_object_get(data, "size"));
	cleanup_free char *bytes = malloc(size + 1);
	char sha256[SHA256_TEXT_BYTES];
	int code = bytes ? reader_read(reader, bytes, size, err) : error_set(err, -ENOMEM, "out of memory");

	if (code < 0)
		return code;
	sha256_text(bytes, size, sha256);
	if (strcmp(sha256, name) != 0)
		return error_set(err, -EINVAL, "the package could not be read");
	return import_data(backend->db, sha256, bytes, size, err);
}

/* Nobody here could judge by it. */
static int check_language(const struct backend *backend, const json_t *card, const char *who,
			  struct error *err)
{
	const json_t *program = json_object_get(json_object_get(card, "task"), who);
	const char *name = json_string_value(json_object_get(program, "language"));
	const struct offered_language *language = name ? language_find(backend, name) : NULL;

	if (program && (!language || language->unavailable_reason))
		return error_set(err, -EINVAL, "the %s is in a language that is not available here: %s", who,
				 name ? name : "none");
	return 0;
}

static int take_package(struct backend *backend, struct reader *reader, struct pool *pool,
			struct import *import, json_t **card, struct error *err)
{
	int64_t most = (backend->config->import_max_mb * INFLATED_TIMES) << 20;
	const json_t *list, *data;
	size_t i;
	int code = read_card(reader, pool, card, err);

	list = json_object_get(*card, "data");
	if (code == 0)
		code = check_language(backend, *card, "checker", err);
	if (code == 0)
		code = check_language(backend, *card, "interactor", err);
	if (code == 0)
		code = check_language(backend, *card, "static_validator", err);
	if (code == 0)
		code = check_sizes(list, most, err);
	json_array_foreach(list, i, data) if (code == 0) code = take_data(backend, reader, data, err);
	import->card = *card;
	return code < 0 ? code : import_problem(backend->db, backend->config, import, err);
}

/* ---- the request ---- */

static bool query_flag(struct http_exchange *x, const char *name)
{
	const char *text = http_query(x, name);

	return text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

static bool is_zip(struct http_exchange *x)
{
	const char *type = http_header(x, "Content-Type");

	return type && (strncmp(type, "application/zip", 15) == 0 ||
			strncmp(type, "application/octet-stream", 24) == 0 ||
			strncmp(type, "application/x-zip-compressed", 28) == 0);
}

/* False after having replied. */
static bool decode(struct http_exchange *x, struct asked *asked, struct import *import)
{
	cleanup_problems struct problems problems = { 0 };
	const struct backend *backend = http_context(x);
	struct caller caller = caller_of(x);
	const char *is_public = http_query(x, "public"), *name = http_query(x, "name");
	size_t size;

	if (!is_zip(x)) {
		reply_error(x, 415, "Content-Type must be application/zip");
		return false;
	}
	problems_open(&problems);
	http_body(x, &size);
	*asked = (struct asked){
		.name = name && *name && !strchr(name, '/') ? name : "problem",
		.time_limit_ms = query_int(x, "timeLimit", 1, backend->config->cpu_time_max_ms, 0, &problems),
		.short_name = http_query(x, "shortName"),
		.author = http_query(x, "author"),
	};
	*import = (struct import){ .author_id = caller.user_id,
				   .is_admin = caller.role == ROLE_ADMIN,
				   .may_update = query_flag(x, "update"),
				   .is_public = is_public ? query_flag(x, "public") : -1,
				   .actor_id = caller.user_id,
				   .address = http_peer(x) };
	if (size == 0)
		problem_at(&problems, &(struct place){ NULL, "body", 0 }, "missing", "must be a zip archive");
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

static void reply_imported(struct http_exchange *x, const struct import *import, const json_t *card)
{
	char location[64];
	json_t *notes = json_object_get(card, "notes");

	snprintf(location, sizeof location, "/api/problems/%" PRId64, import->problem_id);
	http_set_header(x, "Location", location);
	http_reply_json(x, import->is_new ? 201 : 200,
			json_pack("{s:I, s:O, s:O, s:I, s:O}", "id", (json_int_t)import->problem_id,
				  "shortName", json_object_get(card, "shortName"), "title",
				  json_object_get(card, "title"), "version", (json_int_t)import->version,
				  "notes", notes));
}

static void reply_refused(struct http_exchange *x, int code, const struct error *err)
{
	switch (code) {
	case -EEXIST:
	case -EAGAIN: reply_error(x, 409, "%s", err->text); break;
	case -EPERM: reply_error(x, 403, "%s", err->text); break;
	case -EINVAL:
	case -ENOENT:
	case -E2BIG: reply_error(x, 400, "%s", err->text); break;
	default: reply_failure(x, err);
	}
}

static void import_archive(struct http_exchange *x, const struct asked *asked, struct import *import)
{
	struct backend *backend = http_context(x);
	cleanup_reader struct reader reader = { .out = -1 };
	cleanup_json json_t *card = NULL;
	struct error err = { 0 };
	size_t size;
	const char *body = http_body(x, &size);
	cleanup_fd int archive = fd_sealed("package", body, size, &err);
	int code = archive < 0 ? archive : reader_start(backend, asked, archive, &reader, &err);

	if (code == 0)
		code = take_package(backend, &reader, http_pool(x), import, &card, &err);
	if (code < 0) {
		reply_refused(x, code, &err);
		return;
	}
	log_info("problem imported", LOG_INT("problem", import->problem_id),
		 LOG_INT("version", import->version));
	reply_imported(x, import, card);
}

static void import_alone(struct http_exchange *x, const struct asked *asked, struct import *import)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

	if (pthread_mutex_trylock(&one) != 0) {
		http_set_header(x, "Retry-After", "5");
		reply_error(x, 503, "Another package is being imported");
		return;
	}
	import_archive(x, asked, import);
	pthread_mutex_unlock(&one);
}

void problem_import_post(struct http_exchange *x)
{
	struct asked asked;
	struct import import;

	if (decode(x, &asked, &import))
		import_alone(x, &asked, &import);
}

/* ---- by an admin, for somebody ---- */

struct finding {
	struct pool *pool;
	const char *name;
	struct account account;
	bool found;
};

static int find_work(struct db_tx *tx, void *context, struct error *err)
{
	struct finding *f = context;
	int code = account_find(tx, f->pool, f->name, &f->account, err);

	f->found = code > 0;
	return code < 0 ? code : 0;
}

/* The operator owns nothing: he says whose it is to be, or it is the first admin's. */
void admin_problem_import(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct finding finding = { .pool = http_pool(x) };
	struct asked asked;
	struct import import;
	struct error err;

	if (!decode(x, &asked, &import))
		return;
	finding.name = asked.author ? asked.author : "admin";
	if (asked.author || import.author_id == 0) {
		if (db_read(backend->db, find_work, &finding, &err) < 0) {
			reply_failure(x, &err);
			return;
		}
		if (!finding.found) {
			reply_error(x, 400, "There is no user %s to be the author", finding.name);
			return;
		}
		import.author_id = finding.account.id;
	}
	import_alone(x, &asked, &import);
}
