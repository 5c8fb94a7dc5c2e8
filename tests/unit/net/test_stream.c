/* Server-Sent Events over real sockets: what is sent, when, to whom not any more, and what a slow reader costs. */
#include "raw.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"

enum { BIG_BYTES = 200000, TOO_MUCH_BYTES = 2 << 20 };

static char filling[TOO_MUCH_BYTES + 1];

static atomic_int version, runs, parks, destroyed, done_count, done_status;
static atomic_bool final, wake_between, big, too_much;

struct seen {
	int version;
};

static void note_destroyed(void *memory)
{
	destroyed++;
}

/* Sends every version once, coalesced; ends when final. */
static void watch(struct http_exchange *x)
{
	struct seen *seen = http_memory(x, sizeof *seen, note_destroyed);
	const char *last = http_stream_last_id(x);
	int now = version;
	char text[64];

	runs++;
	if (strcmp(http_param(x, "key"), "none") == 0) {
		http_reply_empty(x, 404);
		return;
	}
	http_set_header(x, "X-Made", "yes");
	if (!http_stream_start(x, HTTP_EVENTS))
		return;
	if (last && seen->version == 0)
		seen->version = (int)strtol(last, NULL, 10);
	snprintf(text, sizeof text, "%d", now);
	if (now > seen->version) {
		http_stream_send(x, text, "state",
				 big        ? filling + TOO_MUCH_BYTES - BIG_BYTES
				 : too_much ? filling
					    : text);
		seen->version = now;
	}
	if (wake_between) {
		wake_between = false;
		version++;
		http_wake(http_server_of(x), http_param(x, "key"));
	}
	if (!final && http_park(x, http_param(x, "key"), 60000))
		parks++;
}

static void lines(struct http_exchange *x)
{
	if (http_stream_start(x, HTTP_EVENTS))
		http_stream_send(x, NULL, NULL, "a\nb\r\nc\rd\n");
}

static const struct http_route routes[] = { { "GET", "/watch/{key}", watch }, { "GET", "/lines", lines } };

static void on_done(void *context, const struct http_done *done)
{
	done_status = done->status;
	done_count++;
}

static struct http_server *serve_patiently(int64_t body_ms)
{
	version = 1;
	runs = parks = destroyed = done_count = done_status = 0;
	final = wake_between = big = too_much = false;
	return raw_serve((struct http_server_options){ .routes = routes,
						       .route_count = 2,
						       .queue = 12000,
						       .connections = 12000,
						       .body_ms = body_ms,
						       .on_done = on_done });
}

static struct http_server *serve(void)
{
	return serve_patiently(700);
}

static int ask(struct http_server *server, const char *key, const char *headers)
{
	char request[256];
	int fd = raw_connect(raw_port(server));
	snprintf(request, sizeof request, "GET /watch/%s HTTP/1.1\r\nHost: a\r\n%s\r\n", key, headers);
	raw_send(fd, request);
	return fd;
}

static void wait_until(atomic_int *count, int wanted)
{
	for (int i = 0; i < 2000 && *count < wanted; i++)
		sleep_ms(5);
	assert_true(*count >= wanted);
}

/* Reads until `end` has come; what came. */
static const char *read_to(int fd, const char *end)
{
	static char text[65536];
	size_t size = 0;
	while (size < sizeof text - 1) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		text[size] = '\0';
		if (strstr(text, end))
			return text;
		if (poll(&waiting, 1, 10000) == 0)
			break;
		ssize_t got = recv(fd, text + size, sizeof text - 1 - size, 0);
		if (got <= 0)
			break;
		size += (size_t)got;
	}
	text[size] = '\0';
	fail_msg("'%s' did not come; so far: %s", end, text);
	return NULL;
}

/* Reads and forgets until `end` has come. */
static void read_past(int fd, const char *end)
{
	static char bytes[32 + 65536];
	size_t kept = strlen(end), size = 0;
	while (!memmem(bytes, size, end, strlen(end))) {
		if (size > kept) {
			memmove(bytes, bytes + size - kept, kept);
			size = kept;
		}
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		assert_int_equal(poll(&waiting, 1, 10000), 1);
		ssize_t got = recv(fd, bytes + size, 65536, 0);
		assert_true(got > 0);
		size += (size_t)got;
	}
}

