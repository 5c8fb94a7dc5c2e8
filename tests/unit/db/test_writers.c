/* Many threads at once, one commit for several of them, and a disk that is full. */
#include "scratch.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

enum { THREADS = 16, ROUNDS = 25 };

/* SQLite's own calls come by here. */
static atomic_int flushes;
int counted_fdatasync(int fd) __asm__("fdatasync");
int counted_fdatasync(int fd)
{
	flushes++;
	return (int)syscall(SYS_fdatasync, fd);
}

static int add_one_by_reading(struct db_tx *tx, void *context, struct error *err)
{
	struct scratch_statement read = { .sql = "SELECT n FROM counter /*pg FOR UPDATE*/" };
	int code = scratch_work(tx, &read, err);
	struct db_value next = db_int(read.answer + 1);
	struct scratch_statement write = { .sql = "UPDATE counter SET n = $1", .values = &next, .count = 1 };
	return code < 0 ? code : scratch_work(tx, &write, err);
}

static int read_counter(struct db_tx *tx, void *context, struct error *err)
{
	struct scratch_statement *read = context;
	return scratch_work(tx, read, err);
}

/* Returns what its thread has seen go wrong, or NULL. */
static void *count_up(void *argument)
{
	struct scratch *scratch = argument;
	struct error err;
	int64_t last = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct scratch_statement read = { .sql = "SELECT n FROM counter" };
		if (db_write(scratch->db, add_one_by_reading, NULL, &err) < 0 ||
		    db_read(scratch->db, read_counter, &read, &err) < 0)
			return strdup(err.text);
		if (read.answer <= last)
			return strdup("a reader does not see what was committed");
		last = read.answer;
	}
	return NULL;
}

static void no_writer_overtakes_another(void **state)
{
	struct scratch *scratch = *state;
	pthread_t threads[THREADS];
	scratch_do(scratch, "CREATE TABLE counter (n BIGINT)");
	scratch_do(scratch, "INSERT INTO counter VALUES (0)");
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up, scratch), 0);
	for (int i = 0; i < THREADS; i++) {
		void *complaint;
		pthread_join(threads[i], &complaint);
		if (complaint)
			fail_msg("%s", (char *)complaint);
	}
	assert_int_equal(scratch_ask(scratch, "SELECT n FROM counter"), THREADS * ROUNDS);
}

/* ---- several in one commit: while a first work holds the writer up, others queue behind it ---- */

struct guest {
	struct scratch *scratch;
	db_work *work;
	int64_t number;
	int result;
	struct error err;
	pthread_t thread;
	sem_t *calling;
};

static int hold_up(struct db_tx *tx, void *context, struct error *err)
{
	sem_t *go = context;
	while (sem_wait(go) < 0)
		continue;
	return 0;
}

static int insert_own(struct db_tx *tx, void *context, struct error *err)
{
	struct guest *guest = context;
	return db_run(tx, NULL, "INSERT INTO t (a) VALUES ($1)", DB_VALUES(db_int(guest->number)), NULL, err);
}

static int insert_own_and_fail(struct db_tx *tx, void *context, struct error *err)
{
	int code = insert_own(tx, context, err);
	return code < 0 ? code : error_set(err, -ECANCELED, "not this one");
}

/* Passes every statement, and fails where the commit is. */
static int insert_orphan(struct db_tx *tx, void *context, struct error *err)
{
	int code = insert_own(tx, context, err);
	return code < 0 ? code : db_run(tx, NULL, "INSERT INTO child VALUES (99)", DB_NO_VALUES, NULL, err);
}

static void *write_as_guest(void *argument)
{
	struct guest *guest = argument;
	sem_post(guest->calling);
	guest->result = db_write(guest->scratch->db, guest->work, guest, &guest->err);
	return NULL;
}

struct host {
	struct scratch *scratch;
	sem_t go;
};

static void *hold_writer(void *argument)
{
	struct host *host = argument;
	db_write(host->scratch->db, hold_up, &host->go, NULL);
	return NULL;
}

static void seat_guests(struct scratch *scratch, struct guest *guests, size_t count)
{
	struct host host = { .scratch = scratch };
	sem_t calling;
	pthread_t thread;
	sem_init(&host.go, 0, 0);
	sem_init(&calling, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, hold_writer, &host), 0);
	for (size_t i = 0; i < count; i++) {
		guests[i].scratch = scratch;
		guests[i].calling = &calling;
		assert_int_equal(pthread_create(&guests[i].thread, NULL, write_as_guest, &guests[i]), 0);
	}
	for (size_t i = 0; i < count; i++)
		sem_wait(&calling);
	usleep(20000); /* from here to the queue they need a moment; what is asserted holds without it */
	sem_post(&host.go);
	for (size_t i = 0; i < count; i++)
		pthread_join(guests[i].thread, NULL);
	pthread_join(thread, NULL);
	sem_destroy(&host.go);
	sem_destroy(&calling);
}

