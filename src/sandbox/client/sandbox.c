/* sandbox.c - the connection to the lane maker, and lanes as the worker holds them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "client.h"

enum {
	MAKER_TIMEOUT_MS = 30000, /* making a lane takes some 50 ms; a loaded host more */
	KEEPER_TIMEOUT_MS = 30000,
};

/* ---- starting a lane maker ---- */

int sandbox_maker_program(char path[PATH_MAX], struct error *err)
{
	static const char name[] = "arena-lane-maker";
	char own[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own);
	while (length > 0 && own[length - 1] != '/')
		length--;
	if (length > 0 && snprintf(path, PATH_MAX, "%.*s%s", (int)length, own, name) < PATH_MAX &&
	    access(path, X_OK) == 0)
		return 0;
	snprintf(path, PATH_MAX, "%s/%s", ARENA_LIBEXEC, name);
	return access(path, X_OK) == 0
		       ? 0
		       : error_errno(err, "arena-lane-maker is neither beside arena nor in %s",
				     ARENA_LIBEXEC);
}

int sandbox_prepare_maker(struct error *err)
{
	struct namespace_plan plan;
	namespace_plan(&plan);
	int code = place_prepare(err);
	return code < 0 ? code : namespace_enter(&plan, err);
}

/* In the child. It is asked for its hello before it looks: the answer is why there will be none. */
static _Noreturn void decline(int socket, const struct error *err)
{
	struct maker_reply reply = { .version = PROTOCOL_VERSION, .code = err->code };
	snprintf(reply.text, sizeof reply.text, "%.255s", err->text);
	message_send(socket, &reply, sizeof reply, NULL, 0, NULL, 0);
	_exit(1);
}

/* What is to be started. */
struct start {
	enum sandbox_tier tier;
	struct namespace_plan plan;
	char program[PATH_MAX];
};

/* In the child: the lane maker gets its socket, the folders that boxes see, and nothing of ours: no
 * environment, no terminal's signals. */
static _Noreturn void become_maker(const struct sandbox_options *options, const struct start *start,
				   int socket)
{
	struct error err = { 0 };
	const char *argv[2 * VISIBLE_MAX + 4] = { "arena-lanes" };
	char *const environment[] = { NULL };
	const char *folder = getenv("TMPDIR");
	size_t count = 1;
	for (const char *const *path = options->visible; path && *path && count < 2 * VISIBLE_MAX; path++) {
		argv[count++] = "--visible";
		argv[count++] = *path;
	}
	if (start->tier == SANDBOX_RESTRICTED) {
		argv[count++] = "--folder";
		argv[count++] = folder && folder[0] == '/' ? folder : "/tmp";
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (start->tier == SANDBOX_DELEGATED && namespace_enter(&start->plan, &err) < 0)
		decline(socket, &err);
	if (socket == LANE_MAKER_FD)
		fcntl(socket, F_SETFD, 0);
	else
		dup2(socket, LANE_MAKER_FD);
	execve(start->program, (char *const *)(uintptr_t)argv, environment);
	_exit(127);
}

static int find_program(const struct sandbox_options *options, struct start *start, struct error *err)
{
	static const char restricted[] = "arena-restricted";
	char found[PATH_MAX];
	int code = options->program ? 0 : sandbox_maker_program(found, err);
	if (code < 0)
		return code;
	snprintf(start->program, sizeof start->program, "%s", options->program ? options->program : found);
	char *slash = strrchr(start->program, '/');
	if (start->tier == SANDBOX_RESTRICTED && slash &&
	    (size_t)(slash + 1 - start->program) < sizeof start->program - sizeof restricted)
		memcpy(slash + 1, restricted, sizeof restricted);
	return 0;
}

static int prepare(const struct sandbox_options *options, struct start *start, struct error *err)
{
	int code = sandbox_choose_tier(options->allow_restricted, &start->tier, err);
	if (code == 0 && start->tier != SANDBOX_RESTRICTED)
		code = place_prepare(err);
	namespace_plan(&start->plan);
	return code < 0 ? code : find_program(options, start, err);
}

static int start_maker(const struct sandbox_options *options, struct sandbox *sandbox, struct error *err)
{
	int ends[2];
	struct start start;
	int code = prepare(options, &start, err);
	if (code < 0)
		return code;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "socketpair");
	pid_t pid = fork();
	if (pid == 0)
		become_maker(options, &start, ends[1]);
	close(ends[1]);
	sandbox->socket = ends[0];
	if (pid < 0)
		return error_errno(err, "fork a lane maker");
	sandbox->maker = pid;
	sandbox->owner = getpid();
	return 0;
}

