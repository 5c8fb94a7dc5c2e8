/* keeper.c - the keeper's life: set up the lane, then request after request. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

/* ---- set-up, once ---- */

/* What our starter ignored or blocked (nohup, a shell's background job) would reach every program. By the bare
 * system call: libc keeps two signals to itself, which its posix_spawn leaves ignored. */
static void forget_signals(void)
{
	const struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} plain = { .handler = SIG_DFL };
	sigset_t none;
	for (int number = 1; number <= SIGRTMAX; number++)
		syscall(SYS_rt_sigaction, number, &plain, NULL, sizeof plain.mask);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing of the lane maker's is kept but what is ours, and no stream of its starter's. */
static void let_go(const struct keeper_setup *setup)
{
	int kept[5 + BOXES_A_LANE * CGROUP_FILES] = { 0, 1, 2, setup->client, setup->go };
	size_t count = 5;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int stream = 0; stream < 3; stream++)
		if (null < 0 || dup2(null, stream) < 0)
			_exit(1);
	for (size_t i = 0; i < BOXES_A_LANE; i++, count += CGROUP_FILES)
		memcpy(kept + count, setup->lane.boxes[i].files, sizeof setup->lane.boxes[i].files);
	if (fd_close_all_but(kept, count) < 0)
		_exit(1);
	forget_signals();
}

