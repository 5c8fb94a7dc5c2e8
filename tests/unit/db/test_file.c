/* The file: who may open it, what is refused, and what a kill leaves behind. */
#include "scratch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/fd.h"

static unsigned mode_of(const char *path)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void folder_and_file_are_the_owners_alone(void **state)
{
	struct scratch *scratch = *state;
	char path[256], url[280];
	struct error err;
	struct db *db = NULL;
	snprintf(path, sizeof path, "%s/a/b/c.db", scratch->folder);
	snprintf(url, sizeof url, "sqlite:%s", path);
	mode_t before = umask(0);
	int code = db_open(url, &db, &err);
	umask(before);
	assert_ok(code, &err);
	static const struct {
		const char *name;
		unsigned mode;
	} made[] = { { "a", 0700 },
		     { "a/b", 0700 },
		     { "a/b/c.db", 0600 },
		     { "a/b/c.db-wal", 0600 },
		     { "a/b/c.db.lock", 0600 } };
	struct scratch_statement write = { .sql = "CREATE TABLE t (a)" };
	assert_ok(db_write(db, scratch_work, &write, &err), &err);
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", scratch->folder, made[i].name);
		assert_int_equal(mode_of(path), made[i].mode);
	}
	db_close(db);
}

static void relative_paths_survive_a_change_of_folder(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	char here[4096];
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(scratch->folder), 0);
	struct scratch other = { .url = "sqlite::memory:" };
	assert_ok(db_open(other.url, &other.db, &err), &err);
	assert_int_equal(access(":memory:", F_OK), 0);
	assert_int_equal(chdir(here), 0);
	scratch_do(&other, "CREATE TABLE t (a)");
	assert_int_equal(scratch_ask(&other, "SELECT count(*) FROM t"), 0);
	scratch_close(&other);
}

static const struct {
	const char *story;
	const char *url;  /* or */
	const char *file; /* in the scratch folder */
	int code;
	const char *words;
} refusals[] = {
	{ "another database", "oracle:secret@host", NULL, -EINVAL, "sqlite:PATH" },
	{ "no colon", "sqlite", NULL, -EINVAL, "sqlite:PATH" },
	{ "no path", "sqlite:", NULL, -EINVAL, "names no file" },
	{ "a file for a folder", NULL, "garbage/x.db", -ENOTDIR, "garbage" },
	{ "a folder for a file", NULL, "data", -EACCES, "data" },
	{ "a link to nowhere", NULL, "link", -ENOENT, "link" },
	{ "garbage", NULL, "garbage", -EBADMSG, "no database" },
};

static void what_cannot_be_opened_says_why(void **state)
{
	struct scratch *scratch = *state;
	char path[128];
	struct error err;
	char garbage[8192];
	memset(garbage, 'x', sizeof garbage);
	snprintf(path, sizeof path, "%s/garbage", scratch->folder);
	assert_ok(file_replace(path, garbage, sizeof garbage, 0600, &err), &err);
	snprintf(path, sizeof path, "%s/link", scratch->folder);
	assert_int_equal(symlink("nowhere/at/all", path), 0);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		char url[256];
		snprintf(url, sizeof url, "sqlite:%s/%s", scratch->folder, refusals[i].file);
		struct db *db = NULL;
		int code = db_open(refusals[i].url ? refusals[i].url : url, &db, &err);
		if (code != refusals[i].code || err.code != code || !strstr(err.text, refusals[i].words))
			fail_msg("%s: %d %s", refusals[i].story, code, code < 0 ? err.text : "");
		assert_null(db);
		assert_null(strstr(err.text, "secret"));
	}
}

static void damage_is_told(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	scratch_do(scratch, "CREATE TABLE t (a TEXT)");
	for (int i = 0; i < 40; i++)
		scratch_do(scratch, "INSERT INTO t VALUES (hex(zeroblob(500)))");
	scratch_close(scratch);
	cleanup_fd int fd = open(scratch->path, O_RDWR | O_CLOEXEC);
	char noise[8192];
	memset(noise, 0xa5, sizeof noise);
	assert_int_equal(pwrite(fd, noise, sizeof noise, 4096), sizeof noise);
	scratch_open(scratch);
	struct scratch_statement count = { .sql = "SELECT count(*) FROM t" };
	assert_int_equal(db_read(scratch->db, scratch_work, &count, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "damaged"));
}

