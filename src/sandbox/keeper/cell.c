/* cell.c - inits made ahead: one being used, the next being prepared. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../init/init.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "keeper.h"

enum { PREPARE_TIMEOUT_MS = 10000 };
/* What a tmpfs is made with; runs that want something else have it changed. */
enum { DEFAULT_INODES = 16384 };
static const int64_t default_disk_bytes = 256ll << 20;

static int configure_size(int context, int64_t bytes, int inodes)
{
	char size[24], count[16];
	snprintf(size, sizeof size, "%lld", (long long)bytes);
	snprintf(count, sizeof count, "%d", inodes);
	if (fsconfig(context, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", count, 0) < 0)
		return -errno;
	return 0;
}

/* Sticky and root's, so that a program can neither replace what was placed nor set attributes on it. */
static int new_tmpfs(int64_t bytes, int inodes)
{
	cleanup_fd int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (context < 0)
		return -errno;
	int code = configure_size(context, bytes, inodes);
	if (code < 0)
		return code;
	if (fsconfig(context, FSCONFIG_SET_STRING, "mode", "1777", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int mount_fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return mount_fd < 0 ? -errno : mount_fd;
}

static int resize_one(int root, int64_t bytes, int inodes)
{
	cleanup_fd int context = fspick(root, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
	if (context < 0)
		return -errno;
	int code = configure_size(context, bytes, inodes);
	if (code == 0 && fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		code = -errno;
	return code;
}

int cell_resize(struct cell *cell, const struct limits *limits)
{
	if (limits->disk_bytes == cell->disk_bytes && limits->inodes == cell->inodes)
		return 0;
	int code = resize_one(cell->box_fd, limits->disk_bytes, limits->inodes);
	if (code == 0)
		code = resize_one(cell->tmp_fd, limits->disk_bytes, limits->inodes);
	if (code == 0) {
		cell->disk_bytes = limits->disk_bytes;
		cell->inodes = limits->inodes;
	}
	return code;
}

/* From here, because the filter keeps the init, like its programs, from changing its processors. */
void cell_pin(struct keeper *keeper, struct cell *cell, const struct limits *limits)
{
	bool pin = limits->cpus == 1;
	if (pin == cell->pinned)
		return;
	cpu_set_t set;
	CPU_ZERO(&set);
	if (pin)
		CPU_SET((size_t)keeper->setup->cpu, &set);
	else if (sched_getaffinity(0, sizeof set, &set) < 0)
		return;
	if (sched_setaffinity(cell->init, sizeof set, &set) == 0)
		cell->pinned = pin;
}

static void close_cell(struct cell *cell)
{
	close_fd(&cell->socket);
	close_fd(&cell->box_fd);
	close_fd(&cell->tmp_fd);
	files_forget(cell);
}

static _Noreturn void start_init(struct keeper *keeper, struct cell *cell, int socket)
{
	/* Nothing else of the keeper's stays open: neither its sockets nor the other cell's, nor the streams of runs. */
	int kept[3 + 3 + CGROUP_FILES] = { 0, 1, 2, socket, cell->box_fd, cell->tmp_fd };
	memcpy(kept + 6, cell->group->files, sizeof cell->group->files);
	if (fd_close_all_but(kept, sizeof kept / sizeof kept[0]) < 0)
		_exit(1);
	struct init_setup setup = {
		.cgroups = keeper->setup->cgroups,
		.group = cell->group,
		.filter = keeper->setup->filter,
		.socket = socket,
		.box_fd = cell->box_fd,
		.tmp_fd = cell->tmp_fd,
		.one_id = keeper->setup->one_id,
	};
	init_main(&setup);
}

static int clone_init(struct keeper *keeper, struct cell *cell, int socket, struct error *err)
{
	int target = keeper->setup->cgroups->box_home(cell->group);
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | CLONE_PIDFD |
			 (target >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uint64_t)(uintptr_t)&cell->pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = target >= 0 ? (uint64_t)target : 0,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid < 0)
		return error_errno(err, "clone an init");
	if (pid == 0)
		start_init(keeper, cell, socket);
	cell->init = pid;
	return 0;
}

int cell_prepare(struct keeper *keeper, struct cell *cell, struct error *err)
{
	int ends[2] = { -1, -1 };
	cell->disk_bytes = default_disk_bytes;
	cell->inodes = DEFAULT_INODES;
	cell->box_fd = new_tmpfs(cell->disk_bytes, cell->inodes);
	cell->tmp_fd = new_tmpfs(cell->disk_bytes, cell->inodes);
	int code = 0;
	if (cell->box_fd < 0 || cell->tmp_fd < 0)
		code = error_set(err, cell->box_fd < 0 ? cell->box_fd : cell->tmp_fd, "mount a tmpfs");
	else if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		code = error_errno(err, "socketpair");
	else if ((code = clone_init(keeper, cell, ends[1], err)) == 0)
		cell->socket = take_fd(&ends[0]);
	close_fd(&ends[0]);
	close_fd(&ends[1]);
	if (code < 0) {
		close_cell(cell);
		return code;
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
		int code = keeper->setup->cgroups->box_rebase(cell->group);
		if (code < 0)
			return error_set(err, code, "read a box's cgroup: %s", strerror(-code));
		cell->state = CELL_READY;
		return 0;
	}
	if (size == sizeof said)
		return error_set(err, said.code, "prepare a box: %s: %s", init_step_name(said.step),
				 strerror(-said.code));
	return error_set(err, size < 0 ? (int)size : -EPIPE, "prepare a box: its init did not answer");
}

void cell_retire(struct cell *cell)
{
	if (cell->state == CELL_EMPTY || cell->state == CELL_ENDING)
		return;
	close_cell(cell); /* before the kill: what the tmpfs held is then freed by the init's exit */
	syscall(SYS_pidfd_send_signal, cell->pidfd, SIGKILL, NULL, 0);
	cell->state = CELL_ENDING;
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
	cell->state = CELL_EMPTY;
	return true;
}