static int connect_maker(const char *path, struct sandbox *sandbox, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
		return error_set(err, -ENAMETOOLONG, "SANDBOX_SOCKET %s: at most 107 bytes", path);
	sandbox->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sandbox->socket < 0 || connect(sandbox->socket, (struct sockaddr *)&address, sizeof address) < 0)
		return error_errno(err, "connect to the lane maker at %s (is `sudo arena lanes` running?)",
				   path);
	return 0;
}

/* ---- questions ---- */

static int wait_readable(int socket, int timeout_ms)
{
	struct pollfd event = { socket, POLLIN, 0 };
	int ready;
	do
		ready = poll(&event, 1, timeout_ms);
	while (ready < 0 && errno == EINTR);
	return ready > 0 ? 0 : ready == 0 ? -ETIMEDOUT : -errno;
}

static int exchange(struct sandbox *sandbox, const struct maker_request *request, struct maker_reply *reply,
		    int *fd, struct error *err)
{
	int fds[MESSAGE_FDS_MAX];
	size_t count;
	int code = message_send(sandbox->socket, request, sizeof *request, NULL, 0, NULL, 0);
	/* A maker that could not start says why before it goes: its message may be there already. */
	if (code == 0 || code == -EPIPE)
		code = wait_readable(sandbox->socket, MAKER_TIMEOUT_MS);
	if (code < 0)
		return error_set(err, code, "ask the lane maker: %s", strerror(-code));
	ssize_t size = message_receive(sandbox->socket, reply, sizeof *reply, 0, fds, &count);
	if (size != sizeof *reply || reply->version != PROTOCOL_VERSION) {
		message_close_fds(fds);
		return error_set(err, size < 0 ? (int)size : -EPIPE, "the lane maker is gone");
	}
	*fd = take_fd(&fds[0]);
	message_close_fds(fds);
	reply->text[sizeof reply->text - 1] = '\0';
	return reply->code < 0 ? error_set(err, reply->code, "%s", reply->text) : 0;
}

int sandbox_ask(struct sandbox *sandbox, enum maker_kind kind, struct maker_reply *reply, int *fd,
		struct error *err)
{
	struct maker_request request = { PROTOCOL_VERSION, kind };
	*fd = -1;
	pthread_mutex_lock(&sandbox->lock);
	int code = exchange(sandbox, &request, reply, fd, err);
	pthread_mutex_unlock(&sandbox->lock);
	return code;
}

/* ---- the public calls ---- */

int sandbox_open(const struct sandbox_options *options, struct sandbox **sandbox, struct error *err)
{
	struct sandbox *opened = calloc(1, sizeof *opened);
	struct maker_reply reply;
	int fd = -1;
	if (!opened)
		return error_set(err, -ENOMEM, "out of memory");
	opened->socket = -1;
	pthread_mutex_init(&opened->lock, NULL);
	int code = 0;
	if (options->socket_path)
		code = connect_maker(options->socket_path, opened, err);
	else
		code = start_maker(options, opened, err);
	if (code == 0)
		code = sandbox_ask(opened, MAKER_HELLO, &reply, &fd, err);
	close_fd(&fd);
	if (code < 0) {
		sandbox_close(opened);
		return code;
	}
	opened->cgroup = (enum sandbox_cgroup)reply.cgroup;
	opened->tier = (enum sandbox_tier)reply.tier;
	*sandbox = opened;
	return 0;
}

void sandbox_close(struct sandbox *sandbox)
{
	if (!sandbox)
		return;
	close_fd(&sandbox->socket);
	if (sandbox->maker > 0 && sandbox->owner == getpid())
		while (waitpid(sandbox->maker, NULL, 0) < 0 && errno == EINTR) {
		}
	pthread_mutex_destroy(&sandbox->lock);
	free(sandbox);
}

