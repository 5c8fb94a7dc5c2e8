/* maker.c - the lane maker: the one process with the host's root rights; or, without them, root of the user
 * namespace that it was started in (../client/namespace.c), which changes nothing here.
 *
 * It makes lanes and nothing else: namespaces, cgroups, the prepared root. It parses no text of a user's:
 * requests are two numbers. It is off the hot path: a lane's worker talks to the lane's keeper alone.
 *
 *     worker ──MAKER_LANE──▶ lane maker ──clone──▶ keeper (pid 1 of the lane)
 *        ▲                        │ ids, cgroups, "go"
 *        └────the lane's socket───┘
 *
 * A lane lives as long as the worker holds its socket, and as its keeper; the maker then takes its cgroups
 * away. When the maker dies, PR_SET_PDEATHSIG takes the keepers along, and the next maker sweeps up. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../filter.h"
#include "../keeper/keeper.h"
#include "../protocol.h"
#include "base/cleanup.h"
#include "groups.h"
#include "ids.h"
#include "maker.h"
#include "tree.h"

enum {
	CLIENTS_MAX = 64,
	REMOVE_AGAIN_MS = 100, /* a cgroup is busy until its last process is reaped */
	REQUEST_TIMEOUT_S = 5,
};

enum lane_state { LANE_FREE, LANE_ALIVE, LANE_REMOVING };

struct maker {
	const struct lane_maker_options *options;
	const struct group_ops *groups;
	struct ids ids;
	const char *tree;
	int signals, listener;
	int clients[CLIENTS_MAX];
	size_t client_count;
	int max_lanes;
	struct {
		enum lane_state state;
		pid_t keeper;
	} lanes[LANES_MAX];
};

/* ---- a lane ---- */

/* The n-th processor that this process may use. */
static int lane_cpu(int lane)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 0;
	int wanted = lane % CPU_COUNT(&set);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && wanted-- == 0)
			return (int)cpu;
	return 0;
}

static pid_t clone_keeper(struct keeper_setup *setup)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS |
			 CLONE_NEWIPC,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		keeper_main(setup);
	return pid < 0 ? -errno : pid;
}

static void remove_lane(struct maker *maker, int index)
{
	maker->lanes[index].state = maker->groups->lane_remove(index) == 0 ? LANE_FREE : LANE_REMOVING;
}

/* Everything that has to be there before the keeper may go on. */
static int admit_keeper(struct maker *maker, const struct keeper_setup *setup, pid_t keeper, int go,
			struct error *err)
{
	const int lane = setup->lane.index;
	int code = ids_map(&maker->ids, lane, keeper, err);
	if (code == 0)
		code = maker->groups->lane_enter(&setup->lane, keeper, ids_owner(&maker->ids, lane), err);
	/* For its watchman; where that may not be, limits take effect later on a busy machine. */
	const struct sched_param urgent = { .sched_priority = 1 };
	sched_setscheduler(keeper, SCHED_FIFO, &urgent);
	if (code == 0 && write(go, "g", 1) != 1)
		code = error_errno(err, "start a keeper");
	return code;
}

static int make_lane(struct maker *maker, int *lane_socket, struct error *err)
{
	int index = 0;
	while (index < maker->max_lanes && maker->lanes[index].state != LANE_FREE)
		index++;
	if (index == maker->max_lanes)
		return error_set(err, -EUSERS, "all %d lanes are in use", maker->max_lanes);
	struct keeper_setup setup = {
		.cgroups = maker->groups->boxes,
		.lane = { .index = index },
		.filter = filter_program(maker->groups->version == SANDBOX_CGROUP_V2),
		.tree = maker->tree,
		.cpu = lane_cpu(index),
		.one_id = maker->ids.tier == SANDBOX_ONE_ID,
	};
	int ends[2] = { -1, -1 }, go[2] = { -1, -1 };
	int code = maker->groups->lane_make(&setup.lane, err);
	if (code == 0 &&
	    (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 || pipe2(go, O_CLOEXEC) < 0))
		code = error_errno(err, "socketpair");
	setup.client = ends[1];
	setup.go = go[0];
	pid_t keeper = code < 0 ? code : clone_keeper(&setup);
	if (code == 0 && keeper < 0)
		code = error_set(
			err, keeper, "clone a keeper into namespaces of its own: %s%s", strerror(-keeper),
			keeper == -EPERM ? " (below a chroot the kernel refuses user namespaces)" : "");
	if (keeper > 0) {
		maker->lanes[index].state = LANE_ALIVE;
		maker->lanes[index].keeper = keeper;
		code = admit_keeper(maker, &setup, keeper, go[1], err);
	} else {
		remove_lane(maker, index);
	}
	for (size_t i = 0; i < BOXES_A_LANE; i++)
		cgroup_box_close(&setup.lane.boxes[i]);
	close_fd(&ends[1]);
	close_fd(&go[0]);
	close_fd(&go[1]); /* without a "go" before it, the keeper gives up */
	if (code == 0)
		*lane_socket = take_fd(&ends[0]);
	close_fd(&ends[0]);
	return code;
}