static void a_failure_stays_with_its_own_work(void **state)
{
	struct scratch *scratch = *state;
	struct guest guests[THREADS] = { 0 };
	scratch_do(scratch, "CREATE TABLE t (a BIGINT PRIMARY KEY)");
	for (int i = 0; i < THREADS; i++) {
		guests[i].number = i % 4 == 3 ? 0 : i; /* 0 is there already, or comes twice */
		guests[i].work = i % 4 == 2 ? insert_own_and_fail : insert_own;
	}
	scratch_do(scratch, "INSERT INTO t VALUES (0)");
	guests[0].number = 1000;
	seat_guests(scratch, guests, THREADS);
	for (int i = 0; i < THREADS; i++) {
		const int expected[] = { 0, 0, -ECANCELED, -EEXIST };
		assert_int_equal(guests[i].result, expected[i % 4]);
		assert_int_equal(guests[i].err.code, expected[i % 4]);
	}
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), 1 + THREADS / 2);
}

/* In the end some innocent one must have shared the commit that failed, and have been told so. */
static void a_failed_commit_fails_all_in_it(void **state)
{
	struct scratch *scratch = *state;
	if (scratch->postgres)
		skip(); /* everyone has a commit of his own */
	scratch_do(scratch, "CREATE TABLE t (a BIGINT PRIMARY KEY)");
	scratch_do(scratch,
		   "CREATE TABLE child (parent BIGINT REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)");
	int shared = 0;
	for (int round = 0; round < 50 && shared == 0; round++) {
		struct guest guests[5] = { 0 };
		for (int i = 0; i < 5; i++) {
			guests[i].number = 100 + round * 5 + i;
			guests[i].work = i == 2 ? insert_orphan : insert_own;
		}
		seat_guests(scratch, guests, 5);
		assert_int_equal(guests[2].result, -EEXIST);
		for (int i = 0; i < 5; i++) {
			char sql[64];
			snprintf(sql, sizeof sql, "SELECT count(*) FROM t WHERE a = %d",
				 (int)guests[i].number);
			assert_int_equal(scratch_ask(scratch, sql), guests[i].result == 0);
			assert_true(guests[i].result == 0 || guests[i].err.text[0]);
			shared += i != 2 && guests[i].result < 0;
		}
	}
	assert_true(shared > 0);
	scratch_do(scratch, "INSERT INTO t VALUES (1)");
}

/* ---- the disk ---- */

static int insert_page(struct db_tx *tx, void *context, struct error *err)
{
	static const char page[4096];
	return db_run(tx, NULL, "INSERT INTO t (b) VALUES ($1)", DB_VALUES(db_blob(page, sizeof page)), NULL,
		      err);
}

struct filler {
	struct scratch *scratch;
	int64_t acknowledged;
	struct error err;
};

static void *fill(void *argument)
{
	struct filler *filler = argument;
	while (db_write(filler->scratch->db, insert_page, NULL, &filler->err) == 0)
		filler->acknowledged++;
	return NULL;
}

/* Until it is full; then all that was acknowledged is there, and nothing else. */
static void fill_and_check(struct scratch *scratch)
{
	struct filler fillers[4] = { 0 };
	pthread_t threads[4];
	int64_t acknowledged = scratch_ask(scratch, "SELECT count(*) FROM t");
	for (int i = 0; i < 4; i++) {
		fillers[i].scratch = scratch;
		assert_int_equal(pthread_create(&threads[i], NULL, fill, &fillers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(fillers[i].err.code, -ENOSPC);
		assert_non_null(strstr(fillers[i].err.text, "the disk is full"));
		acknowledged += fillers[i].acknowledged;
	}
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), acknowledged);
}

