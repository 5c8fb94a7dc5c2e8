/* problem_import.c - `arena problem import`: packages become problems of a backend, by way of it when it runs, in its
 * database otherwise. Each is verified before, by `arena problem verify`, in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin.h"
#include "admin_user.h"
#include "backend/database.h"
#include "backend/import.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "net/client.h"
#include "options.h"
#include "problem.h"
#include "problem_card.h"
#include "startup.h"

enum { TIME_MAX_MS = 3600000, OPERATOR_S = 600, ANSWER_MAX_BYTES = 16 << 20 };

struct import_words {
	struct admin_backend asked;
	const char *short_name, *author;
	bool is_public, no_verify, update;
	int64_t time_limit_ms;
};

struct importing {
	const struct import_words *words;
	struct admin_users users;
	struct catalogue *catalogue;
};

/* ---- one package ---- */

struct opened {
	struct pool *pool;
	struct package package;
	struct package_tree tree;
	struct buffer archive; /* as it is sent */
	int64_t time_limit_ms; /* 0: the package gives one */
};

static void opened_close(struct opened *opened)
{
	buffer_free(&opened->archive);
	pool_free(opened->pool);
}

static void print_notes(const char *path, const struct package_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct package_note *note = &notes->items[i];

		fprintf(stderr, "%s: %s%s%s\n", path, note->path ? note->path : "", note->path ? ": " : "",
			note->text);
	}
}

static int pack(const struct package_tree *tree, struct buffer *archive, struct error *err)
{
	char path[] = "/tmp/arena-package-XXXXXX";
	cleanup_fd int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, "make a temporary file");
	int code = package_tree_pack(tree, path, err);
	if (code == 0)
		code = file_read_all(path, PACKAGE_BYTES_MAX, archive, err);
	unlink(path);
	return code;
}

static int open_package(const struct importing *i, const char *path, struct opened *opened, struct error *err)
{
	struct package_notes notes = { .pool = opened->pool };
	struct stat status;
	int code = package_tree_read(path, opened->pool, &notes, &opened->tree, err);

	if (code == 0)
		code = package_read(&opened->tree, i->catalogue, opened->pool, &opened->package, err);
	if (code < 0)
		return code;
	print_notes(path, &notes);
	print_notes(path, &opened->package.notes);
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		return file_read_all(path, PACKAGE_BYTES_MAX, &opened->archive, err);
	return pack(&opened->tree, &opened->archive, err);
}

/* ---- verifying ---- */

static pid_t spawn_verify(const char *path, int64_t time_limit_ms, int out)
{
	char limit[32];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(out, STDOUT_FILENO);
	snprintf(limit, sizeof limit, "%lld", (long long)time_limit_ms);
	if (time_limit_ms > 0)
		execl("/proc/self/exe", "arena", "problem", "verify", "--json", "--time-limit", limit, path,
		      (char *)NULL);
	else
		execl("/proc/self/exe", "arena", "problem", "verify", "--json", path, (char *)NULL);
	_exit(STATUS_FAILED);
}

/* The time limit that it found, in `time_limit_s`. */
static int verify(const char *path, int64_t asked_ms, int64_t *time_limit_ms, struct error *err)
{
	cleanup_buffer struct buffer said = { 0 };
	cleanup_json json_t *json = NULL;
	int ends[2], status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	pid_t pid = spawn_verify(path, asked_ms, ends[1]);
	close(ends[1]);
	int code = pid < 0 ? error_errno(err, "start `arena problem verify`")
			   : fd_read_all(ends[0], ANSWER_MAX_BYTES, &said, err);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (code < 0)
		return code;
	if (json_parse(buffer_text(&said), said.size, &json, err) < 0 || status != 0)
		return error_set(
			err, -EINVAL,
			"it does not verify; `arena problem verify %s` says why (--no-verify imports it "
			"all the same)",
			path);
	*time_limit_ms = (int64_t)(json_number_value(json_object_get(json, "time_limit_s")) * 1000);
	return 0;
}

static int find_time_limit(const struct importing *i, const char *path, struct opened *opened,
			   struct error *err)
{
	const struct package_time *time = &opened->package.time;
	int code =
		i->words->no_verify ? 0 : verify(path, i->words->time_limit_ms, &opened->time_limit_ms, err);

	if (code < 0)
		return code;
	if (i->words->time_limit_ms > 0)
		opened->time_limit_ms = i->words->time_limit_ms;
	if (!time->given && opened->time_limit_ms == 0)
		return error_set(err, -EINVAL,
				 "the package gives no time limit: --time-limit MS, or let it be verified");
	return 0;
}

/* ---- by way of the backend ---- */

