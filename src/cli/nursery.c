#include "nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command.h"
#include "startup.h"

/* What a worker needs that has nobody to report to any more: it cancels what runs, and gives its lanes back. */
enum { STOP_MS = 4000 };

/* ---- for the backend, or for who starts it ---- */

/* NULL: no memory. */
static char **environment_of(const struct nursery_options *options)
{
	static char folder[PATH_MAX + 16], languages[PATH_MAX + 16], lanes[PATH_MAX + 16], path[4096];
	snprintf(folder, sizeof folder, "DATA_DIR=%s", options->folder);
	snprintf(languages, sizeof languages, "LANGUAGES_DIR=%s", options->config->languages_dir);
	snprintf(path, sizeof path, "PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	snprintf(lanes, sizeof lanes, "SANDBOX_SOCKET=%s",
		 options->lanes ? options->lanes : options->config->sandbox_socket);
	return config_environment(options->config,
				  (const char *const[]){ folder, languages, path, lanes, NULL });
}

static size_t slots_of(const struct config *config)
{
	return config->direct_slots > 0 ? (size_t)config->direct_slots : startup_slots(config);
}

/* From the root folder, where no `.env` of ours is. */
static _Noreturn void become_worker(const struct nursery_options *options, int control)
{
	struct error err = { 0 };
	char **environment = environment_of(options);
	char slots[24], fd[16];
	snprintf(slots, sizeof slots, "%zu", slots_of(options->config));
	snprintf(fd, sizeof fd, "%d", control);
	const char *argv[] = { "arena", "worker", "--direct", fd, "--slots", slots, NULL };
	if (!environment)
		_exit(STATUS_FAILED);
	if (options->user && (user_become(options->user, &err) < 0 || child_die_with_parent() < 0))
		_exit(startup_failed(&err));
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (chdir("/") < 0 || dup2(nothing, STDIN_FILENO) < 0 || fcntl(control, F_SETFD, 0) < 0 ||
	    execve("/proc/self/exe", (char *const *)(uintptr_t)argv, environment) < 0)
		error_errno(&err, "start the backend's worker");
	_exit(startup_failed(&err));
}

int nursery_start(const struct nursery_options *options, struct child *child, int *control, struct error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "socketpair");
	pid_t pid = child_fork(child, err);
	if (pid == 0)
		become_worker(options, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err->code;
	}
	*control = ends[0];
	return 0;
}

/* ---- in the process that stands aside ---- */

/* The socket that came, or -1 at the end. */
static int receive_socket(int control)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room.bytes,
				  .msg_controllen = sizeof room.bytes };
	int fd = -1;
	if (recvmsg(control, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	if (rights && rights->cmsg_type == SCM_RIGHTS && rights->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(rights), sizeof fd);
	return fd;
}

/* False when we are to stop. */
static bool note_signals(int signals, struct child *child)
{
	struct child *const children[] = { child };
	struct signalfd_siginfo info;
	pid_t pid = child->pid;
	char end[64];
	bool goes_on = true;
	while (read(signals, &info, sizeof info) == sizeof info)
		goes_on = goes_on && info.ssi_signo == SIGCHLD;
	child_reap(children, 1);
	if (pid > 0 && child->pid == 0 && goes_on)
		log_warning("a process is gone", LOG_TEXT("process", child->name),
			    LOG_TEXT("how", child_end(child, end)));
	return goes_on;
}

static _Noreturn void end(struct child *child)
{
	child_stop(child, STOP_MS);
	_exit(STATUS_OK);
}

static void end_predecessor(struct child *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGKILL);
	child_await(child, STOP_MS);
}

/* True in the worker. */
static bool fork_worker(struct child *child, int socket)
{
	struct error err = { 0 };
	pid_t pid = child_fork(child, &err);
	if (pid < 0)
		log_error("a process could not be started", LOG_TEXT("why", err.text));
	if (pid != 0)
		close(socket); /* so that the worker's end is the socket's */
	return pid == 0;
}

/* SIGINT, which a terminal sends to all, is for the backend, who ends us. */
static int watch_signals(sigset_t *before)
{
	sigset_t watched;
	signal(SIGINT, SIG_IGN);
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGTERM);
	sigprocmask(SIG_BLOCK, &watched, before);
	return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

int nursery_await(int control)
{
	struct child child = { .name = "worker of the backend" };
	sigset_t before;
	int signals = watch_signals(&before);
	fcntl(control, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_NAME, "arena-nursery"); /* for ps(1) */
	for (;;) {
		struct pollfd polled[] = { { .fd = control, .events = POLLIN },
					   { .fd = signals, .events = POLLIN } };
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			end(&child);
		if (polled[1].revents && !note_signals(signals, &child))
			end(&child);
		if (!polled[0].revents)
			continue;
		int socket = receive_socket(control);
		if (socket < 0)
			end(&child);
		end_predecessor(&child);
		if (!fork_worker(&child, socket))
			continue;
		close(signals);
		close(control);
		sigprocmask(SIG_SETMASK, &before, NULL);
		prctl(PR_SET_NAME, "arena-worker");
		return socket;
	}
}