/* ---- clients ---- */

int maker_request_check(const void *bytes, size_t size, struct maker_request *request, struct error *err)
{
	if (size != sizeof *request)
		return error_set(err, -EPROTO, "a request has %zu bytes", sizeof *request);
	memcpy(request, bytes, size);
	if (request->version != PROTOCOL_VERSION)
		return error_set(err, -EPROTO, "the lane maker speaks version %d", PROTOCOL_VERSION);
	if (request->kind != MAKER_HELLO && request->kind != MAKER_LANE)
		return error_set(err, -EPROTO, "unknown request");
	return 0;
}

/* False when the client cannot be told. */
static bool answer(struct maker *maker, int client, const void *bytes, size_t size)
{
	struct maker_request request = { 0 };
	struct maker_reply reply = { .version = PROTOCOL_VERSION,
				     .cgroup = maker->groups->version,
				     .tier = maker->ids.tier,
				     .cpu_us = maker->groups->lanes_cpu_us() };
	struct error err = { 0 };
	cleanup_fd int lane = -1;
	reply.code = maker_request_check(bytes, size, &request, &err);
	if (reply.code == 0 && request.kind == MAKER_LANE)
		reply.code = make_lane(maker, &lane, &err);
	snprintf(reply.text, sizeof reply.text, "%.255s", err.text);
	return message_send(client, &reply, sizeof reply, NULL, 0, &lane, lane >= 0) == 0;
}

/* False when the client is gone. Its lanes end with the sockets that it held. */
static bool serve_client(struct maker *maker, int client)
{
	char bytes[sizeof(struct maker_request)];
	int fds[MESSAGE_FDS_MAX];
	size_t count;
	ssize_t size = message_receive(client, bytes, sizeof bytes, MSG_DONTWAIT, fds, &count);
	if (size == -EAGAIN)
		return true;
	message_close_fds(fds);
	if (size <= 0)
		return false;
	return answer(maker, client, bytes, (size_t)size);
}

static void accept_client(struct maker *maker)
{
	int client = accept4(maker->listener, NULL, NULL, SOCK_CLOEXEC);
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof peer;
	struct timeval timeout = { REQUEST_TIMEOUT_S, 0 };
	if (client < 0)
		return;
	if (maker->client_count == CLIENTS_MAX ||
	    getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
	    (peer.uid != 0 && peer.uid != maker->options->owner_uid) ||
	    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) < 0) {
		close(client);
		return;
	}
	maker->clients[maker->client_count++] = client;
}

/* ---- life ---- */

static int listen_on(const char *path, unsigned int owner, int *listener, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
		return error_set(err, -ENAMETOOLONG, "socket path %s: at most 107 bytes", path);
	cleanup_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(err, "socket");
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return error_set(err, -EADDRINUSE, "another lane maker listens on %s", path);
	unlink(path);
	mode_t before = umask(0177);
	int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
	umask(before);
	if (bound < 0 || chown(path, owner, (gid_t)-1) < 0 || listen(fd, 16) < 0)
		return error_errno(err, "listen on %s", path);
	*listener = take_fd(&fd);
	return 0;
}

/* What making lanes needs, and no more; CAP_SYS_NICE only where there is one. */
static int drop_capabilities(const struct maker *maker, struct error *err)
{
	static const unsigned int kept[] = { CAP_SYS_ADMIN,    CAP_SETUID, CAP_SETGID,  CAP_KILL,
					     CAP_DAC_OVERRIDE, CAP_CHOWN,  CAP_SYS_NICE };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2], data[2] = { 0 };
	if (syscall(SYS_capget, &header, now) < 0)
		return error_errno(err, "read capabilities");
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		data[kept[i] / 32].permitted |= 1u << kept[i] % 32;
	/* For a map of our own id 0 (user_namespaces(7), since Linux 5.12). */
	if (maker->ids.tier == SANDBOX_ONE_ID)
		data[CAP_SETFCAP / 32].permitted |= 1u << CAP_SETFCAP % 32;
	if (!(now[CAP_SYS_NICE / 32].permitted & 1u << CAP_SYS_NICE % 32))
		data[CAP_SYS_NICE / 32].permitted &= ~(1u << CAP_SYS_NICE % 32);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	return syscall(SYS_capset, &header, data) < 0 ? error_errno(err, "drop capabilities") : 0;
}

static int take_signals(struct maker *maker, struct error *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	struct sigaction interrupt;
	sigaction(SIGINT, NULL, &interrupt);
	if (interrupt.sa_handler != SIG_IGN) /* whoever ignores it for us ends us otherwise */
		sigaddset(&set, SIGINT);
	sigprocmask(SIG_SETMASK, &set, NULL);
	maker->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return maker->signals < 0 ? error_errno(err, "signalfd") : 0;
}

