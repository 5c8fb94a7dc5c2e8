/* run.c - one run: limits, hand-over to the init, watch, figures, outcome. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "keeper.h"

enum {
	TICK_US = 20000,         /* between looks at CPU time and out-of-memory kills */
	SHORTEST_TICK_US = 1000, /* when the CPU limit is near */
	KILL_GRACE_US = 500000,  /* for the init to end a run; then the init itself is killed */
};

enum stop { STOP_NONE, STOP_CANCEL, STOP_FLOOD, STOP_CPU, STOP_WALL, STOP_MEMORY };

struct watch {
	struct keeper *keeper;
	struct cell *cell;
	const struct run_message *message;
	int64_t start_us, kill_deadline_us;
	enum stop stop;
	bool client_gone;
};

static void stop_run(struct watch *watch, enum stop reason)
{
	if (watch->stop != STOP_NONE)
		return;
	struct stop_message kill_message = { .kind = RUN_KILL, .sequence = watch->message->sequence };
	watch->stop = reason;
	watch->kill_deadline_us = clock_monotonic_us() + KILL_GRACE_US;
	watch->keeper->setup->cgroups->run_kill(watch->cell->group); /* at once, where the kernel can */
	message_send(watch->cell->socket, &kill_message, sizeof kill_message, NULL, 0, NULL, 0);
}

/* Looks at what only the cgroup and the clock know; the time until the next look. */
static int64_t look(struct watch *watch)
{
	const struct cgroup_ops *cgroups = watch->keeper->setup->cgroups;
	const struct limits *limits = &watch->message->limits;
	int64_t now_us = clock_monotonic_us();
	if (watch->stop != STOP_NONE) {
		if (now_us >= watch->kill_deadline_us)
			syscall(SYS_pidfd_send_signal, watch->cell->pidfd, SIGKILL, NULL, 0);
		return TICK_US;
	}
	int64_t wall_left_us = limits->wall_time_us - (now_us - watch->start_us);
	int64_t cpu_left_us = limits->cpu_time_us - cgroups->box_cpu_us(watch->cell->group);
	if (cgroups->box_oom_kills(watch->cell->group) > 0)
		stop_run(watch, STOP_MEMORY);
	else if (cpu_left_us < 0)
		stop_run(watch, STOP_CPU);
	else if (wall_left_us <= 0)
		stop_run(watch, STOP_WALL);
	int64_t next_us = wall_left_us < TICK_US ? wall_left_us : TICK_US;
	int64_t cpu_next_us = cpu_left_us < SHORTEST_TICK_US ? SHORTEST_TICK_US : cpu_left_us;
	next_us = cpu_next_us < next_us ? cpu_next_us : next_us;
	return next_us < 0 ? 0 : next_us;
}

/* What the worker says while a run is under way. */
static void hear_client(struct watch *watch)
{
	struct stop_message stop;
	switch (requests_hear(watch->keeper, MSG_DONTWAIT, &stop)) {
	case HEARD_END:
		watch->client_gone = true;
		stop_run(watch, STOP_CANCEL);
		break;
	case HEARD_STOP:
		if (watch->keeper->cancelled >= watch->message->sequence)
			stop_run(watch, STOP_CANCEL);
		else if (stop.kind == RUN_FLOOD && stop.sequence == watch->message->sequence)
			stop_run(watch, STOP_FLOOD);
		break;
	case HEARD_RUN:
	case HEARD_NOTHING: break;
	}
}

/* Until the init reports the end: true; or is gone itself: false. */
static bool watch_run(struct watch *watch, struct ended_message *ended)
{
	for (;;) {
		int64_t wait_us = look(watch);
		struct timespec wait = { wait_us / 1000000, wait_us % 1000000 * 1000 };
		struct pollfd events[2] = {
			{ watch->cell->socket, POLLIN, 0 },
			{ watch->client_gone ? -1 : watch->keeper->setup->client, POLLIN, 0 },
		};
		if (ppoll(events, 2, &wait, NULL) <= 0)
			continue;
		if (events[0].revents) {
			int fds[MESSAGE_FDS_MAX];
			size_t count;
			ssize_t size =
				message_receive(watch->cell->socket, ended, sizeof *ended, 0, fds, &count);
			if (size != sizeof *ended)
				return false;
			if (ended->kind == ENDED_RUN && ended->sequence == watch->message->sequence)
				return true;
		}
		if (events[1].revents)
			hear_client(watch);
	}
}

/* Runtimes that ignore SIGXFSZ (Python, Java, Node) see EFBIG and fail by themselves; the file that was stopped
 * at exactly the limit tells why. */
