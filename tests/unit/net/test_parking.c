/* Waiting: woken, timed out, woken in the very moment of parking, gone while parked, ten thousand at once. */
#include "raw.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_int looks, done, parks;
static atomic_bool final, wake_between, wake_all_between;

/* Answers when `final`; the key is the route's parameter. */
static void wait_for_it(struct http_exchange *x)
{
	const char *wait = http_query(x, "wait");
	looks++;
	bool is_final = final;
	if (wake_between) {
		/* The state changes, and everybody is woken, after this handler has looked. */
		wake_between = false;
		final = true;
		http_wake(http_server_of(x), http_param(x, "key"));
	}
	if (wake_all_between) {
		wake_all_between = false;
		final = true;
		http_wake(http_server_of(x), NULL);
	}
	if (!is_final && http_park(x, http_param(x, "key"), wait ? strtol(wait, NULL, 10) : 0)) {
		parks++;
		return;
	}
	done++;
	http_reply(x, 200, "text/plain", is_final ? "final" : "time over", is_final ? 5 : 9);
}

static const struct http_route routes[] = { { "GET", "/wait/{key}", wait_for_it } };

static struct http_server *serve(void)
{
	looks = done = parks = 0;
	final = wake_between = wake_all_between = false;
	return raw_serve((struct http_server_options){
		.routes = routes, .route_count = 1, .queue = 12000, .connections = 12000 });
}

static int ask(struct http_server *server, const char *key, int wait_ms)
{
	char request[128];
	int fd = raw_connect(raw_port(server));
	snprintf(request, sizeof request, "GET /wait/%s?wait=%d HTTP/1.1\r\nHost: a\r\n\r\n", key, wait_ms);
	raw_send(fd, request);
	return fd;
}

static void wait_until(atomic_int *count, int wanted)
{
	for (int i = 0; i < 2000 && *count < wanted; i++)
		sleep_ms(5);
	assert_true(*count >= wanted);
}

static void read_body(int fd, const char *expected)
{
	struct raw_response response;
	raw_read(fd, &response);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, expected);
	raw_free(&response);
	close(fd);
}

static void a_wake_runs_the_handler_again(void **state)
{
	struct http_server *server = serve();
	int fd = ask(server, "a", 60000), other = ask(server, "b", 60000);
	wait_until(&parks, 2);
	final = true;
	http_wake(server, "a");
	read_body(fd, "final");
	assert_int_equal(looks, 3); /* the other was left alone */
	http_wake(server, "b");
	read_body(other, "final");
	http_server_free(server);
}

static void a_wake_for_all_keys_runs_everybody_again(void **state)
{
	struct http_server *server = serve();
	int one = ask(server, "a", 60000), other = ask(server, "b", 60000);
	wait_until(&parks, 2);
	final = true;
	http_wake(server, NULL);
	read_body(one, "final");
	read_body(other, "final");
	final = false;
	wake_all_between = true; /* while somebody looks */
	read_body(ask(server, "c", 60000), "final");
	http_server_stop(server, 0);
	http_server_free(server);
}

static void a_wake_for_nothing_parks_again(void **state)
{
	struct http_server *server = serve();
	int fd = ask(server, "a", 60000);
	wait_until(&parks, 1);
	http_wake(server, "a");
	wait_until(&parks, 2);
	final = true;
	http_wake(server, "a");
	read_body(fd, "final");
	http_server_free(server);
}

static void the_time_ends_the_waiting(void **state)
{
	struct http_server *server = serve();
	read_body(ask(server, "a", 0), "time over");
	assert_int_equal(looks, 1);
	read_body(ask(server, "a", 100), "time over");
	assert_true(looks >= 3);
	http_server_free(server);
}

static void wakes_do_not_prolong_the_time(void **state)
{
	struct http_server *server = serve();
	int fd = ask(server, "a", 300);
	for (int i = 0; i < 2000 && done == 0; i++) {
		http_wake(server, "a");
		sleep_ms(5);
	}
	assert_int_equal(done, 1);
	read_body(fd, "time over");
	http_server_free(server);
}

static void a_wake_between_look_and_park_is_not_lost(void **state)
{
	struct http_server *server = serve();
	wake_between = true;
	read_body(ask(server, "a", 60000), "final");
	assert_int_equal(looks, 2);
	http_server_free(server);
}

