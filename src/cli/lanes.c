/* lanes.c - `arena lanes`: becomes a lane maker that listens, so that everything else can run as another user,
 * and can be restarted without root. src/sandbox/maker has its life. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "child.h"
#include "commands.h"
#include "options.h"
#include "sandbox/box.h"

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

static int become_lane_maker(const char *socket, int64_t owner, const struct words *visible)
{
	char program[PATH_MAX], owner_text[24];
	struct error err = { 0 };
	const char *argv[2 * WORDS_MAX + 6] = { "arena-lane-maker", "--socket", socket, "--owner",
						owner_text };
	char *const environment[] = { NULL };
	size_t count = 5;
	snprintf(owner_text, sizeof owner_text, "%lld", (long long)owner);
	for (const char *const *path = visible->at; *path; path++) {
		argv[count++] = "--visible";
		argv[count++] = *path;
	}
	if (sandbox_maker_program(program, &err) == 0) {
		execve(program, (char *const *)(uintptr_t)argv, environment);
		error_errno(&err, "start %s", program);
	}
	fprintf(stderr, "arena lanes: %s\n", err.text);
	return STATUS_FAILED;
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
	struct error err = { 0 };
	if (geteuid() != 0 && owner != 0 && owner != (int64_t)geteuid()) {
		fprintf(stderr, "arena lanes: without root, --owner can be nobody else\n");
		return STATUS_USAGE;
	}
	if (make_folder_of(socket) < 0 || (until_eof && stop_at_end_of_input("arena lanes") < 0))
		return STATUS_FAILED;
	if (strchr(socket, '/'))
		sweep_folder_of(socket);
	if (until_eof)
		setsid();                  /* the terminal's signals are for whoever started us */
	const bool alone = geteuid() != 0; /* in the namespace to come this user is root */
	if (sandbox_prepare_maker(&err) < 0) {
		fprintf(stderr, "arena lanes: %s\n", err.text);
		return STATUS_FAILED;
	}
	if (alone)
		owner = 0;
	return become_lane_maker(socket, owner, &visible);
}

const struct command lanes_command = {
	.name = "lanes",
	.synopsis = "--socket PATH [--owner UID] [--visible HOST[:BOX]]... [--until-eof]",
	.summary = "Makes lanes for other processes, which then need no rights for that",
	.details = "Others find it by SANDBOX_SOCKET=PATH. Started by root it makes them for --owner; by "
		   "anybody else, "
		   "in a user\nnamespace and a delegated cgroup, for that user (docs/hosts.md).\n",
	.run = run_lanes,
};
