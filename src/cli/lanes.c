/* lanes.c - `arena lanes` and `arena lane-maker`: the one process with root's rights.
 *
 * It makes lanes and nothing else; src/sandbox/maker has its life. `lane-maker` is started by whoever opens
 * the sandbox, with the connected socket as descriptor 3; `lanes` listens, so that everything else can run
 * as another user, and can be restarted without root. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "commands.h"
#include "options.h"
#include "sandbox/box.h"

enum { CONNECTED_FD = 3, LANES_MAX = 256 };

static int run_lane_maker(int argc, char **argv)
{
	struct words visible = { .count = 0 };
	const struct option_row rows[] = {
		OPTION_WORD("visible", &visible, "HOST[:BOX]",
			    "a host folder besides /usr that boxes see; may be repeated"),
		OPTION_END,
	};
	int status;
	if (!options_parse(&lane_maker_command, rows, argc, argv, NULL, &status))
		return status;
	if (fcntl(CONNECTED_FD, F_GETFD) < 0) {
		fprintf(stderr,
			"arena lane-maker: is started by other commands, with a socket as descriptor 3\n");
		return STATUS_USAGE;
	}
	log_setup("lane-maker", LOG_INFO);
	return lane_maker_main(&(struct lane_maker_options){
		.socket_fd = CONNECTED_FD,
		.visible = visible.at,
		.max_lanes = LANES_MAX,
	});
}

const struct command lane_maker_command = {
	.name = "lane-maker",
	.synopsis = "[--visible HOST[:BOX]]...",
	.summary = "Makes lanes for the process that started it (not for use by hand)",
	.run = run_lane_maker,
};

/* Standard input is a pipe that the starter holds open: its end is the starter's end, however that came. The
 * kernel sends SIGTERM for it (F_SETSIG, O_ASYNC in fcntl(2)), so that no thread has to watch. */
static int stop_at_end_of_input(void)
{
	struct pollfd input = { .fd = STDIN_FILENO };
	if (fcntl(STDIN_FILENO, F_SETOWN, getpid()) < 0 || fcntl(STDIN_FILENO, F_SETSIG, SIGTERM) < 0 ||
	    fcntl(STDIN_FILENO, F_SETFL, O_RDONLY | O_ASYNC) < 0) {
		perror("arena lanes: --until-eof: standard input");
		return -1;
	}
	if (poll(&input, 1, 0) > 0) /* it ended before */
		raise(SIGTERM);
	return 0;
}

/* The folder of the socket is root's, so that nobody can put something else in its place. */
static int make_folder_of(const char *socket)
{
	char folder[PATH_MAX];
	if (snprintf(folder, sizeof folder, "%s", socket) >= (int)sizeof folder)
		return -1;
	char *slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return 0;
	fprintf(stderr, "arena lanes: make %s: %s\n", folder, strerror(errno));
	return -1;
}

/* `serve` names its lane maker's socket by its own pid; a lane maker that was killed could not remove it. */
static bool is_left_over(const char *path, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int pid, end = 0;
	if (sscanf(name, "lanes-%d.socket%n", &pid, &end) < 1 || end == 0 || name[end] != '\0' ||
	    kill(pid, 0) == 0 || errno != ESRCH)
		return false;
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
		return false;
	cleanup_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 &&
	       errno == ECONNREFUSED;
}

static void sweep_folder_of(const char *socket)
{
	char pattern[PATH_MAX];
	glob_t found;
	snprintf(pattern, sizeof pattern, "%.*slanes-*.socket", (int)(strrchr(socket, '/') + 1 - socket),
		 socket);
	if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (is_left_over(found.gl_pathv[i], strrchr(found.gl_pathv[i], '/') + 1))
			unlink(found.gl_pathv[i]);
	globfree(&found);
}

static int run_lanes(int argc, char **argv)
{
	const char *socket = NULL;
	int64_t owner = 0;
	bool until_eof = false;
	struct words visible = { .count = 0 };
	const struct option_row rows[] = {
		OPTION_TEXT("socket", &socket, "PATH", "where to listen; needed"),
		OPTION_NUMBER("owner", &owner, 0, UINT32_MAX - 1, "UID", "who, besides root, may connect"),
		OPTION_WORD("visible", &visible, "HOST[:BOX]",
			    "a host folder besides /usr that boxes see; may be repeated"),
		OPTION_FLAG("until-eof", &until_eof, "stop when standard input ends"),
		OPTION_END,
	};
	int status;
	if (!options_parse(&lanes_command, rows, argc, argv, NULL, &status))
		return status;
	if (!socket) {
		fprintf(stderr, "arena lanes: --socket PATH is needed\n");
		return STATUS_USAGE;
	}
	log_setup("lane-maker", LOG_INFO);
	if (make_folder_of(socket) < 0 || (until_eof && stop_at_end_of_input() < 0))
		return STATUS_FAILED;
	if (strchr(socket, '/'))
		sweep_folder_of(socket);
	if (until_eof)
		setsid(); /* the terminal's signals are for whoever started us */
	return lane_maker_main(&(struct lane_maker_options){
		.socket_fd = -1,
		.listen_path = socket,
		.owner_uid = (unsigned int)owner,
		.visible = visible.at,
		.max_lanes = LANES_MAX,
	});
}

const struct command lanes_command = {
	.name = "lanes",
	.synopsis = "--socket PATH [--owner UID] [--visible HOST[:BOX]]... [--until-eof]",
	.summary = "Makes lanes for processes without root's rights (needs root itself)",
	.details = "Others find it by SANDBOX_SOCKET=PATH.\n",
	.run = run_lanes,
};