static void events_come_now_and_at_each_wake(void **state)
{
	struct http_server *server = serve();
	int fd = ask(server, "a", "");
	const char *head = read_to(fd, "id: 1\nevent: state\ndata: 1\n\n");
	assert_non_null(strstr(head, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(head, "Content-Type: text/event-stream\r\n"));
	assert_non_null(strstr(head, "Cache-Control: no-store\r\n"));
	assert_non_null(strstr(head, "X-Made: yes\r\n"));
	assert_non_null(strstr(head, "\r\n\r\nretry: "));
	wait_until(&parks, 1);
	version = 2;
	http_wake(server, "b"); /* somebody else's */
	http_wake(server, "a");
	read_to(fd, "id: 2\nevent: state\ndata: 2\n\n");
	wait_until(&parks, 2);
	assert_int_equal(runs, 2);
	version = 3;
	final = true;
	http_wake(server, "a");
	read_to(fd, "id: 3\nevent: state\ndata: 3\n\n");
	assert_true(raw_closed(fd));
	wait_until(&destroyed, 1);
	wait_until(&done_count, 1);
	assert_int_equal(done_status, 200);
	close(fd);
	http_server_free(server);
}

static void lines_become_lines(void **state)
{
	struct http_server *server = serve();
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "GET /lines HTTP/1.1\r\nHost: a\r\n\r\n");
	read_to(fd, "\n\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
	assert_true(raw_closed(fd));
	close(fd);
	http_server_free(server);
}

static void who_comes_back_goes_on(void **state)
{
	struct http_server *server = serve();
	version = 5;
	final = true;
	int fd = ask(server, "a", "Last-Event-ID: 5\r\n");
	const char *all = read_to(fd, "retry: ");
	assert_null(strstr(all, "data:"));
	assert_true(raw_closed(fd));
	close(fd);
	fd = ask(server, "a?last_event_id=4", "");
	read_to(fd, "data: 5\n\n");
	close(fd);
	http_server_free(server);
}

static void a_refusal_is_an_answer_like_any_other(void **state)
{
	struct http_server *server = serve();
	struct raw_response response;
	int fd = ask(server, "none", "");
	raw_read(fd, &response);
	assert_int_equal(response.status, 404);
	raw_free(&response);
	close(fd);
	raw_ask(raw_port(server), "HEAD /watch/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		&response);
	assert_int_equal(response.status, 200);
	assert_string_equal(raw_header(&response, "Content-Type"), "text/event-stream");
	assert_string_equal(response.body, "");
	raw_free(&response);
	http_server_free(server);
}

static void a_wake_between_look_and_park_is_not_lost(void **state)
{
	struct http_server *server = serve();
	wake_between = true;
	int fd = ask(server, "a", "");
	read_to(fd, "data: 2\n\n");
	close(fd);
	http_server_free(server);
}

static void *bump(void *server)
{
	for (int i = 0; i < 500; i++) {
		version++;
		http_wake(server, "a");
	}
	return NULL;
}

static void the_last_state_always_arrives(void **state)
{
	struct http_server *server = serve();
	for (int round = 0; round < 20; round++) {
		pthread_t thread;
		char last[32];
		int fd = ask(server, "a", "");
		int from = version;
		assert_int_equal(pthread_create(&thread, NULL, bump, server), 0);
		snprintf(last, sizeof last, "data: %d\n\n", from + 500);
		read_to(fd, last);
		pthread_join(thread, NULL);
		close(fd);
	}
	http_server_free(server);
}

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

static void who_goes_away_frees_everything_at_once(void **state)
{
	const struct linger reset = { .l_onoff = 1 };
	struct http_server *server = serve();
	int files = open_files();
	int fd = ask(server, "a", "");
	read_to(fd, "data: 1\n\n");
	close(fd);
	wait_until(&destroyed, 1); /* nobody woke it */
	wait_for_files(files);
	fd = ask(server, "a", "");
	read_to(fd, "data: 1\n\n");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(fd);
	wait_until(&destroyed, 2);
	wait_for_files(files);
	wait_until(&done_count, 2);
	http_server_free(server);
}

static void one_that_talks_too_much_is_cut_off(void **state)
{
	struct http_server *server = serve();
	char much[8192];
	int fd = ask(server, "a", "");
	read_to(fd, "data: 1\n\n");
	memset(much, 'x', sizeof much);
	raw_send_bytes(fd, much, sizeof much);
	assert_true(raw_closed(fd));
	wait_until(&destroyed, 1);
	close(fd);
	http_server_free(server);
}

/* The handler does not run while the reader is behind, however often it is woken; then once. */
static void a_slow_reader_holds_one_run_at_most(void **state)
{
	struct http_server *server = serve_patiently(60000);
	const int small = 65536;
	big = true;
	int fd = raw_connect(raw_port(server)), stalled = 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	raw_send(fd, "GET /watch/a HTTP/1.1\r\nHost: a\r\n\r\n");
	wait_until(&parks, 1);
	while (stalled < runs) { /* until the socket takes no more */
		stalled = runs;
		version++;
		http_wake(server, "a");
		for (int i = 0; i < 60 && runs == stalled; i++)
			sleep_ms(5);
		assert_true(stalled < 1000);
	}
	for (int i = 0; i < 50; i++) {
		version++;
		http_wake(server, "a");
	}
	sleep_ms(50);
	assert_int_equal(runs, stalled);
	assert_int_equal(destroyed, 0);

	char last[32];
	snprintf(last, sizeof last, "id: %d\n", (int)version);
	read_past(fd, last); /* all that was sent, and the newest state after it */
	wait_until(&runs, stalled + 1);
	assert_true(runs <= stalled + 2);
	close(fd);
	http_server_free(server);
}

static void one_that_does_not_read_is_cut_off(void **state)
{
	struct http_server *server = serve();
	big = true;
	int fd = ask(server, "a", "");
	for (int i = 0; i < 2000 && destroyed == 0; i++) {
		version++;
		http_wake(server, "a");
		sleep_ms(5);
	}
	assert_int_equal(destroyed, 1);
	assert_true(raw_closed(fd));
	close(fd);
	http_server_free(server);
}

static void a_run_that_sends_too_much_ends_the_stream(void **state)
{
	struct http_server *server = serve();
	too_much = true;
	int fd = ask(server, "a", "");
	assert_true(raw_closed(fd));
	wait_until(&destroyed, 1);
	close(fd);
	http_server_free(server);
}

static void a_stop_ends_streams(void **state)
{
	struct http_server *server = serve();
	int fd = ask(server, "a", "");
	read_to(fd, "data: 1\n\n");
	wait_until(&parks, 1);
	sleep_ms(50);
	http_server_stop(server, 5000);
	assert_true(raw_closed(fd));
	assert_int_equal(destroyed, 1);
	close(fd);
	http_server_free(server);
}

static void thousands_get_everything_and_leave_nothing(void **state)
{
	enum { MANY = 2000 };
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
	int files = open_files();
	for (int i = 0; i < MANY; i++)
		fds[i] = ask(server, "a", "");
	for (int i = 0; i < MANY; i++)
		read_to(fds[i], "data: 1\n\n");
	wait_until(&parks, MANY);
	version = 2;
	http_wake(server, "a");
	for (int i = 0; i < MANY; i++)
		read_to(fds[i], "data: 2\n\n");
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	wait_until(&destroyed, MANY);
	wait_for_files(files);
	http_server_free(server);
}

int main(void)
{
	memset(filling, 'x', TOO_MUCH_BYTES);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_now_and_at_each_wake),
		cmocka_unit_test(lines_become_lines),
		cmocka_unit_test(who_comes_back_goes_on),
		cmocka_unit_test(a_refusal_is_an_answer_like_any_other),
		cmocka_unit_test(a_wake_between_look_and_park_is_not_lost),
		cmocka_unit_test(the_last_state_always_arrives),
		cmocka_unit_test(who_goes_away_frees_everything_at_once),
		cmocka_unit_test(one_that_talks_too_much_is_cut_off),
		cmocka_unit_test(a_slow_reader_holds_one_run_at_most),
		cmocka_unit_test(one_that_does_not_read_is_cut_off),
		cmocka_unit_test(a_run_that_sends_too_much_ends_the_stream),
		cmocka_unit_test(a_stop_ends_streams),
		cmocka_unit_test(thousands_get_everything_and_leave_nothing),
	};
	return cmocka_run_group_tests_name("net stream", tests, NULL, NULL);
}