static void put_query(struct buffer *path, const char *name, const char *text)
{
	if (!text)
		return;
	buffer_printf(path, "&%s=", name);
	for (; *text; text++)
		buffer_printf(path,
			      strchr("._-", *text) || (*text >= '0' && *text <= '9') ||
					      ((*text | 32) >= 'a' && (*text | 32) <= 'z')
				      ? "%c"
				      : "%%%02X",
			      (unsigned char)*text);
}

static void put_path(const struct importing *i, const struct opened *opened, struct buffer *path)
{
	char limit[32];

	snprintf(limit, sizeof limit, "%lld", (long long)opened->time_limit_ms);
	buffer_puts(path, "/api/admin/problems/import?x=");
	put_query(path, "name", opened->tree.name);
	put_query(path, "shortName", i->words->short_name);
	put_query(path, "author", i->words->author);
	put_query(path, "update", i->words->update ? "true" : NULL);
	put_query(path, "public", i->words->is_public ? "true" : NULL);
	put_query(path, "timeLimit", opened->time_limit_ms > 0 ? limit : NULL);
}

static int refused(int status, const struct buffer *said, struct error *err)
{
	cleanup_json json_t *json = NULL;
	const char *text = NULL;

	if (json_parse(buffer_text(said), said->size, &json, err) == 0)
		text = json_string_value(json_object_get(json, "message"));
	return error_set(err, -EPROTO, "the backend answered with %d: %s", status, text ? text : "");
}

static int send_archive(struct importing *i, const struct opened *opened, const char *url, json_t **answer,
			struct error *err)
{
	cleanup_buffer struct buffer said = { 0 };
	int64_t now_s = clock_wall_ms() / 1000;
	struct token token = { .role = "admin", .issued_s = now_s, .expires_s = now_s + OPERATOR_S };
	const char *shown = token_issue(&i->users.secrets, &token, i->users.pool);
	struct http_client *client;
	int status = 0;
	int code = http_client_new(&client, err);

	if (code < 0)
		return code;
	code = http_client_run(client,
			       &(struct http_client_request){ .method = "POST",
							      .url = url,
							      .bearer = shown,
							      .body = opened->archive.data,
							      .body_size = opened->archive.size,
							      .content_type = "application/zip",
							      .timeout_ms = OPERATOR_S * 1000,
							      .response_max_bytes = ANSWER_MAX_BYTES },
			       &status, &said, err);
	http_client_free(client);
	if (code < 0)
		return code;
	return status / 100 == 2 ? json_parse(buffer_text(&said), said.size, answer, err)
				 : refused(status, &said, err);
}

static int import_there(struct importing *i, const struct opened *opened, json_t **answer, struct error *err)
{
	const char *list = i->users.config->backend_listen, *base = i->words->asked.url;
	cleanup_buffer struct buffer url = { 0 };

	if (base)
		buffer_puts(&url, base);
	else
		buffer_printf(&url, "http://%.*s", (int)strcspn(list, ","), list);
	put_path(i, opened, &url);
	return url.failed ? error_set(err, -ENOMEM, "out of memory")
			  : send_archive(i, opened, url.data, answer, err);
}

/* ---- in the database ---- */

struct finding {
	struct pool *pool;
	const char *name;
	struct account account;
};

static int find_work(struct db_tx *tx, void *context, struct error *err)
{
	struct finding *f = context;
	int code = account_find(tx, f->pool, f->name, &f->account, err);

	return code == 0 ? error_set(err, -ENOENT, "there is no user %s; `arena admin user list` has all",
				     f->name)
			 : code;
}

static int open_database(struct importing *i, struct error *err)
{
	if (i->users.db)
		return 0;
	int code = backend_open_database(i->users.config, &i->users.db, err);
	return code < 0 ? code : db_migrate(i->users.db, backend_migrations, backend_migration_count, err);
}

static int import_here(struct importing *i, struct opened *opened, json_t **answer, struct error *err)
{
	struct finding finding = { .pool = opened->pool,
				   .name = i->words->author ? i->words->author : "admin" };
	struct import import = { .is_admin = true,
				 .may_update = i->words->update,
				 .is_public = i->words->is_public ? 1 : -1 };
	cleanup_json json_t *card = NULL;
	struct card_data *data = NULL;
	size_t count = 0;
	int code = open_database(i, err);

	if (code == 0)
		code = db_read(i->users.db, find_work, &finding, err);
	if (code >= 0 && i->words->short_name)
		opened->package.short_name = i->words->short_name;
	if (code >= 0)
		code = problem_card(&opened->package, (double)opened->time_limit_ms / 1000, opened->pool,
				    &card, &data, &count, err);
	for (size_t at = 0; at < count && code >= 0; at++)
		code = import_data(i->users.db, data[at].sha256, data[at].bytes, data[at].size, err);
	if (code < 0)
		return code;
	import.card = card;
	import.author_id = finding.account.id;
	code = import_problem(i->users.db, i->users.config, &import, err);
	if (code == 0)
		*answer =
			json_pack("{s:I, s:O, s:I}", "id", (json_int_t)import.problem_id, "shortName",
				  json_object_get(card, "shortName"), "version", (json_int_t)import.version);
	return code;
}

