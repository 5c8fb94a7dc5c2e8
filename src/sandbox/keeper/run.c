/* run.c - one run: limits, hand-over to the init, watch, figures, outcome. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "keeper.h"

struct run {
	struct keeper *keeper;
	struct watch *watch;
	struct cell *cell;
	const struct run_message *message;
	bool client_gone;
};

/* What the worker says while a run is under way. */
static void hear_client(struct run *run)
{
	struct stop_message stop;
	switch (requests_hear(run->keeper, MSG_DONTWAIT, &stop)) {
	case HEARD_END:
		run->client_gone = true;
		watch_stop(run->watch, STOP_CANCEL);
		break;
	case HEARD_STOP:
		if (run->keeper->cancelled >= run->message->sequence)
			watch_stop(run->watch, STOP_CANCEL);
		else if (stop.kind == RUN_FLOOD && stop.sequence == run->message->sequence)
			watch_stop(run->watch, STOP_FLOOD);
		break;
	case HEARD_RUN:
	case HEARD_NOTHING: break;
	}
}

/* Until the init reports the end: true; or is gone itself: false. */
static bool await_end(struct run *run, struct ended_message *ended)
{
	for (;;) {
		struct pollfd events[2] = {
			{ run->cell->socket, POLLIN, 0 },
			{ run->client_gone ? -1 : run->keeper->setup->client, POLLIN, 0 },
		};
		if (poll(events, 2, -1) <= 0)
			continue;
		if (events[0].revents) {
			int fds[MESSAGE_FDS_MAX];
			size_t count;
			ssize_t size =
				message_receive(run->cell->socket, ended, sizeof *ended, 0, fds, &count);
			if (size != sizeof *ended)
				return false;
			if (ended->kind == ENDED_RUN && ended->sequence == run->message->sequence)
				return true;
		}
		if (events[1].revents)
			hear_client(run);
	}
}

/* Runtimes that ignore SIGXFSZ (Python, Java, Node) see EFBIG and fail by themselves; the file that was stopped
 * at exactly the limit tells why. */
static bool failed_at_file_limit(const struct run *run, int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGXFSZ;
	return WEXITSTATUS(status) != 0 && files_at_limit(run->cell, run->message->limits.file_bytes);
}

static enum box_outcome outcome_of(const struct run *run, const struct result_message *result,
				   int64_t oom_kills, int status)
{
	const struct limits *limits = &run->message->limits;
	if (run->watch->stop == STOP_CANCEL)
		return BOX_CANCELLED;
	if (oom_kills > 0)
		return BOX_MEMORY_LIMIT;
	if (run->watch->stop == STOP_CPU || result->cpu_us > limits->cpu_time_us)
		return BOX_CPU_LIMIT;
	if (run->watch->stop == STOP_WALL || result->wall_us > limits->wall_time_us)
		return BOX_WALL_LIMIT;
	if (run->watch->stop == STOP_FLOOD)
		return BOX_OUTPUT_LIMIT;
	if (failed_at_file_limit(run, status))
		return BOX_FILE_LIMIT;
	return WIFSIGNALED(status) ? BOX_SIGNALED : BOX_EXITED;
}

/* From exec to the end of the first process, or to the moment when it was stopped, by the clock that judged it:
 * on a busy machine the init hears of either some time later. `ended` is NULL when the init is gone. */
static int64_t wall_of(const struct run *run, const struct ended_message *ended)
{
	const struct watch *watch = run->watch;
	int64_t until_us = watch->stop != STOP_NONE ? watch->stopped_us : clock_monotonic_us();
	int64_t wall_us = until_us - watch->start_us;
	return ended && watch->stop != STOP_WALL && (watch->stop == STOP_NONE || ended->wall_us < wall_us)
		       ? ended->wall_us
		       : wall_us;
}

/* The split comes from the processes that were reaped, the sum from the cgroup. */
static void fill_times(const struct run *run, const struct ended_message *ended, int64_t cpu_us,
		       struct result_message *result)
{
	result->cpu_us = cpu_us;
	result->cpu_system_us = ended && ended->system_us < cpu_us ? ended->system_us : ended ? cpu_us : 0;
	result->wall_us = wall_of(run, ended);
}

static void conclude(struct run *run, bool init_alive, const struct ended_message *ended,
		     struct result_message *result)
{
	struct cgroup_usage usage;
	int code = run->keeper->setup->cgroups->box_usage(run->cell->group, &usage);
	if (code < 0) {
		result->code = code;
		snprintf(result->text, sizeof result->text, "read the figures of a run: %s", strerror(-code));
		return;
	}
	fill_times(run, init_alive ? ended : NULL, usage.cpu_us, result);
	result->memory_bytes = usage.memory_bytes;
	/* An attempt beyond the limit is in the kernel's peak for a moment. */
	const int64_t most = run->message->limits.processes;
	result->processes_peak = usage.processes_peak < most ? usage.processes_peak : most;
	int status = init_alive ? ended->wait_status : SIGKILL;
	result->outcome = outcome_of(run, result, usage.oom_kills, status);
	result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (init_alive && ended->code < 0) {
		result->code = ended->code;
		result->start_failed = true;
		snprintf(result->text, sizeof result->text, "start %.200s: %s", run->message->text,
			 strerror(-ended->code));
	} else if (!init_alive && run->watch->stop == STOP_NONE && usage.oom_kills == 0) {
		result->code = -EPIPE;
		snprintf(result->text, sizeof result->text, "the box's init is gone");
	}
}

static int hand_over(struct run *run, int streams[3])
{
	const struct run_message *message = run->message;
	const struct cgroup_ops *cgroups = run->keeper->setup->cgroups;
	int code = cgroups->box_limit(run->cell->group, &message->limits);
	if (code == 0)
		code = cell_resize(run->cell, &message->limits);
	if (code < 0)
		return code;
	cell_pin(run->keeper, run->cell, &message->limits);
	int fds[4] = { streams[0], streams[1], streams[2], cgroups->run_home(run->cell->group) };
	return watch_begin(run->watch, run->cell, message, fds, fds[3] >= 0 ? 4 : 3);
}

bool keeper_run(struct keeper *keeper, struct cell *cell, const struct run_message *message, int streams[3],
		struct result_message *result)
{
	struct run run = { .keeper = keeper, .watch = &keeper->watch, .cell = cell, .message = message };
	struct ended_message ended = { 0 };
	cell->state = CELL_USED;
	cell->intact = false;
	int code = hand_over(&run, streams);
	if (code == -EPIPE) {
		cell_retire(cell);
		return false;
	}
	for (int i = 0; i < 3; i++)
		close_fd(&streams[i]);
	if (code < 0) {
		/* EBUSY: the box holds more already than the run may have. */
		result->code = code == -EBUSY ? 0 : code;
		result->outcome = BOX_MEMORY_LIMIT;
		snprintf(result->text, sizeof result->text, "start a run: %s", strerror(-code));
		cell_retire(cell);
		return true;
	}
	bool init_alive = await_end(&run, &ended);
	watch_end(&keeper->watch);
	conclude(&run, init_alive, &ended, result);
	if (!init_alive)
		cell_retire(cell);
	return true;
}
