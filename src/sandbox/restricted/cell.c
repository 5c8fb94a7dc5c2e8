/* cell.c - a box as a folder of the host's and an init without namespaces: the functions of ../keeper/cell.c, here. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

enum { PREPARE_TIMEOUT_MS = 10000, FOLDER_MODE = 0700 };

static char folders[BOXES_A_LANE][PATH_MAX];
static const struct cell *cells; /* the keeper's */
static struct tally *tallies;    /* one a cell, seen by the inits too */

/* ---- the box's folder ---- */

static int make_folder(const struct keeper *keeper, size_t number, int *folder)
{
	char *path = folders[number];
	snprintf(path, PATH_MAX, "%s/%d.%zu", restricted.folder, keeper->setup->lane.index, number);
	if (mkdir(path, FOLDER_MODE) < 0)
		return -errno;
	cleanup_fd int made = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (made < 0 || mkdirat(made, "box", FOLDER_MODE) < 0 || mkdirat(made, "tmp", FOLDER_MODE) < 0)
		return -errno;
	*folder = take_fd(&made);
	return 0;
}

/* The first entry of the folder; whether it is a folder, too. False: there is none. */
static bool first_entry(int folder, char name[NAME_MAX + 1], bool *is_folder)
{
	struct stat status;
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	bool found = false;
	for (struct dirent *entry; entries && !found && (entry = readdir(entries));) {
		found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
		snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
	}
	if (entries)
		closedir(entries);
	*is_folder =
		found && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
	return found;
}

/* However deep it is, and whatever modes its folders have; nobody else is in there any more. */
static void remove_below(int top)
{
	char name[NAME_MAX + 1];
	bool is_folder;
	cleanup_fd int folder = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int depth = 0; folder >= 0;) {
		int next;
		if (!first_entry(folder, name, &is_folder)) {
			if (depth-- == 0)
				return;
			next = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		} else if (!is_folder) {
			if (unlinkat(folder, name, 0) < 0)
				return;
			continue;
		} else if (unlinkat(folder, name, AT_REMOVEDIR) == 0) {
			continue;
		} else {
			if (fchmodat(folder, name, FOLDER_MODE, 0) < 0)
				return;
			next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			depth++;
		}
		close(folder);
		folder = next;
	}
}

static void remove_folder(size_t number)
{
	cleanup_fd int folder = open(folders[number], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0)
		remove_below(folder);
	rmdir(folders[number]);
}

/* ---- a cell ---- */

static void close_cell(struct cell *cell)
{
	close_fd(&cell->socket);
	close_fd(&cell->box_fd);
	close_fd(&cell->tmp_fd);
	files_forget(cell);
}

static int fork_init(struct keeper *keeper, struct cell *cell, size_t number, int folder, int socket)
{
	struct box_setup setup = { .socket = socket, .folder = folder, .tally = &tallies[number] };
	snprintf(setup.path, sizeof setup.path, "%s", folders[number]);
	pid_t pid = fork();
	if (pid == 0) {
		int kept[] = { 0, 1, 2, socket, folder };
		if (fd_close_all_but(kept, sizeof kept / sizeof kept[0]) < 0)
			_exit(1);
		restricted_init(&setup);
	}
	if (pid < 0)
		return -errno;
	cell->init = pid;
	cell->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return cell->pidfd < 0 ? -errno : 0;
}

static int prepare(struct keeper *keeper, struct cell *cell, size_t number)
{
	int ends[2] = { -1, -1 };
	cleanup_fd int folder = -1;
	int code = make_folder(keeper, number, &folder);
	if (code < 0)
		return code;
	tallies[number] = (struct tally){ 0 };
	cell->box_fd = openat(folder, "box", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cell->tmp_fd = openat(folder, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cell->box_fd < 0 || cell->tmp_fd < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	code = fork_init(keeper, cell, number, folder, ends[1]);
	close(ends[1]);
	cell->socket = ends[0];
	if (code == 0)
		polling_track(cell->group, cell->init, &tallies[number], take_fd(&folder));
	return code;
}

int cell_prepare(struct keeper *keeper, struct cell *cell, struct error *err)
{
	size_t number = (size_t)(cell - keeper->cells);
	cells = keeper->cells;
	if (!tallies) {
		tallies = mmap(NULL, BOXES_A_LANE * sizeof *tallies, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (tallies == MAP_FAILED)
			_exit(1);
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0,
		      0); /* for whom an init leaves behind that was killed */
	}
	remove_folder(number);
	int code = prepare(keeper, cell, number);
	if (code < 0) {
		close_cell(cell);
		return error_set(err, code, "make a box in %s: %s", restricted.folder, strerror(-code));
	}
	cell->state = CELL_PREPARING;
	cell->session = 0;
	cell->intact = false;
	cell->pinned = false;
	return 0;
}

int cell_wait_ready(struct keeper *keeper, struct cell *cell, struct error *err)
{
	struct ended_message said;
	int fds[MESSAGE_FDS_MAX];
	size_t count;
	struct pollfd event = { cell->socket, POLLIN, 0 };
	int polled;
	do
		polled = poll(&event, 1, PREPARE_TIMEOUT_MS);
	while (polled < 0 && errno == EINTR);
	ssize_t size =
		polled == 1 ? message_receive(cell->socket, &said, sizeof said, 0, fds, &count) : -ETIMEDOUT;
	if (size == sizeof said && said.kind == ENDED_READY) {
		cell->state = CELL_READY;
		return 0;
	}
	if (size == sizeof said)
		return error_set(err, said.code, "prepare a box: %s: %s", restricted_step_name(said.step),
				 strerror(-said.code));
	return error_set(err, size < 0 ? (int)size : -EPIPE, "prepare a box: its init did not answer");
}

void cell_retire(struct cell *cell)
{
	if (cell->state == CELL_EMPTY || cell->state == CELL_ENDING)
		return;
	close_cell(cell);
	polling_track(cell->group, 0, NULL, -1);
	syscall(SYS_pidfd_send_signal, cell->pidfd, SIGKILL, NULL, 0);
	cell->state = CELL_ENDING;
}

static void wait_for(pid_t pid, void *other)
{
	if (pid != *(const pid_t *)other)
		waitpid(pid, NULL, __WALL); /* or it is nobody's of ours */
}

/* An init that was killed in the middle of a run leaves its processes to us, among our other children. */
static void end_orphans(const struct cell *cell)
{
	pid_t other = cells[cell == cells].init;
	tree_kill(getpid(), other);
	tree_visit(getpid(), wait_for, &other);
}

bool cell_reap(struct cell *cell, bool wait)
{
	pid_t ended = 0;
	if (cell->state == CELL_ENDING)
		do
			ended = waitpid(cell->init, NULL, wait ? 0 : WNOHANG);
		while (ended < 0 && errno == EINTR);
	if (ended == 0)
		return false;
	close_fd(&cell->pidfd);
	cell->init = 0;
	end_orphans(cell);
	cell->state = CELL_EMPTY;
	return true;
}

int cell_resize(struct cell *cell, const struct limits *limits)
{
	return 0; /* the files are counted with the memory */
}

void cell_pin(struct keeper *keeper, struct cell *cell, const struct limits *limits)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)keeper->setup->cpu, &set);
	if (limits->cpus == 1 && sched_setaffinity(cell->init, sizeof set, &set) == 0)
		cell->pinned = true;
}