/* ---- the command ---- */

static int import_one(struct importing *i, const char *path, struct opened *opened, struct error *err)
{
	cleanup_json json_t *answer = NULL;
	int code = -ECONNREFUSED;

	if (!i->words->asked.database)
		code = import_there(i, opened, &answer, err);
	if (code == -ECONNREFUSED)
		code = import_here(i, opened, &answer, err);
	if (code < 0)
		return code;
	printf("%s: problem %" JSON_INTEGER_FORMAT " (%s), version %" JSON_INTEGER_FORMAT "\n", path,
	       admin_number(answer, "id"), admin_text(answer, "shortName"), admin_number(answer, "version"));
	return 0;
}

/* Packages are read as who we are, and sent as the user who owns the data folder. */
static int read_all(struct importing *i, const struct words *paths, struct opened *opened)
{
	int status = startup_catalogue(i->users.config, NULL, false, &i->catalogue);

	for (size_t at = 0; at < paths->count && !status; at++) {
		struct error err = { 0 };
		int code = (opened[at].pool = pool_new()) ? open_package(i, paths->at[at], &opened[at], &err)
							  : error_set(&err, -ENOMEM, "out of memory");

		if (code == 0)
			code = find_time_limit(i, paths->at[at], &opened[at], &err);
		if (code < 0) {
			error_wrap(&err, "%s", paths->at[at]);
			status = startup_failed(&err);
		}
	}
	return status;
}

static int import_all(struct importing *i, const struct words *paths, struct opened *opened)
{
	struct error err = { 0 };
	int status = read_all(i, paths, opened);

	if (status)
		return status;
	if (admin_users_open(&i->users, &err) < 0)
		return startup_failed(&err);
	for (size_t at = 0; at < paths->count && !status; at++) {
		if (import_one(i, paths->at[at], &opened[at], &err) < 0) {
			error_wrap(&err, "%s", paths->at[at]);
			status = startup_failed(&err);
		}
	}
	return status;
}

static int run_words(const struct import_words *words, const struct words *paths)
{
	struct importing importing = { .words = words, .users = { .asked = &words->asked } };
	struct opened *opened = calloc(paths->count, sizeof *opened);
	int status = opened ? startup_config("admin", &importing.users.config) : STATUS_FAILED;

	if (!status)
		status = import_all(&importing, paths, opened);
	for (size_t i = 0; opened && i < paths->count; i++)
		opened_close(&opened[i]);
	free(opened);
	admin_users_close(&importing.users);
	catalogue_free(importing.catalogue);
	config_free(importing.users.config);
	return status;
}

static int run(int argc, char **argv)
{
	struct import_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_TEXT("short-name", &words.short_name, "NAME", "in place of the package's own"),
		OPTION_FLAG("public", &words.is_public,
			    "everybody sees it; default only its author and admins"),
		OPTION_TEXT("author", &words.author, "USER", "whose it is; default admin"),
		OPTION_FLAG(
			"update", &words.update,
			"one with the same uuid or short name gets a newer version; else that is refused"),
		OPTION_FLAG("no-verify", &words.no_verify, "without running the package's own submissions"),
		OPTION_NUMBER("time-limit", &words.time_limit_ms, 1, TIME_MAX_MS, "MS",
			      "in place of the one that verifying finds"),
		OPTION_TEXT("service", &words.asked.url, "URL",
			    "the backend; default the first of BACKEND_LISTEN"),
		OPTION_FLAG("database", &words.asked.database,
			    "in the database itself; by default only when no backend answers"),
		OPTION_END,
	};
	struct words rest;
	int status;

	if (!options_parse(&problem_import_command, rows, argc, argv, &rest, &status))
		return status;
	if (rest.count == 0 || (rest.count > 1 && words.short_name)) {
		fprintf(stderr, "arena problem import: %s\n",
			rest.count == 0 ? "which package?" : "--short-name is one package's");
		return STATUS_USAGE;
	}
	return run_words(&words, &rest);
}

const struct command problem_import_command = {
	.name = "problem import",
	.synopsis = "[OPTION]... PACKAGE...",
	.summary = "Makes problems of packages",
	.details = "A package is a folder, or a zip archive. Needs the backend's secret of tokens: "
		   "JWT_SECRET, or "
		   "the file\njwt-secret in DATA_DIR.\n",
	.run = run,
};
