/* main.c - arena-restricted: makes lanes where there are neither namespaces nor cgroups (restricted.h).
 *
 *     arena-restricted --folder PATH [--visible HOST[:BOX]]...              a connected socket is descriptor 3
 *
 * Started by sandbox_open(), whose lane maker it is in all that the other side sees. A program of its own, so that
 * nothing of it is in the one that root runs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../keeper/keeper.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "restricted.h"

struct restricted restricted;

static const char *visible[VISIBLE_MAX + 1];
static int lanes_made;

static bool take_options(int argc, char **argv, const char **folder)
{
	size_t count = 0;
	int i = 1;
	for (; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--visible") == 0 && count < VISIBLE_MAX)
			visible[count++] = argv[i + 1];
		else if (strcmp(argv[i], "--folder") == 0)
			*folder = argv[i + 1];
		else
			return false;
	}
	return i == argc && *folder;
}

/* ---- the folder of all boxes ---- */

/* Removes what is below and the folder itself; by a program, because it is done once, at the end. */
static void remove_tree(const char *path)
{
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/rm", "rm", "-rf", "--", path, NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
}

/* Those whose lane maker was killed. */
static void sweep(const char *above)
{
	DIR *entries = opendir(above);
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		int pid;
		char path[PATH_MAX];
		struct stat status;
		if (sscanf(entry->d_name, "arena-restricted-%d", &pid) != 1 || kill(pid, 0) == 0 ||
		    errno != ESRCH)
			continue;
		snprintf(path, sizeof path, "%s/%s", above, entry->d_name);
		if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid())
			remove_tree(path);
	}
	if (entries)
		closedir(entries);
}

static int set_up(const char *folder, struct error *err)
{
	restricted.visible = visible;
	restricted.landlock = landlock_version();
	if (restricted.landlock == 0)
		return error_set(err, -ENOSYS,
				 "the restricted tier needs Landlock: Linux 5.13 or newer with "
				 "`landlock` among its security modules");
	sweep(folder);
	if (snprintf(restricted.folder, sizeof restricted.folder, "%s/arena-restricted-%d", folder,
		     (int)getpid()) >= (int)sizeof restricted.folder)
		return error_set(err, -ENAMETOOLONG, "folder %.80s...: name too long", folder);
	return mkdir(restricted.folder, 0700) < 0 ? error_errno(err, "make %s", restricted.folder) : 0;
}

/* ---- lanes ---- */

static _Noreturn void become_keeper(int client, int go)
{
	struct keeper_setup setup = {
		.cgroups = &cgroup_polling,
		.lane = { .index = lanes_made },
		.client = client,
		.go = go,
		.one_id = true,
	};
	cpu_set_t set;
	int kept[] = { 0, 1, 2, client, go };
	if (fd_close_all_but(kept, sizeof kept / sizeof kept[0]) < 0)
		_exit(1);
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		for (int wanted = lanes_made % CPU_COUNT(&set); setup.cpu < CPU_SETSIZE; setup.cpu++)
			if (CPU_ISSET((size_t)setup.cpu, &set) && wanted-- == 0)
				break;
	keeper_main(&setup);
}

static int make_lane(int *lane_socket, struct error *err)
{
	int ends[2], go[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "socketpair");
	if (pipe2(go, O_CLOEXEC) < 0) {
		close(ends[0]);
		close(ends[1]);
		return error_errno(err, "pipe");
	}
	pid_t keeper = fork();
	if (keeper == 0)
		become_keeper(ends[1], go[0]);
	int code = keeper < 0 || write(go[1], "g", 1) != 1 ? error_errno(err, "start a keeper") : 0;
	close(ends[1]);
	close(go[0]);
	close(go[1]);
	if (code < 0)
		close(ends[0]);
	else
		*lane_socket = ends[0];
	lanes_made++;
	return code;
}

static void answer(const struct maker_request *request, struct error *err)
{
	struct maker_reply reply = { .version = PROTOCOL_VERSION,
				     .cgroup = SANDBOX_CGROUP_NONE,
				     .tier = SANDBOX_RESTRICTED,
				     .cpu_us = -ENOSYS,
				     .code = err->code };
	cleanup_fd int lane = -1;
	if (reply.code == 0 && request->version != PROTOCOL_VERSION)
		reply.code = error_set(err, -EPROTO, "the lane maker speaks version %d", PROTOCOL_VERSION);
	else if (reply.code == 0 && request->kind == MAKER_LANE)
		reply.code = make_lane(&lane, err);
	snprintf(reply.text, sizeof reply.text, "%.255s", err->text);
	message_send(LANE_MAKER_FD, &reply, sizeof reply, NULL, 0, &lane, lane >= 0);
}

/* Until the client is gone. Who ends meanwhile is a keeper, or what one has left behind. */
static void serve(void)
{
	for (;;) {
		struct maker_request request;
		struct error err = { 0 };
		int fds[MESSAGE_FDS_MAX];
		size_t count;
		struct pollfd event = { LANE_MAKER_FD, POLLIN, 0 };
		int ready = poll(&event, 1, 1000);
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
		if (ready <= 0)
			continue;
		ssize_t size = message_receive(LANE_MAKER_FD, &request, sizeof request, 0, fds, &count);
		if (size <= 0)
			return;
		message_close_fds(fds);
		if (size == sizeof request)
			answer(&request, &err);
	}
}

static void finish(void)
{
	tree_kill(getpid(), 0);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) {
	}
	remove_tree(restricted.folder);
}

/* What our starter ignored would reach every program (../maker/maker.c). */
static void forget_signals(void)
{
	const struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} plain = { .handler = SIG_DFL };
	for (int number = 1; number <= SIGRTMAX; number++)
		syscall(SYS_rt_sigaction, number, &plain, NULL, sizeof plain.mask);
}

int main(int argc, char **argv)
{
	const char *folder = NULL;
	struct error err = { 0 };
	prctl(PR_SET_NAME, "arena-lanes");
	forget_signals();
	if (!take_options(argc, argv, &folder) || fcntl(LANE_MAKER_FD, F_SETFD, FD_CLOEXEC) < 0) {
		fprintf(stderr, "arena-restricted: is started by arena; see docs/hosts.md\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (set_up(folder, &err) < 0) {
		const struct maker_request nothing = { .version = PROTOCOL_VERSION };
		answer(&nothing, &err);
		return 1;
	}
	serve();
	finish();
	return 0;
}