static void somebody_elses_file_is_refused(void **state)
{
	struct scratch *scratch = *state;
	if (geteuid() != 0) {
		print_message("left out: needs root\n");
		skip();
	}
	scratch_close(scratch);
	assert_int_equal(chmod(scratch->folder, 0755), 0);
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct error err = { 0 };
		struct db *db;
		int code = setuid(65534) < 0 ? 0 : db_open(scratch->url, &db, &err);
		_exit(code == -EACCES && strstr(err.text, scratch->path) ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* ---- two of them ---- */

static void open_from_a_child(struct scratch *scratch, int *code, struct error *err)
{
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	if (child == 0) {
		struct db *db;
		struct error seen = { 0 };
		if (db_open(scratch->url, &db, &seen) == 0)
			db_close(db);
		fd_write_all(pipes[1], &seen, sizeof seen);
		_exit(0);
	}
	close(pipes[1]);
	assert_int_equal(fd_read_full(pipes[0], err, sizeof *err), sizeof *err);
	close(pipes[0]);
	waitpid(child, NULL, 0);
	*code = err->code;
}

static void a_second_process_is_refused(void **state)
{
	struct scratch *scratch = *state;
	char expected[256];
	struct error err;
	int code;
	open_from_a_child(scratch, &code, &err);
	assert_int_equal(code, -EBUSY);
	snprintf(expected, sizeof expected, "the database %s is in use by another arena (pid %d)",
		 scratch->path, (int)getpid());
	assert_string_equal(err.text, expected);

	struct db *again = NULL;
	assert_int_equal(db_open(scratch->url, &again, &err), -EBUSY);
	assert_null(again);
	scratch_do(scratch, "CREATE TABLE still_ours (a)");
	open_from_a_child(scratch, &code, &err);
	assert_int_equal(code, -EBUSY);

	scratch_close(scratch);
	open_from_a_child(scratch, &code, &err);
	assert_int_equal(code, 0);
}

/* A child that outlives its killed parent does not keep the database from the next one. */
static void the_lock_ends_with_its_process(void **state)
{
	struct scratch *scratch = *state;
	int pipes[2];
	pid_t orphan;
	scratch_close(scratch);
	assert_int_equal(pipe(pipes), 0);
	pid_t owner = fork();
	if (owner == 0) {
		scratch_open(scratch);
		pid_t child = fork();
		if (child > 0)
			fd_write_all(pipes[1], &child, sizeof child);
		for (;;)
			pause();
	}
	assert_int_equal(fd_read_full(pipes[0], &orphan, sizeof orphan), sizeof orphan);
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
	struct error err;
	int code = db_open(scratch->url, &scratch->db, &err);
	kill(orphan, SIGKILL);
	close(pipes[0]);
	close(pipes[1]);
	assert_ok(code, &err);
}

/* ---- kill -9 ---- */

enum { KILL_ROUNDS = 6, KILL_THREADS = 4, ACKNOWLEDGED_BEFORE_KILL = 60 };

struct reporter {
	struct scratch *scratch;
	int pipe;
};

static void *write_and_report(void *argument)
{
	struct reporter *reporter = argument;
	for (;;) {
		struct scratch_statement insert = { .sql = "INSERT INTO t (b) VALUES ('x') RETURNING a" };
		if (db_write(reporter->scratch->db, scratch_work, &insert, NULL) < 0 ||
		    fd_write_all(reporter->pipe, &insert.answer, sizeof insert.answer) < 0)
			_exit(1);
	}
}

static pid_t start_writing(struct scratch *scratch, int pipe)
{
	pid_t child = fork();
	if (child != 0)
		return child;
	scratch_open(scratch);
	pthread_t threads[KILL_THREADS];
	struct reporter reporter = { scratch, pipe };
	for (int i = 0; i < KILL_THREADS; i++)
		pthread_create(&threads[i], NULL, write_and_report, &reporter);
	for (;;)
		pause();
}

static void what_was_acknowledged_survives_a_kill(void **state)
{
	struct scratch *scratch = *state;
	scratch_do(scratch, "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT)");
	scratch_close(scratch);
	for (int round = 0; round < KILL_ROUNDS; round++) {
		int pipes[2];
		int64_t ids[8192], *id = ids;
		assert_int_equal(pipe(pipes), 0);
		pid_t child = start_writing(scratch, pipes[1]);
		close(pipes[1]);
		for (; fd_read_full(pipes[0], id, sizeof *id) == sizeof *id && id < ids + 8191; id++)
			if (id - ids == ACKNOWLEDGED_BEFORE_KILL + round)
				kill(child, SIGKILL);
		close(pipes[0]);
		waitpid(child, NULL, 0);
		assert_true(id - ids > ACKNOWLEDGED_BEFORE_KILL);
		scratch_open(scratch);
		for (int64_t *check = ids; check < id; check++) {
			char sql[64];
			snprintf(sql, sizeof sql, "SELECT count(*) FROM t WHERE a = %lld", (long long)*check);
			assert_int_equal(scratch_ask(scratch, sql), 1);
		}
		scratch_close(scratch);
	}
}

static void a_file_that_was_taken_away_is_told(void **state)
{
	struct scratch *scratch = *state;
	char aside[128];
	struct error err;
	snprintf(aside, sizeof aside, "%s.aside", scratch->path);
	assert_ok(db_ping(scratch->db, &err), &err);
	assert_int_equal(rename(scratch->path, aside), 0);
	assert_int_equal(db_ping(scratch->db, &err), -ESTALE);
	assert_non_null(strstr(err.text, "deleted"));
	assert_ok(file_replace(scratch->path, "", 0, 0600, &err), &err);
	assert_int_equal(db_ping(scratch->db, &err), -ESTALE);
	assert_non_null(strstr(err.text, "replaced"));
	assert_int_equal(rename(aside, scratch->path), 0);
	assert_ok(db_ping(scratch->db, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(folder_and_file_are_the_owners_alone),
		scratch_test(relative_paths_survive_a_change_of_folder),
		scratch_test(what_cannot_be_opened_says_why),
		scratch_test(damage_is_told),
		scratch_test(somebody_elses_file_is_refused),
		scratch_test(a_second_process_is_refused),
		scratch_test(the_lock_ends_with_its_process),
		scratch_test(a_file_that_was_taken_away_is_told),
		scratch_test(what_was_acknowledged_survives_a_kill),
	};
	return cmocka_run_group_tests_name("db file", tests, NULL, NULL);
}
