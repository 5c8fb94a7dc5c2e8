/* The lane maker behind a socket: who may talk to it, what nonsense does to it, and what is left when its
 * clients or it itself come to a sudden end. */
#include "maker/maker.h"
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { LANES = 2, OWNER_UID = 65534, STRANGER_UID = 54321, PATIENCE_MS = 5000 };

static char folder[64], path[96];
static pid_t maker;

/* ---- a maker of our own ---- */

/* Without root the lane maker lives where this user is root. */
static unsigned int owner(void)
{
	return geteuid() == 0 ? OWNER_UID : 0;
}

static int raw_connection(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	close(fd);
	return -1;
}

static int start_maker(void **state)
{
	(void)state;
	maker = fork();
	if (maker == 0) {
		const struct lane_maker_options options = {
			.socket_fd = -1, .listen_path = path, .owner_uid = owner(), .max_lanes = LANES
		};
		struct error err = { 0 };
		if (sandbox_prepare_maker(&err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(lane_maker_main(&options));
	}
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 10) {
		cleanup_fd int fd = raw_connection();
		if (fd >= 0)
			return 0;
		usleep(10 * 1000);
	}
	fprintf(stderr, "the lane maker does not listen\n");
	return -1;
}

static int stop_maker(void **state)
{
	(void)state;
	int status = -1;
	kill(maker, SIGTERM);
	waitpid(maker, &status, 0);
	return status == 0 && access(path, F_OK) < 0 ? 0 : -1;
}

/* Everything of the maker's that was reparented to us has ended. */
static bool all_ended(void)
{
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 10) {
		if (waitpid(-1, NULL, WNOHANG) < 0)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

static struct sandbox *connection(void)
{
	struct error err = { 0 };
	struct sandbox *sandbox = NULL;
	if (sandbox_open(&(struct sandbox_options){ .socket_path = path }, &sandbox, &err) < 0)
		fail_msg("sandbox_open: %s", err.text);
	return sandbox;
}

/* A lane takes a moment to be free again. */
static struct lane *patient_lane(struct sandbox *sandbox)
{
	struct error err = { 0 };
	struct lane *lane = NULL;
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 10) {
		if (lane_new(sandbox, &lane, &err) == 0)
			return lane;
		usleep(10 * 1000);
	}
	fail_msg("lane_new: %s", err.text);
	return NULL;
}

static int run_true(struct lane *lane)
{
	struct error err = { 0 };
	struct box_result result;
	const struct box_spec spec = {
		.argv = (const char *const[]){ "/usr/bin/true", NULL },
		.bundle_fd = -1,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
	int code = box_run(lane, &spec, &result, &err);
	if (code == 0 && (result.outcome != BOX_EXITED || result.exit_code != 0))
		code = -EIO;
	box_result_free(&result);
	return code;
}

/* ---- clients ---- */

static void clients_share_a_maker(void **state)
{
	(void)state;
	struct sandbox *one = connection(), *two = connection();
	struct lane *first = patient_lane(one), *second = patient_lane(two);
	assert_int_equal(run_true(first), 0);
	assert_int_equal(run_true(second), 0);

	struct error err = { 0 };
	struct lane *third = NULL;
	assert_true(lane_new(one, &third, &err) < 0);
	assert_null(third);
	assert_non_null(strstr(err.text, "lanes"));

	lane_free(first);
	sandbox_close(one);
	assert_int_equal(run_true(second), 0); /* nobody else's end is its end */
	third = patient_lane(two);
	assert_int_equal(run_true(third), 0);
	lane_free(second);
	lane_free(third);
	sandbox_close(two);
}

/* As another user, in a child: 0 when a program was run there. */
static int run_as(uid_t user)
{
	pid_t child = fork();
	if (child == 0) {
		struct error err = { 0 };
		struct sandbox *sandbox = NULL;
		struct lane *lane = NULL;
		if (setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0)
			_exit(100);
		if (sandbox_open(&(struct sandbox_options){ .socket_path = path }, &sandbox, &err) < 0)
			_exit(1);
		if (lane_new(sandbox, &lane, &err) < 0)
			_exit(2);
		_exit(run_true(lane) == 0 ? 0 : 3);
	}
	int status = -1;
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void needs_other_users(void)
{
	if (geteuid() == 0)
		return;
	printf("left out: only root can be other users\n");
	skip();
}

static void the_owner_may_strangers_may_not(void **state)
{
	(void)state;
	needs_other_users();
	assert_int_equal(run_as(OWNER_UID), 0);
	assert_int_equal(run_as(STRANGER_UID), 1);
	assert_int_equal(chmod(path, 0666), 0); /* also when the socket's mode does not keep them away */
	assert_int_equal(run_as(STRANGER_UID), 1);
}

static void without_root_it_says_so(void **state)
{
	(void)state;
	needs_other_users();
	pid_t child = fork();
	if (child == 0) {
		struct error err = { 0 };
		struct sandbox *sandbox = NULL;
		if (setresuid(STRANGER_UID, STRANGER_UID, STRANGER_UID) < 0)
			_exit(100);
		int code = sandbox_open(&(struct sandbox_options){ 0 }, &sandbox, &err);
		_exit((code == -ENOSYS || code == -EACCES) && strstr(err.text, "cgroup") ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* ---- nonsense ---- */

static void send_nonsense(const void *bytes, size_t size, int descriptors)
{
	char space[CMSG_SPACE(16 * sizeof(int))] = { 0 };
	int fds[16];
	struct iovec part = { (void *)(uintptr_t)bytes, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	cleanup_fd int fd = raw_connection();
	assert_true(fd >= 0);
	if (descriptors > 0) {
		for (int i = 0; i < descriptors; i++)
			fds[i] = fd;
		message.msg_control = space;
		message.msg_controllen = CMSG_SPACE((size_t)descriptors * sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN((size_t)descriptors * sizeof(int));
		memcpy(CMSG_DATA(head), fds, (size_t)descriptors * sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), size);
	struct pollfd answered = { fd, POLLIN, 0 };
	assert_int_equal(poll(&answered, 1, PATIENCE_MS), 1); /* an answer or the end, never silence */
}

static int makers_descriptors(void)
{
	char list[32];
	int count = 0;
	snprintf(list, sizeof list, "/proc/%d/fd", (int)maker);
	DIR *entries = opendir(list);
	while (entries && readdir(entries))
		count++;
	if (entries)
		closedir(entries);
	return count;
}

static void nonsense_is_answered_or_cut(void **state)
{
	(void)state;
	struct sandbox *sandbox = connection(); /* answered: whoever came before is served */
	int before = makers_descriptors();
	static char bytes[4096];
	static const unsigned int kinds[][2] = { { 0, 0 }, { 1, 0 }, { 1, 99 }, { 77, 2 }, { ~0u, ~0u } };
	memset(bytes, 0xa5, sizeof bytes);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		send_nonsense(kinds[i], sizeof kinds[i], 0);
	static const size_t sizes[] = { 1, 3, 4, 7, 9, 64, 4096 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		send_nonsense(bytes, sizes[i], (int)i * 2);
	send_nonsense(kinds[0], sizeof kinds[0], 16);

	int idle[40]; /* clients that say nothing */
	for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
		idle[i] = raw_connection();
	struct lane *lane = patient_lane(sandbox);
	assert_int_equal(run_true(lane), 0);
	lane_free(lane);
	for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
		close(idle[i]);
	for (int waited_ms = 0; waited_ms < PATIENCE_MS && makers_descriptors() > before; waited_ms += 10)
		usleep(10 * 1000);
	assert_int_equal(makers_descriptors(), before); /* also none of those that came along unasked */
	sandbox_close(sandbox);
}

/* ---- sudden ends ---- */

/* A client that has a program under way: says so on `ready`, and never ends by itself. */
static pid_t busy_client(int ready)
{
	pid_t child = fork();
	if (child != 0)
		return child;
	struct error err = { 0 };
	struct box_result result;
	struct sandbox *sandbox = connection();
	struct lane *lane = patient_lane(sandbox);
	struct box_spec spec = {
		.argv = (const char *const[]){ "/usr/bin/sh", "-c", "echo ready; sleep 600", NULL },
		.bundle_fd = -1,
		.stdin_fd = -1,
		.stdout_fd = ready,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
	spec.limits.wall_time_us = 600ll * 1000000;
	box_run(lane, &spec, &result, &err);
	_exit(0);
}

static void wait_until_ready(int fd)
{
	char word[8];
	struct pollfd event = { fd, POLLIN, 0 };
	assert_int_equal(poll(&event, 1, PATIENCE_MS), 1);
	assert_true(read(fd, word, sizeof word) > 0);
}

static void a_dead_clients_lanes_end(void **state)
{
	(void)state;
	for (int round = 0; round < LANES + 1; round++) { /* more than there are lanes */
		int ends[2];
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid_t client = busy_client(ends[1]);
		close(ends[1]);
		wait_until_ready(ends[0]);
		kill(client, SIGKILL);
		waitpid(client, NULL, 0);
		char byte;
		struct pollfd event = { ends[0], POLLIN, 0 };
		assert_int_equal(poll(&event, 1, PATIENCE_MS), 1); /* the program's stdout closes with it */
		assert_int_equal(read(ends[0], &byte, 1), 0);
		close(ends[0]);
	}
	struct sandbox *sandbox = connection();
	struct lane *lane = patient_lane(sandbox);
	assert_int_equal(run_true(lane), 0);
	lane_free(lane);
	sandbox_close(sandbox);
}

static void a_second_maker_gives_way(void **state)
{
	(void)state;
	pid_t second = fork();
	if (second == 0) {
		const struct lane_maker_options options = {
			.socket_fd = -1, .listen_path = path, .owner_uid = owner(), .max_lanes = LANES
		};
		close(2); /* it complains, as it should */
		_exit(lane_maker_main(&options));
	}
	int status = 0;
	waitpid(second, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	struct sandbox *sandbox = connection(); /* the first still serves */
	sandbox_close(sandbox);
}

static void a_killed_maker_takes_its_boxes_along(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t client = busy_client(ends[1]);
	close(ends[1]);
	wait_until_ready(ends[0]);
	kill(maker, SIGKILL);
	waitpid(maker, NULL, 0);
	waitpid(client, NULL, 0); /* its run failed, and it went */
	char byte;
	struct pollfd event = { ends[0], POLLIN, 0 };
	assert_int_equal(poll(&event, 1, PATIENCE_MS), 1);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	assert_true(all_ended());

	assert_int_equal(start_maker(state), 0); /* over the old socket, beside the old control groups */
	struct sandbox *sandbox = connection();
	struct lane *lane = patient_lane(sandbox);
	assert_int_equal(run_true(lane), 0);
	lane_free(lane);
	sandbox_close(sandbox);
	assert_int_equal(stop_maker(state), 0);
	assert_true(all_ended());
}

static void sigterm_ends_everything(void **state)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t client = busy_client(ends[1]);
	close(ends[1]);
	wait_until_ready(ends[0]);
	assert_int_equal(stop_maker(state), 0);
	waitpid(client, NULL, 0);
	close(ends[0]);
	assert_true(all_ended());
}

static int set_up(void **state)
{
	(void)state;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	snprintf(folder, sizeof folder, "/tmp/arena-maker-XXXXXX");
	if (!mkdtemp(folder) || chmod(folder, 0755) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/socket", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(clients_share_a_maker, start_maker, stop_maker),
		cmocka_unit_test_setup_teardown(the_owner_may_strangers_may_not, start_maker, stop_maker),
		cmocka_unit_test(without_root_it_says_so),
		cmocka_unit_test_setup_teardown(nonsense_is_answered_or_cut, start_maker, stop_maker),
		cmocka_unit_test_setup_teardown(a_dead_clients_lanes_end, start_maker, stop_maker),
		cmocka_unit_test_setup_teardown(a_second_maker_gives_way, start_maker, stop_maker),
		cmocka_unit_test_setup(a_killed_maker_takes_its_boxes_along, start_maker),
		cmocka_unit_test_setup(sigterm_ends_everything, start_maker),
	};
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("maker", tests, set_up, tear_down);
}
