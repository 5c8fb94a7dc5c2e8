/* A name server that is silent: in a namespace of our own, where it is the only one there is.
 *
 * /etc/resolv.conf is ours there, and names 127.0.0.53, where a socket takes what comes and never answers. Where
 * namespaces cannot be had the tests say so and are left out. */
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/outbound.h"

enum { SILENT = 0x7f000035 }; /* 127.0.0.53 */

static int name_server = -1;

/* ---- the place ---- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

static bool enter_namespaces(void)
{
	char map[64];
	uid_t uid = geteuid();

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0)
		return false;
	snprintf(map, sizeof map, "0 %u 1", uid);
	return write_file("/proc/self/uid_map", map);
}

static bool raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

	if (fd >= 0)
		close(fd);
	return up;
}

/* An etc of ours over the host's, with nothing in it but where names are asked for. */
static bool name_the_server(void)
{
	char etc[] = "/tmp/arena-etc.XXXXXX";

	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mkdtemp(etc) &&
	       mount("etc", etc, "tmpfs", 0, NULL) == 0 && mount(etc, "/etc", NULL, MS_BIND, NULL) == 0 &&
	       umount(etc) == 0 && rmdir(etc) == 0 &&
	       write_file("/etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:30 attempts:5\n") &&
	       write_file("/etc/nsswitch.conf", "hosts: dns\n");
}

static bool listen_for_names(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(53),
				       .sin_addr.s_addr = htonl(SILENT) };

	name_server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return name_server >= 0 && bind(name_server, (struct sockaddr *)&address, sizeof address) == 0;
}

/* How many questions came so far and lie there. */
static int questions(void)
{
	static int count;
	char question[512];

	while (recv(name_server, question, sizeof question, MSG_DONTWAIT) > 0)
		count++;
	return count;
}

/* ---- requests ---- */

static atomic_int served;

static void ok(struct http_exchange *x)
{
	served++;
	http_reply_empty(x, 204);
}

static const struct http_route routes[] = { { .method = "POST", .path = "/ok", .handler = ok } };

struct asked {
	atomic_bool over;
	enum outbound_end end;
	int status;
};

static void on_done(void *context, const struct outbound_result *result)
{
	struct asked *asked = context;

	asked->end = result->end;
	asked->status = result->status;
	asked->over = true;
}

static void submit(struct outbound *outbound, const char *url, struct asked *asked)
{
	struct error err;

	*asked = (struct asked){ 0 };
	assert_int_equal(outbound_submit(outbound,
					 &(struct outbound_request){
						 .method = "POST", .url = url, .allow_private = true },
					 on_done, asked, &err),
			 0);
}

static void wait_over(struct asked *asked)
{
	for (int i = 0; i < 3000 && !asked->over; i++)
		sleep_ms(10);
	assert_true(asked->over);
}

static struct outbound *start(int64_t timeout_ms)
{
	static struct outbound_options options;
	struct outbound *outbound;
	struct error err;

	options = (struct outbound_options){ .user_agent = "Test/1.0",
					     .per_destination = 2,
					     .total = 64,
					     .timeout_ms = timeout_ms,
					     .response_max_bytes = 65536,
					     .failures = 100,
					     .pause_ms = 300,
					     .pause_max_ms = 600 };
	assert_int_equal(outbound_start(&options, &outbound, &err), 0);
	return outbound;
}

/* ---- the tests ---- */

static void names_that_nobody_knows_delay_nobody(void **state)
{
	enum { NAMES = 30 };
	static struct asked silent[NAMES], good[10];
	struct http_server *server = *state;
	struct outbound *outbound = start(600000);
	char url[64];

	for (int i = 0; i < NAMES; i++) {
		snprintf(url, sizeof url, "http://receiver-%d.example/", i);
		submit(outbound, url, &silent[i]);
	}
	for (int i = 0; i < 3000 && questions() < NAMES; i++)
		sleep_ms(10);
	assert_true(questions() >= NAMES);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/ok", raw_port(server));
	for (int i = 0; i < 10; i++) {
		submit(outbound, url, &good[i]);
		wait_over(&good[i]);
		assert_int_equal(good[i].status, 204);
	}
	for (int i = 0; i < NAMES; i++)
		assert_false(silent[i].over); /* nothing of theirs had to end for it */
	outbound_free(outbound);              /* nor for us to end */
	for (int i = 0; i < NAMES; i++)
		assert_int_equal(silent[i].end, OUTBOUND_CANCELLED);
}

static void a_look_up_has_no_more_time_than_its_request(void **state)
{
	struct http_server *server = *state;
	struct outbound *outbound = start(300);
	struct asked silent, good;
	char url[64];

	submit(outbound, "http://receiver.example/", &silent);
	wait_over(&silent);
	assert_int_equal(silent.end, OUTBOUND_TIMEOUT);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/ok", raw_port(server));
	submit(outbound, url, &good);
	wait_over(&good);
	assert_int_equal(good.status, 204);
	outbound_free(outbound);
}

static int set_up(void **state)
{
	*state = raw_serve((struct http_server_options){ .routes = routes, .route_count = 1, .threads = 2 });
	return 0;
}

static int tear_down(void **state)
{
	http_server_stop(*state, 0);
	http_server_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_nobody_knows_delay_nobody),
		cmocka_unit_test(a_look_up_has_no_more_time_than_its_request),
	};

	if (!enter_namespaces() || !raise_loopback() || !name_the_server() || !listen_for_names()) {
		printf("left out: no namespace with a name server of our own can be had: %s\n",
		       strerror(errno));
		return 77; /* Meson: skipped */
	}
	return cmocka_run_group_tests_name("name server", tests, set_up, tear_down);
}