void sandbox_wait_gone(const struct sandbox *sandbox)
{
	struct pollfd event = { sandbox->socket, 0, 0 }; /* its end is told in any case */
	while (poll(&event, 1, -1) < 0 && errno == EINTR) {
	}
}

enum sandbox_cgroup sandbox_cgroup_version(const struct sandbox *sandbox)
{
	return sandbox->cgroup;
}

enum sandbox_tier sandbox_tier(const struct sandbox *sandbox)
{
	return sandbox->tier;
}

const char *sandbox_tier_name(enum sandbox_tier tier)
{
	static const char *const names[SANDBOX_TIERS] = { "full", "delegated", "delegated, one id",
							  "restricted" };
	return tier < SANDBOX_TIERS ? names[tier] : "none";
}

int64_t sandbox_cpu_us(struct sandbox *sandbox)
{
	struct maker_reply reply;
	int fd = -1;
	int code = sandbox_ask(sandbox, MAKER_HELLO, &reply, &fd, NULL);
	close_fd(&fd);
	return code < 0 ? code : reply.cpu_us;
}

/* The keeper's first message says whether its set-up went well. */
static int hear_keeper(int socket, struct error *err)
{
	struct result_message said;
	int fds[MESSAGE_FDS_MAX];
	size_t count;
	int code = wait_readable(socket, KEEPER_TIMEOUT_MS);
	ssize_t size = code < 0 ? code : message_receive(socket, &said, sizeof said, 0, fds, &count);
	if (size != sizeof said)
		return error_set(err, size < 0 ? (int)size : -EPIPE, "make a lane: its keeper did not start");
	message_close_fds(fds);
	said.text[sizeof said.text - 1] = '\0';
	return said.code < 0 ? error_set(err, said.code, "make a lane: %s", said.text) : 0;
}

int lane_connect(struct lane *lane, struct error *err)
{
	struct maker_reply reply;
	cleanup_fd int socket = -1;
	int code = sandbox_ask(lane->sandbox, MAKER_LANE, &reply, &socket, err);
	if (code == 0 && socket < 0)
		code = error_set(err, -EPROTO, "the lane maker sent no lane");
	if (code == 0)
		code = hear_keeper(socket, err);
	if (code < 0)
		return code;
	pthread_mutex_lock(&lane->lock);
	lane->socket = take_fd(&socket);
	pthread_mutex_unlock(&lane->lock);
	return 0;
}

void lane_disconnect(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	close_fd(&lane->socket);
	pthread_mutex_unlock(&lane->lock);
	for (size_t i = 0; i < BOX_AHEAD_MAX; i++)
		lane->runs[i].lost = true;
}

int lane_new(struct sandbox *sandbox, struct lane **lane, struct error *err)
{
	struct lane *made = calloc(1, sizeof *made);
	if (!made)
		return error_set(err, -ENOMEM, "out of memory");
	*made = (struct lane){ .sandbox = sandbox, .socket = -1 };
	pthread_mutex_init(&made->lock, NULL);
	int code = lane_connect(made, err);
	if (code < 0) {
		lane_free(made);
		return code;
	}
	*lane = made;
	return 0;
}

void lane_free(struct lane *lane)
{
	if (!lane)
		return;
	lane_disconnect(lane);
	for (size_t i = 0; i < lane->run_count; i++)
		run_end(&lane->runs[(lane->first_run + i) % BOX_AHEAD_MAX]);
	buffer_free(&lane->request);
	pthread_mutex_destroy(&lane->lock);
	free(lane);
}

void box_cancel(struct lane *lane)
{
	struct stop_message stop = { .kind = RUN_CANCEL, .sequence = atomic_load(&lane->newest) };
	if (stop.sequence == 0)
		return;
	pthread_mutex_lock(&lane->lock);
	if (lane->socket >= 0)
		message_send(lane->socket, &stop, sizeof stop, NULL, 0, NULL, 0);
	pthread_mutex_unlock(&lane->lock);
}
