/* watch.c - the watchman.
 *
 * It has to be on time when the machine is busy, and the keeper shares the lanes' low weight with the boxes:
 * beside other work it has its turn every 30 ms or so. So the lane maker gives the keeper real-time priority while
 * it is being set up. The watchman, started then, keeps that for good; the keeper gives it back, since what it has
 * to do may depend on what a program has left. All that is done with that priority is here: wait for a timer, read
 * two figures, kill. Where the lane maker may not give it, the watchman has everybody's.
 *
 * A timer and not a message, so that a run costs two settings of it, and a short run never wakes anybody.
 *
 * CPU time grows no faster than processors allow, and so the next look can wait until the limit can be reached
 * at the earliest. The figure itself lags: the kernel charges a running process at the processor's tick (1 to
 * 10 ms). Too little is never too early; a program that got away within the last tick is judged by the figure
 * at its end. */
#include "watch.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "keeper.h"

enum {
	LONGEST_PAUSE_US = 20000, /* between looks at out-of-memory kills */
	SHORTEST_PAUSE_US = 1000, /* no tick is more frequent */
	KILL_GRACE_US = 500000,   /* for the init to end a run; then the init itself is killed */
};

static void set_timer(const struct watch *watch, int64_t pause_us)
{
	const struct itimerspec once = { .it_value = { pause_us / 1000000, pause_us % 1000000 * 1000 } };
	if (timerfd_settime(watch->timer, 0, &once, NULL) < 0)
		_exit(1); /* a lane without limits is none: the worker asks for another */
}

static int64_t min_of(int64_t left, int64_t right)
{
	return left < right ? left : right;
}

int64_t watch_pause_us(const struct limits *limits, int processors, int64_t cpu_us, int64_t wall_us)
{
	int64_t cpu_pause_us = (limits->cpu_time_us - cpu_us) / processors;
	if (cpu_pause_us < SHORTEST_PAUSE_US)
		cpu_pause_us = SHORTEST_PAUSE_US;
	int64_t pause_us = min_of(min_of(limits->wall_time_us - wall_us, cpu_pause_us), LONGEST_PAUSE_US);
	return pause_us > 0 ? pause_us : 1; /* 0 would stop the timer */
}

/* The processes at once, as far as the kernel allows; those that escape by forking are the init's to find. */
static void stop_run(struct watch *watch, enum stop reason)
{
	if (!watch->cell || watch->stop != STOP_NONE)
		return;
	struct stop_message message = { .kind = RUN_KILL, .sequence = watch->sequence };
	watch->stop = reason;
	watch->cgroups->run_kill(watch->cell->group, watch->cell->init);
	watch->stopped_us = clock_monotonic_us();
	message_send(watch->cell->socket, &message, sizeof message, NULL, 0, NULL, 0);
	set_timer(watch, KILL_GRACE_US);
}

static void look(struct watch *watch)
{
	if (watch->stop != STOP_NONE) {
		if (clock_monotonic_us() - watch->stopped_us >= KILL_GRACE_US)
			syscall(SYS_pidfd_send_signal, watch->cell->pidfd, SIGKILL, NULL, 0);
		return;
	}
	int64_t cpu_us = watch->cgroups->box_cpu_us(watch->cell->group);
	int64_t wall_us = clock_monotonic_us() - watch->start_us;
	if (watch->cgroups->box_oom_kills(watch->cell->group) > 0)
		stop_run(watch, STOP_MEMORY);
	else if (cpu_us > watch->limits.cpu_time_us)
		stop_run(watch, STOP_CPU);
	else if (wall_us >= watch->limits.wall_time_us)
		stop_run(watch, STOP_WALL);
	else
		set_timer(watch, watch_pause_us(&watch->limits, watch->processors, cpu_us, wall_us));
}

/* Never waits for the keeper, whose turn may be far; what it does at that moment is over in an instant. (Mutexes
 * that lend priority go by thread ids as libc knows them: a process made by a bare clone3 has its parent's.) */
static void *keep_watch(void *context)
{
	struct watch *watch = context;
	uint64_t expirations;
	prctl(PR_SET_NAME, "arena-watchman");
	for (;;) {
		if (read(watch->timer, &expirations, sizeof expirations) < 0 && errno != EINTR)
			_exit(1);
		if (pthread_mutex_trylock(&watch->lock) != 0) {
			set_timer(watch, SHORTEST_PAUSE_US);
			continue;
		}
		if (watch->cell)
			look(watch);
		pthread_mutex_unlock(&watch->lock);
	}
	return NULL;
}

int watch_open(struct watch *watch, const struct cgroup_ops *cgroups, struct error *err)
{
	pthread_t thread;
	cpu_set_t set;
	*watch = (struct watch){ .cgroups = cgroups };
	watch->machine_processors =
		sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : CPU_SETSIZE;
	watch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (watch->timer < 0)
		return error_errno(err, "make a timer");
	pthread_mutex_init(&watch->lock, NULL);
	int code = -pthread_create(&thread, NULL, keep_watch, watch);
	if (code < 0)
		return error_set(err, code, "start the watchman: %s", strerror(-code));
	pthread_detach(thread);
	return 0;
}

int watch_begin(struct watch *watch, const struct cell *cell, const struct run_message *message,
		const int *fds, size_t fd_count)
{
	const struct limits *limits = &message->limits;
	pthread_mutex_lock(&watch->lock); /* or the order to kill might overtake the one to start */
	watch->sequence = message->sequence;
	watch->limits = *limits;
	watch->processors = cell->pinned ? 1 : (int)min_of(watch->machine_processors, limits->processes);
	watch->stop = STOP_NONE;
	watch->start_us = clock_monotonic_us();
	set_timer(watch, watch_pause_us(limits, watch->processors, 0, 0));
	int code = message_send(cell->socket, message, sizeof *message + message->text_bytes, NULL, 0, fds,
				fd_count);
	watch->cell = code < 0 ? NULL : cell;
	pthread_mutex_unlock(&watch->lock);
	return code;
}

void watch_stop(struct watch *watch, enum stop reason)
{
	pthread_mutex_lock(&watch->lock);
	stop_run(watch, reason);
	pthread_mutex_unlock(&watch->lock);
}

void watch_end(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->cell = NULL;
	set_timer(watch, 0);
	pthread_mutex_unlock(&watch->lock);
}
