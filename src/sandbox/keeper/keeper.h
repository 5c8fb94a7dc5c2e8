/* keeper.h - the keeper: pid 1 of a lane's own pid namespace, root in the lane's user namespace only.
 *
 * It prepares inits ahead of time, places files, has programs run by the init, watches limits, reads
 * figures, wipes. It runs nothing of a submission's, parses nothing that a program wrote, and follows no
 * path in a box without openat2(2)'s RESOLVE_BENEATH.
 *
 * A cell is one init with its box: one of two places (and cgroups) a lane, used in turn.
 *
 *     EMPTY ─prepare─▶ PREPARING ─ready─▶ READY ─first run─▶ USED ─retire─▶ ENDING ─reaped─▶ EMPTY
 *                                                              └─ init lost ─▶ retire
 *
 * What one submission's runs share (pid, ipc and mount namespace, /box and /tmp) ends with the cell's init; what
 * could outlive one of them is listed in outlives.def, each with how it is ended, and tested.
 * What a lane keeps for its whole life, and why nothing crosses over:
 *     network namespace   has no address and no route; AF_UNIX names die with their sockets
 *     uts namespace       nobody in a box may set the name
 *     user namespace      one uid, all of whose processes are dead before the next run; keyrings are refused
 *     ipc (of the keeper) SysV and POSIX queues are refused in boxes, which have namespaces of their own
 *     cgroups             limits are written anew; figures are differences from a baseline */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../cgroup.h"
#include "../protocol.h"
#include "watch.h"

/* What the lane maker hands down by fork. */
struct keeper_setup {
	const struct cgroup_ops *cgroups;
	struct cgroup_lane lane;
	const struct sock_fprog *filter;
	const char
		*tree; /* where the prepared root is mounted; NULL: there are no namespaces (../restricted) */
	int client;    /* the worker's socket */
	int go;        /* a pipe: one byte when ids are mapped and cgroups entered; closed: give up */
	int cpu;       /* the processor of this lane's judged runs */
	bool one_id;   /* keeper, init and program are one user: no box serves for two runs */
};

enum cell_state { CELL_EMPTY, CELL_PREPARING, CELL_READY, CELL_USED, CELL_ENDING };

enum { WIPE_ENTRIES_MAX = 128 };

struct cell {
	enum cell_state state;
	struct cgroup_box *group;
	pid_t init;
	int pidfd, socket;
	int box_fd, tmp_fd; /* roots of the two tmpfs */
	int64_t disk_bytes; /* what they are limited to now */
	int inodes;
	bool pinned;      /* to the lane's processor */
	uint64_t session; /* whose files are placed */
	bool intact;      /* wiped, and the placed files are as they were placed */
	char *placed
		[WIPE_ENTRIES_MAX]; /* names of placed files and folders, owned; more of them: not intact */
	size_t placed_count;
};

/* A run that was asked for. */
struct request {
	int fds[MESSAGE_FDS_MAX]; /* its streams, and perhaps its bundle; owned */
	union {
		struct run_message run;
		struct stop_message stop;
		char bytes[sizeof(struct run_message) + RUN_TEXT_MAX];
	};
};

struct keeper {
	const struct keeper_setup *setup;
	struct cell cells[BOXES_A_LANE];
	struct watch watch;
	uint64_t cancelled;   /* runs up to this sequence are, also those that have not come yet */
	struct cell *current; /* the one that had the last run; may be NULL */
	size_t first_request, request_count; /* of requests.c's queue; the first may be under way */
};

/* The whole life; never returns. */
_Noreturn void keeper_main(struct keeper_setup *setup);

/* requests.c */
enum heard { HEARD_NOTHING, HEARD_RUN, HEARD_STOP, HEARD_END };
/* Takes one message from the worker: a run is queued, a stop is in *stop (and a cancellation noted). Waits
 * unless `flags` has MSG_DONTWAIT. What is not well-formed ends the lane. */
enum heard requests_hear(struct keeper *keeper, int flags, struct stop_message *stop);
struct request *requests_first(const struct keeper *keeper); /* NULL: none */
void requests_drop_first(struct keeper *keeper);
/* Whether a message of `size` bytes that came with `fd_count` descriptors is a run in every respect. */
bool request_is_run(const struct request *request, size_t size, size_t fd_count);

/* cell.c */
int cell_prepare(struct keeper *keeper, struct cell *cell, struct error *err);    /* starts; asynchronous */
int cell_wait_ready(struct keeper *keeper, struct cell *cell, struct error *err); /* waits */
void cell_retire(struct cell *cell);                                              /* kills its init */
bool cell_reap(struct cell *cell, bool wait);                                     /* ENDING → EMPTY */
int cell_resize(struct cell *cell, const struct limits *limits);
void cell_pin(struct keeper *keeper, struct cell *cell, const struct limits *limits);

/* files.c: all beneath a cell's two roots */
int files_place(struct cell *cell, int bundle_fd, struct error *err);
int files_collect(struct cell *cell, const char *name, int64_t limit_bytes, int *bundle_fd,
		  struct error *err);
/* Takes away all but the placed files; false when that is too much, or fails: the cell is to be replaced. */
bool files_wipe(struct cell *cell);
void files_forget(struct cell *cell);
/* Whether a file at the top of /box or /tmp was stopped at the file limit. */
bool files_at_limit(const struct cell *cell, int64_t file_bytes);

/* run.c: one run in a READY or USED cell */
/* False: its init was gone before, nothing has run, and the streams are still open: another cell may do it. */
bool keeper_run(struct keeper *keeper, struct cell *cell, const struct run_message *message, int streams[3],
		struct result_message *result);
