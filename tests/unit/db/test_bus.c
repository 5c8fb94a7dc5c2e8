/* Wakes: heard here and elsewhere, and none lost for good when the lines that carry them are cut. */
#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "db/bus.h"

/* One process of several. */
struct replica {
	struct scratch scratch; /* its own connections to the same database */
	struct db_bus *bus;
	atomic_int everything; /* how often all keys were woken */
	atomic_int last;       /* number of the last "key N" */
};

static void hear(void *context, const char *key)
{
	struct replica *replica = context;

	if (!key)
		replica->everything++;
	else
		replica->last = atoi(key + strlen("key "));
}

static struct replica *start(const struct scratch *scratch)
{
	struct replica *replica = calloc(1, sizeof *replica);
	struct error err;

	snprintf(replica->scratch.url, sizeof replica->scratch.url, "%s", scratch->url);
	scratch_open(&replica->scratch);
	assert_ok(db_bus_start(replica->scratch.db, hear, replica, &replica->bus, &err), &err);
	return replica;
}

static void stop(struct replica *replica)
{
	db_bus_stop(replica->bus);
	scratch_close(&replica->scratch);
	free(replica);
}

static void wait_until(atomic_int *number, int wanted)
{
	for (int i = 0; i < 3000 && *number < wanted; i++)
		usleep(10000);
	assert_true(*number >= wanted);
}

static void send(struct replica *replica, int number)
{
	char key[32];

	snprintf(key, sizeof key, "key %d", number);
	db_bus_send(replica->bus, key);
}

static void what_is_sent_is_heard_here_at_once(void **state)
{
	struct scratch *scratch = *state;
	struct db_bus *bus;
	struct replica here = { 0 };
	struct error err;

	assert_ok(db_bus_start(scratch->db, hear, &here, &bus, &err), &err);
	here.bus = bus;
	send(&here, 1);
	assert_int_equal(here.last, 1);
	db_bus_stop(bus);
}

/* ---- where several processes share a database ---- */

/* All lines of this schema, or those beside what was there before. */
static void cut_lines(struct scratch *scratch, const char *but)
{
	char sql[512];

	snprintf(sql, sizeof sql,
		 "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
		 " AND (query LIKE 'LISTEN \"arena.%s\"%%' OR query LIKE '%%pg_notify(''arena.''%%')"
		 " AND NOT (pid::text = ANY (string_to_array('%s', ',')))",
		 scratch->schema, but);
	assert_true(scratch_ask(scratch, sql) >= 1);
}

static void what_is_sent_is_heard_elsewhere(void **state)
{
	struct scratch *scratch = *state;

	if (!scratch->postgres)
		skip();
	struct replica *one = start(scratch), *other = start(scratch);
	wait_until(&one->everything, 1); /* what came before its line was there */
	wait_until(&other->everything, 1);
	send(one, 1);
	wait_until(&other->last, 1);
	send(other, 2);
	wait_until(&one->last, 2);
	assert_int_equal(one->everything + other->everything, 2);
	stop(one);
	stop(other);
}

static void a_line_that_is_back_wakes_everybody(void **state)
{
	struct scratch *scratch = *state;

	if (!scratch->postgres)
		skip();
	struct replica *one = start(scratch), *other = start(scratch);
	for (int i = 1; i <= 3; i++) {
		wait_until(&one->everything, i);
		wait_until(&other->everything, i);
		cut_lines(scratch, "");
	}
	wait_until(&one->everything, 4);
	wait_until(&other->everything, 4);
	send(one, 1);
	wait_until(&other->last, 1);
	stop(one);
	stop(other);
}

/* The listener's line is whole: only the sender could know that something did not go out. */
static void what_a_cut_line_did_not_carry_comes_later(void **state)
{
	struct scratch *scratch = *state;

	if (!scratch->postgres)
		skip();
	struct replica *listener = start(scratch);
	wait_until(&listener->everything, 1);
	char lines[32];
	snprintf(lines, sizeof lines, "%d",
		 (int)scratch_ask(scratch, "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
					   " AND query LIKE '%' || current_schema() || '%'"
					   " AND pid <> pg_backend_pid()"));
	struct replica *sender = start(scratch);
	for (int i = 1; i <= 10; i++) {
		int woken = listener->everything;

		wait_until(&sender->everything, i);
		cut_lines(scratch, lines);
		send(sender, i);
		for (int tries = 0; tries < 3000 && listener->last < i && listener->everything == woken;
		     tries++)
			usleep(10000);
		assert_true(listener->last == i || listener->everything > woken);
	}
	stop(sender);
	stop(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_is_sent_is_heard_here_at_once),
		scratch_test(what_is_sent_is_heard_elsewhere),
		scratch_test(a_line_that_is_back_wakes_everybody),
		scratch_test(what_a_cut_line_did_not_carry_comes_later),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