static int wait_for_go(const struct keeper_setup *setup, struct error *err)
{
	char go;
	if (read(setup->go, &go, 1) != 1)
		_exit(1); /* the maker gave up, and says so itself */
	close(setup->go);
	if (!setup->one_id && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		return error_errno(err, "become root of the lane's user namespace");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return error_errno(err, "ask to end with the lane maker");
	return 0;
}

/* The maker's mounts were inherited and are locked together: nobody in here can take them apart. A copy of
 * the prepared root, made here, becomes the root of this namespace; the rest of the host goes. */
static int take_root(const struct keeper_setup *setup, struct error *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_errno(err, "make the mounts private");
	cleanup_fd int tree =
		open_tree(AT_FDCWD, setup->tree, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return error_errno(err, "open the prepared root");
	if (move_mount(tree, "", AT_FDCWD, setup->tree, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    chdir(setup->tree) < 0)
		return error_errno(err, "mount the prepared root");
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return error_errno(err,
				   "mount the lane's /proc (in a container: is its own /proc unmasked?)");
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return error_errno(err, "leave the host's root");
	return 0;
}

/* Counted by user, and in the end by the lane maker's, who is root: without limits of its own a lane could
 * use up what everybody on the host has together (user_namespaces(7), /proc/sys/user). */
static int limit_users(struct error *err)
{
	static const char *const files[] = { "/proc/sys/user/max_inotify_instances",
					     "/proc/sys/user/max_inotify_watches" };
	static const char *const most[] = { "4", "1024" };
	for (size_t i = 0; i < 2; i++) {
		cleanup_fd int fd = open(files[i], O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, most[i], strlen(most[i])) < 0)
			return error_errno(err, "write %s", files[i]);
	}
	return 0;
}

static int settle(const struct keeper_setup *setup, struct error *err)
{
	if (limit_users(err) < 0)
		return err ? err->code : -EIO;
	static const char name[] = "box";
	if (sethostname(name, sizeof name - 1) < 0)
		return error_errno(err, "set the host name");
	/* Nothing that is executed in here can gain what the kernel does not give to everybody. */
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return error_errno(err, "drop a capability from the bounding set");
	umask(0);
	return 0;
}

/* Whatever priority the lane maker gave is the watchman's alone, and so is the weight that the keeper had. */
static int post_watchman(struct keeper *keeper, struct keeper_setup *setup, struct error *err)
{
	const struct sched_param usual = { 0 };
	int code = watch_open(&keeper->watch, setup->cgroups, err);
	if (code == 0 && sched_setscheduler(0, SCHED_OTHER, &usual) < 0)
		return error_errno(err, "give back a priority");
	if (code == 0 && (code = setup->cgroups->keeper_join(&setup->lane)) < 0)
		return error_set(err, code, "take the boxes' weight: %s", strerror(-code));
	return code;
}

static int set_up(struct keeper *keeper, struct keeper_setup *setup, struct error *err)
{
	int code = wait_for_go(setup, err);
	if (code == 0)
		code = setup->cgroups->keeper_start(&setup->lane, err);
	if (code == 0 && setup->tree)
		code = take_root(setup, err);
	if (code == 0 && setup->tree)
		code = settle(setup, err);
	if (code == 0)
		code = post_watchman(keeper, setup, err);
	for (size_t i = 0; i < BOXES_A_LANE; i++)
		keeper->cells[i] = (struct cell){
			.group = &setup->lane.boxes[i], .pidfd = -1, .socket = -1, .box_fd = -1, .tmp_fd = -1
		};
	if (code == 0)
		code = cell_prepare(keeper, &keeper->cells[0], err);
	if (code == 0)
		code = cell_wait_ready(keeper, &keeper->cells[0], err);
	return code;
}

/* ---- requests ---- */

/* The name to collect is the last string. */
static const char *collect_name(const struct run_message *run)
{
	const char *at = run->text + run->text_bytes - 1;
	while (at > run->text && at[-1] != '\0')
		at--;
	return at;
}

/* The other cell's init: ready, or made so now. */
static struct cell *fresh_cell(struct keeper *keeper, struct error *err)
{
	struct cell *cell = keeper->current == &keeper->cells[0] ? &keeper->cells[1] : &keeper->cells[0];
	if (cell->state == CELL_USED)
		cell_retire(cell);
	cell_reap(cell, true);
	if (cell->state == CELL_EMPTY && cell_prepare(keeper, cell, err) < 0)
		return NULL;
	if (cell->state == CELL_PREPARING && cell_wait_ready(keeper, cell, err) < 0) {
		cell_retire(cell);
		return NULL;
	}
	return cell;
}

static struct cell *choose_cell(struct keeper *keeper, const struct run_message *run, struct error *err)
{
	struct cell *current = keeper->current;
	if (run->session && current && current->state == CELL_USED && current->intact &&
	    current->session == run->session)
		return current;
	return fresh_cell(keeper, err);
}

static void fail(struct result_message *result, const struct error *err)
{
	result->code = err->code < 0 ? err->code : -EIO;
	snprintf(result->text, sizeof result->text, "%.255s", err->text);
}

static int collect(struct cell *cell, const struct run_message *run, struct result_message *result)
{
	const char *name = collect_name(run);
	struct error err = { 0 };
	int fd = -1;
	if (*name && result->code == 0 && result->outcome == BOX_EXITED && result->exit_code == 0)
		result->collected = files_collect(cell, name, run->collect_bytes, &fd, &err) == 0;
	return fd;
}

/* What nobody waits for: wipe, retire, prepare the next. */
static void tidy(struct keeper *keeper, struct cell *cell)
{
	struct cell *other = cell == &keeper->cells[0] ? &keeper->cells[1] : &keeper->cells[0];
	if (cell->state == CELL_USED && cell->session && !keeper->setup->one_id && files_wipe(cell))
		cell->intact = keeper->setup->cgroups->box_rebase(cell->group) == 0;
	else
		cell_retire(cell);
	keeper->current = cell;
	if (other->state == CELL_USED)
		cell_retire(other);
	if (other->state == CELL_EMPTY)
		cell_prepare(keeper, other, NULL);
}

/* The cell for a run, with its files in it; NULL with the reason in *result. */
static struct cell *make_ready(struct keeper *keeper, struct request *request, struct result_message *result)
{
	const struct run_message *run = &request->run;
	struct error err = { 0 };
	struct cell *cell = choose_cell(keeper, run, &err);
	if (cell && run->has_bundle && cell->session == 0 && files_place(cell, request->fds[3], &err) < 0) {
		cell_retire(cell);
		cell = NULL;
	}
	if (!cell)
		fail(result, &err);
	return cell;
}

/* The cell that it ran in; NULL with the reason in *result. An init may have died while nobody looked: then
 * another box does it. */
static struct cell *run_somewhere(struct keeper *keeper, struct request *request,
				  struct result_message *result)
{
	struct error err = { 0 };
	for (int tries = 0; tries < 2; tries++) {
		struct cell *cell = make_ready(keeper, request, result);
		if (!cell)
			return NULL;
		cell->session = request->run.session;
		if (keeper_run(keeper, cell, &request->run, request->fds, result))
			return cell;
	}
	error_set(&err, -EPIPE, "start a run: its init is gone");
	fail(result, &err);
	return NULL;
}

static void serve_run(struct keeper *keeper, struct request *request)
{
	const struct run_message *run = &request->run;
	struct result_message result = {
		.kind = RESULT_RUN,
		.sequence = run->sequence,
		.exit_code = -1,
		.processes_peak = BOX_UNKNOWN,
		.outcome = BOX_CANCELLED,
	};
	int64_t start_us = clock_monotonic_us();
	cleanup_fd int collected = -1;
	bool cancelled = run->sequence <= keeper->cancelled;
	struct cell *cell = cancelled ? NULL : run_somewhere(keeper, request, &result);
	if (cell)
		collected = collect(cell, run, &result);
	result.inside_us = clock_monotonic_us() - start_us;
	if (message_send(keeper->setup->client, &result, sizeof result, NULL, 0, &collected, collected >= 0) <
	    0)
		_exit(1); /* who waits for it hears the end of us */
	if (keeper->request_count == 1)
		sched_yield(); /* the worker was probably woken on this processor: its answer first, then our broom */
	if (cell)
		tidy(keeper, cell);
}

static void serve_requests(struct keeper *keeper, bool heard)
{
	struct stop_message stop; /* of a run that is over, or one still on its way: noted is enough */
	if (heard && requests_hear(keeper, 0, &stop) == HEARD_END)
		_exit(0); /* the lane is no longer wanted; all that is in it ends with this process */
	struct request *request = requests_first(keeper);
	if (!request)
		return;
	serve_run(keeper, request);
	requests_drop_first(keeper);
}

/* Ends and beginnings of inits that nobody waits for. */
static void tend_cells(struct keeper *keeper)
{
	for (size_t i = 0; i < BOXES_A_LANE; i++) {
		struct cell *cell = &keeper->cells[i];
		if (cell_reap(cell, false) &&
		    (cell != keeper->current || keeper->cells[1 - i].state == CELL_EMPTY))
			cell_prepare(keeper, cell, NULL);
	}
}

static _Noreturn void serve(struct keeper *keeper)
{
	for (;;) {
		struct pollfd events[1 + 2 * BOXES_A_LANE] = { { keeper->setup->client, POLLIN, 0 } };
		for (size_t i = 0; i < BOXES_A_LANE; i++) {
			const struct cell *cell = &keeper->cells[i];
			int ready = cell->state == CELL_PREPARING ? cell->socket : -1;
			int ended = cell->state == CELL_ENDING ? cell->pidfd : -1;
			events[1 + 2 * i] = (struct pollfd){ ready, POLLIN, 0 };
			events[2 + 2 * i] = (struct pollfd){ ended, POLLIN, 0 };
		}
		if (poll(events, sizeof events / sizeof events[0], keeper->request_count > 0 ? 0 : -1) < 0 &&
		    errno != EINTR && errno != ENOMEM)
			_exit(1);
		for (size_t i = 0; i < BOXES_A_LANE; i++)
			if (events[1 + 2 * i].revents && cell_wait_ready(keeper, &keeper->cells[i], NULL) < 0)
				cell_retire(&keeper->cells[i]);
		tend_cells(keeper);
		serve_requests(keeper, events[0].revents != 0);
	}
}

_Noreturn void keeper_main(struct keeper_setup *setup)
{
	struct keeper keeper = { .setup = setup };
	struct result_message said = { .kind = RESULT_LANE_READY };
	struct error err = { 0 };
	let_go(setup);
	prctl(PR_SET_NAME, "arena-keeper");
	said.code = set_up(&keeper, setup, &err);
	snprintf(said.text, sizeof said.text, "%.255s", err.text);
	if (message_send(setup->client, &said, sizeof said, NULL, 0, NULL, 0) < 0 || said.code < 0)
		_exit(1);
	serve(&keeper);
}