static void a_full_database_is_usable_once_there_is_room(void **state)
{
	struct scratch *scratch = *state;
	if (scratch->postgres)
		skip(); /* its disk is its own business; the words for it are postgres_error.c's */
	scratch_do(scratch, "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
	scratch_do(scratch, "PRAGMA max_page_count = 60");
	fill_and_check(scratch);
	scratch_do(scratch, "PRAGMA max_page_count = 100000");
	scratch_do(scratch, "INSERT INTO t (b) VALUES ('after')");
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t WHERE b = 'after'"), 1);
}

static void grow_ballast(const char *path, size_t bytes)
{
	static const char page[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	for (size_t size = 0; size < bytes && write(fd, page, sizeof page) > 0; size += sizeof page)
		continue;
	close(fd);
}

static void fill_up(const char *ballast)
{
	grow_ballast(ballast, SIZE_MAX);
}

/* A write that failed may have left a little room in the log, which smaller ones use up. */
static int ping_until_full(struct scratch *scratch)
{
	enum { PAGES_LEFT_MAX = 200 };
	struct error err;
	int code = 0;
	for (int i = 0; i < PAGES_LEFT_MAX && code == 0; i++)
		code = db_ping(scratch->db, &err);
	return code;
}

/* A file system that is really full, where this process may mount one. */
static void a_full_disk_is_survived(void **state)
{
	struct scratch *scratch = *state;
	char data[128], ballast[160];
	struct error err;
	if (scratch->postgres)
		skip();
	scratch_close(scratch);
	snprintf(data, sizeof data, "%s/data", scratch->folder);
	snprintf(ballast, sizeof ballast, "%s/ballast", data);
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", data, "tmpfs", 0, "size=3m") < 0) {
		print_message("left out: a full disk needs root, to mount a small one\n");
		skip();
	}
	scratch_open(scratch);
	grow_ballast(ballast, 2 << 20); /* the room that there will be again */
	scratch_do(scratch, "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
	fill_and_check(scratch);
	int64_t count = scratch_ask(scratch, "SELECT count(*) FROM t");
	fill_up(ballast);
	assert_int_equal(ping_until_full(scratch), -ENOSPC);
	scratch_close(scratch);
	fill_up(ballast); /* not even what is in the log has room in the database itself */
	scratch_open(scratch);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), count);
	assert_int_equal(scratch_try(scratch, "INSERT INTO t (b) VALUES (zeroblob(99999))", &err), -ENOSPC);
	assert_int_equal(unlink(ballast), 0);
	scratch_do(scratch, "DELETE FROM t WHERE a > 1");
	assert_ok(db_ping(scratch->db, &err), &err);
	scratch_close(scratch);
	fill_up(ballast); /* and here there is none for the log */
	assert_int_equal(db_open(scratch->url, &scratch->db, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "the disk is full"));
	assert_int_equal(unlink(ballast), 0);
	scratch_open(scratch);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), 1);
	scratch_close(scratch);
	assert_int_equal(umount(data), 0);
}

/* How often the disk was flushed for it. */
static int flushes_of(struct scratch *scratch, int (*write)(struct db *, db_work *, void *, struct error *))
{
	struct scratch_statement add = { .sql = "UPDATE counter SET n = n + 1" };
	struct error err;
	int before = flushes;
	assert_ok(write(scratch->db, scratch_work, &add, &err), &err);
	return flushes - before;
}

static void what_may_be_lost_does_not_wait_for_the_disk(void **state)
{
	struct scratch *scratch = *state;
	scratch_do(scratch, "CREATE TABLE counter (n BIGINT)");
	scratch_do(scratch, "INSERT INTO counter VALUES (0)");
	for (int i = 0; i < 3; i++) {
		int relaxed = flushes_of(scratch, db_write_relaxed) + flushes_of(scratch, db_write_relaxed);
		assert_int_equal(relaxed, 0);
		assert_int_equal(flushes_of(scratch, db_write),
				 scratch->postgres ? 0 : 1); /* and what was before it */
	}
	assert_int_equal(scratch_ask(scratch, "SELECT n FROM counter"), 9);
	scratch_close(scratch);
	scratch_open(scratch);
	assert_int_equal(scratch_ask(scratch, "SELECT n FROM counter"), 9);
}

struct mixed {
	struct scratch *scratch;
	bool relaxed;
};

static void *add_some(void *argument)
{
	const struct mixed *mixed = argument;
	for (int i = 0; i < ROUNDS; i++) {
		struct scratch_statement add = { .sql = "UPDATE counter SET n = n + 1" };
		struct error err;
		int before = flushes;
		int code = mixed->relaxed ? db_write_relaxed(mixed->scratch->db, scratch_work, &add, &err)
					  : db_write(mixed->scratch->db, scratch_work, &add, &err);
		if (code < 0)
			return strdup(err.text);
		if (!mixed->relaxed && !mixed->scratch->postgres && flushes == before)
			return strdup("told before it was on the disk");
	}
	return NULL;
}

static void who_shares_a_commit_with_others_waits_as_they_must(void **state)
{
	struct scratch *scratch = *state;
	struct mixed kinds[2] = { { scratch, false }, { scratch, true } };
	pthread_t threads[THREADS];
	scratch_do(scratch, "CREATE TABLE counter (n BIGINT)");
	scratch_do(scratch, "INSERT INTO counter VALUES (0)");
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_some, &kinds[i % 2]), 0);
	for (int i = 0; i < THREADS; i++) {
		void *complaint;
		pthread_join(threads[i], &complaint);
		if (complaint)
			fail_msg("%s", (char *)complaint);
	}
	assert_int_equal(scratch_ask(scratch, "SELECT n FROM counter"), THREADS * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(no_writer_overtakes_another),
		scratch_test(a_failure_stays_with_its_own_work),
		scratch_test(what_may_be_lost_does_not_wait_for_the_disk),
		scratch_test(who_shares_a_commit_with_others_waits_as_they_must),
		scratch_test(a_failed_commit_fails_all_in_it),
		scratch_test(a_full_database_is_usable_once_there_is_room),
		scratch_test(a_full_disk_is_survived),
	};
	return cmocka_run_group_tests_name("db writers", tests, NULL, NULL);
}