/* The same, not staged: one thread makes things final and wakes while others arrive. */
static void *finish(void *server)
{
	final = true;
	http_wake(server, "a");
	return NULL;
}

static void no_wake_is_lost_in_the_race(void **state)
{
	struct http_server *server = serve();
	for (int round = 0; round < 200; round++) {
		pthread_t thread;
		final = false;
		int fd = ask(server, "a", 60000);
		assert_int_equal(pthread_create(&thread, NULL, finish, server), 0);
		read_body(fd, "final");
		pthread_join(thread, NULL);
	}
	http_server_free(server);
}

/* Both ends of every connection are this process's: what the server has closed is seen here. */
static int open_files(void)
{
	int count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void wait_for_files(int wanted)
{
	for (int i = 0; i < 2000 && open_files() > wanted; i++)
		sleep_ms(5);
	assert_int_equal(open_files(), wanted);
}

static void who_goes_away_is_dropped_at_once(void **state)
{
	struct http_server *server = serve();
	int stays = ask(server, "a", 60000);
	wait_until(&parks, 1);
	int files = open_files();
	int gone = ask(server, "a", 60000);
	wait_until(&parks, 2);
	close(gone);
	wait_for_files(files); /* the server's end too, with nobody waking it */

	final = true;
	http_wake(server, "a");
	read_body(stays, "final");
	assert_int_equal(looks, 3); /* who is gone does not run again */
	http_server_free(server);
}

static void who_resets_is_dropped_too(void **state)
{
	const struct linger reset = { .l_onoff = 1 };
	struct http_server *server = serve();
	int files = open_files();
	int gone = ask(server, "a", 60000);
	wait_until(&parks, 1);
	setsockopt(gone, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(gone);
	wait_for_files(files);
	http_server_free(server);
}

static void early_bytes_wait_for_the_parked_request(void **state)
{
	struct http_server *server = serve();
	int fd = ask(server, "a", 60000);
	wait_until(&parks, 1);
	raw_send(fd, "GET /wait/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	sleep_ms(50);
	assert_int_equal(looks, 1);
	final = true;
	http_wake(server, "a");
	assert_true(raw_closed(fd));
	assert_int_equal(done, 2);
	close(fd);
	http_server_free(server);
}

static void a_stop_answers_the_parked(void **state)
{
	struct http_server *server = serve();
	struct raw_response response;
	int fd = ask(server, "a", 60000);
	wait_until(&parks, 1);
	sleep_ms(50);
	http_server_stop(server, 5000);
	raw_read(fd, &response);
	assert_int_equal(response.status, 503);
	assert_string_equal(raw_header(&response, "Retry-After"), "1");
	assert_string_equal(raw_header(&response, "Connection"), "close");
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void thousands_wait_and_are_all_answered(void **state)
{
	enum { MANY = 5000 };
	static int fds[MANY];
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2 * MANY + 1000) {
		print_message("left out: the hard limit of open files is too low here\n");
		skip();
	}

	struct http_server *server = serve();
	for (int i = 0; i < MANY; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i % 2 ? i : 0);
		fds[i] = ask(server, key, 60000);
	}
	wait_until(&parks, MANY);
	final = true;
	for (int i = 0; i < MANY; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i % 2 ? i : 0);
		if (i == 0 || i % 2)
			http_wake(server, key);
	}
	for (int i = 0; i < MANY; i++)
		read_body(fds[i], "final");
	http_server_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wake_runs_the_handler_again),
		cmocka_unit_test(a_wake_for_all_keys_runs_everybody_again),
		cmocka_unit_test(a_wake_for_nothing_parks_again),
		cmocka_unit_test(the_time_ends_the_waiting),
		cmocka_unit_test(wakes_do_not_prolong_the_time),
		cmocka_unit_test(a_wake_between_look_and_park_is_not_lost),
		cmocka_unit_test(no_wake_is_lost_in_the_race),
		cmocka_unit_test(who_goes_away_is_dropped_at_once),
		cmocka_unit_test(who_resets_is_dropped_too),
		cmocka_unit_test(early_bytes_wait_for_the_parked_request),
		cmocka_unit_test(a_stop_answers_the_parked),
		cmocka_unit_test(thousands_wait_and_are_all_answered),
	};
	return cmocka_run_group_tests_name("net parking", tests, NULL, NULL);
}