static bool failed_at_file_limit(const struct watch *watch, int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGXFSZ;
	return WEXITSTATUS(status) != 0 && files_at_limit(watch->cell, watch->message->limits.file_bytes);
}

static enum box_outcome outcome_of(const struct watch *watch, const struct result_message *result,
				   int64_t oom_kills, int status)
{
	const struct limits *limits = &watch->message->limits;
	if (watch->stop == STOP_CANCEL)
		return BOX_CANCELLED;
	if (oom_kills > 0)
		return BOX_MEMORY_LIMIT;
	if (watch->stop == STOP_CPU || result->cpu_us > limits->cpu_time_us)
		return BOX_CPU_LIMIT;
	if (watch->stop == STOP_WALL || result->wall_us > limits->wall_time_us)
		return BOX_WALL_LIMIT;
	if (watch->stop == STOP_FLOOD)
		return BOX_OUTPUT_LIMIT;
	if (failed_at_file_limit(watch, status))
		return BOX_FILE_LIMIT;
	return WIFSIGNALED(status) ? BOX_SIGNALED : BOX_EXITED;
}

/* The split comes from the processes that were reaped, the sum from the cgroup. */
static void fill_times(const struct ended_message *ended, int64_t cpu_us, struct result_message *result)
{
	result->cpu_us = cpu_us;
	result->cpu_system_us = ended->system_us < cpu_us ? ended->system_us : cpu_us;
	result->wall_us = ended->wall_us;
}

static void conclude(struct watch *watch, bool init_alive, const struct ended_message *ended,
		     struct result_message *result)
{
	struct cgroup_usage usage;
	int code = watch->keeper->setup->cgroups->box_usage(watch->cell->group, &usage);
	if (code < 0) {
		result->code = code;
		snprintf(result->text, sizeof result->text, "read the figures of a run: %s", strerror(-code));
		return;
	}
	if (init_alive) {
		fill_times(ended, usage.cpu_us, result);
		if (watch->stop == STOP_WALL && result->wall_us < watch->message->limits.wall_time_us)
			result->wall_us =
				clock_monotonic_us() - watch->start_us; /* the clock that it was judged by */
	} else {
		result->cpu_us = usage.cpu_us;
		result->wall_us = clock_monotonic_us() - watch->start_us;
	}
	result->memory_bytes = usage.memory_bytes;
	/* An attempt beyond the limit is in the kernel's peak for a moment. */
	const int64_t most = watch->message->limits.processes;
	result->processes_peak = usage.processes_peak < most ? usage.processes_peak : most;
	int status = init_alive ? ended->wait_status : SIGKILL;
	result->outcome = outcome_of(watch, result, usage.oom_kills, status);
	result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (init_alive && ended->code < 0) {
		result->code = ended->code;
		snprintf(result->text, sizeof result->text, "start %.200s: %s", watch->message->text,
			 strerror(-ended->code));
	} else if (!init_alive && watch->stop == STOP_NONE && usage.oom_kills == 0) {
		result->code = -EPIPE;
		snprintf(result->text, sizeof result->text, "the box's init is gone");
	}
}

static int hand_over(struct watch *watch, int streams[3])
{
	const struct run_message *message = watch->message;
	const struct cgroup_ops *cgroups = watch->keeper->setup->cgroups;
	int code = cgroups->box_limit(watch->cell->group, &message->limits);
	if (code == 0)
		code = cell_resize(watch->cell, &message->limits);
	if (code < 0)
		return code;
	cell_pin(watch->keeper, watch->cell, &message->limits);
	int fds[4] = { streams[0], streams[1], streams[2], cgroups->run_home(watch->cell->group) };
	return message_send(watch->cell->socket, message, sizeof *message + message->text_bytes, NULL, 0, fds,
			    fds[3] >= 0 ? 4 : 3);
}

void keeper_run(struct keeper *keeper, struct cell *cell, const struct run_message *message, int streams[3],
		struct result_message *result)
{
	struct watch watch = { .keeper = keeper, .cell = cell, .message = message };
	struct ended_message ended = { 0 };
	cell->state = CELL_USED;
	cell->intact = false;
	int code = hand_over(&watch, streams);
	for (int i = 0; i < 3; i++)
		close_fd(&streams[i]);
	if (code < 0) {
		/* EBUSY: the box holds more already than the run may have. */
		result->code = code == -EBUSY ? 0 : code;
		result->outcome = BOX_MEMORY_LIMIT;
		snprintf(result->text, sizeof result->text, "start a run: %s", strerror(-code));
		cell_retire(cell);
		return;
	}
	watch.start_us = clock_monotonic_us();
	bool init_alive = watch_run(&watch, &ended);
	conclude(&watch, init_alive, &ended, result);
	if (!init_alive)
		cell_retire(cell);
}