static int start(struct maker *maker, struct error *err)
{
	const struct lane_maker_options *options = maker->options;
	maker->groups = groups_detect();
	int code = take_signals(maker, err);
	if (code == 0)
		code = ids_find(&maker->ids, err);
	if (code == 0 && maker->ids.lanes < maker->max_lanes)
		maker->max_lanes = maker->ids.lanes;
	if (code == 0 && options->listen_path)
		code = listen_on(options->listen_path, options->owner_uid, &maker->listener, err);
	else if (code == 0)
		maker->clients[maker->client_count++] = options->socket_fd;
	if (code == 0)
		code = maker->groups->open(err);
	if (code == 0)
		code = tree_make(options->visible, &maker->tree, err);
	if (code == 0)
		code = drop_capabilities(maker, err);
	return code;
}

/* False on SIGTERM. */
static bool hear_signals(struct maker *maker)
{
	struct signalfd_siginfo info;
	bool go_on = true;
	while (read(maker->signals, &info, sizeof info) == sizeof info)
		go_on = go_on && info.ssi_signo == SIGCHLD;
	for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
		for (int i = 0; i < LANES_MAX; i++)
			if (maker->lanes[i].state == LANE_ALIVE && maker->lanes[i].keeper == pid)
				remove_lane(maker, i);
	return go_on;
}

/* Whether some cgroups are still to be removed. */
static bool retry_removals(struct maker *maker)
{
	bool left = false;
	for (int i = 0; i < LANES_MAX; i++) {
		if (maker->lanes[i].state == LANE_REMOVING)
			remove_lane(maker, i);
		left = left || maker->lanes[i].state == LANE_REMOVING;
	}
	return left;
}

static void serve(struct maker *maker)
{
	while (maker->client_count > 0 || maker->listener >= 0) {
		struct pollfd events[2 + CLIENTS_MAX] = { { maker->signals, POLLIN, 0 },
							  { maker->listener, POLLIN, 0 } };
		size_t clients = maker->client_count;
		for (size_t i = 0; i < clients; i++)
			events[2 + i] = (struct pollfd){ maker->clients[i], POLLIN, 0 };
		bool left = retry_removals(maker);
		if (poll(events, 2 + clients, left ? REMOVE_AGAIN_MS : -1) < 0 && errno != EINTR)
			return;
		if (events[0].revents && !hear_signals(maker))
			return;
		for (size_t i = clients; i-- > 0;)
			if (events[2 + i].revents && !serve_client(maker, maker->clients[i])) {
				close(maker->clients[i]);
				maker->clients[i] = maker->clients[--maker->client_count];
			}
		if (events[1].revents)
			accept_client(maker);
	}
}

/* Ends every lane and takes its cgroups away, for at most some seconds. */
static void finish(struct maker *maker)
{
	for (int i = 0; i < LANES_MAX; i++)
		if (maker->lanes[i].state == LANE_ALIVE)
			kill(maker->lanes[i].keeper, SIGKILL);
	for (pid_t pid; (pid = waitpid(-1, NULL, 0)) > 0;)
		for (int i = 0; i < LANES_MAX; i++)
			if (maker->lanes[i].state == LANE_ALIVE && maker->lanes[i].keeper == pid)
				remove_lane(maker, i);
	for (int tries = 0; tries < 20 && retry_removals(maker); tries++)
		usleep(REMOVE_AGAIN_MS * 1000);
	if (maker->groups)
		maker->groups->close();
	if (maker->listener >= 0) /* or it is another maker's */
		unlink(maker->options->listen_path);
}

/* A client that waits for its hello is told why there will be none. */
static void report_failure(const struct maker *maker, const struct error *err)
{
	struct maker_reply reply = { .version = PROTOCOL_VERSION, .code = err->code < 0 ? err->code : -EIO };
	snprintf(reply.text, sizeof reply.text, "%.255s", err->text);
	if (maker->client_count > 0)
		message_send(maker->clients[0], &reply, sizeof reply, NULL, 0, NULL, 0);
	else
		dprintf(STDERR_FILENO, "arena: lane maker: %s\n", err->text);
}

int lane_maker_main(const struct lane_maker_options *options)
{
	static struct maker maker;
	struct error err = { 0 };
	prctl(PR_SET_NAME, "arena-lanes");
	maker = (struct maker){ .options = options, .signals = -1, .listener = -1 };
	maker.max_lanes =
		options->max_lanes > 0 && options->max_lanes < LANES_MAX ? options->max_lanes : LANES_MAX;
	if (start(&maker, &err) < 0) {
		report_failure(&maker, &err);
		finish(&maker);
		return 1;
	}
	serve(&maker);
	finish(&maker);
	return 0;
}
