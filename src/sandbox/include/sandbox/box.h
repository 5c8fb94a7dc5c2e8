/* box.h - the sandbox: lanes, and boxes in them. The only public header of the layer.
 *
 * A box is one run of hostile code. A lane is a prepared place for boxes. `struct sandbox` is this
 * process's connection to the lane maker, the one process with root's rights (docs/architecture.md).
 *
 *     sandbox_open(&options, &sandbox, &err)
 *     lane_new(sandbox, &lane, &err)
 *     box_run(lane, &spec, &result, &err)      as often as wanted
 *     box_result_free(&result); lane_free(lane); sandbox_close(sandbox)
 *
 * Threads: a sandbox may be used by any thread; a lane by one at a time, except that box_cancel() may be
 * called by another while box_run() is under way. Strings and descriptors of a spec stay the caller's. */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"

struct sandbox;
struct lane;

/* ---- the connection ------------------------------------------------------------------------------ */

struct sandbox_options {
	const char *socket_path; /* of a running lane maker; NULL: start one */
	/* Host folders and files besides /usr that boxes see, read-only, NULL-ended: "HOST", or "HOST:BOX" where
	 * it has another path in boxes; both absolute. Used only when a lane maker is started here. */
	const char *const *visible;
	/* The lane maker to start, beside which arena-restricted is; NULL: sandbox_maker_program(). */
	const char *program;
	bool allow_restricted; /* where the better tiers cannot be had */
};

/* Where arena-lane-maker is: beside this program, or where it was installed. */
int sandbox_maker_program(char path[PATH_MAX], struct error *err);

/* For a process that is about to become one (`arena lanes`), with one thread: without root's rights a user
 * namespace in which it has them; and a control group in which lanes can be made. */
int sandbox_prepare_maker(struct error *err);

int sandbox_open(const struct sandbox_options *options, struct sandbox **sandbox, struct error *err);
void sandbox_close(struct sandbox *sandbox); /* after every lane of it was freed; NULL allowed */
/* Returns when the lane maker is gone, for good: nothing can be run any more. A cancellation point. */
void sandbox_wait_gone(const struct sandbox *sandbox);

enum sandbox_cgroup { SANDBOX_CGROUP_NONE, SANDBOX_CGROUP_V1, SANDBOX_CGROUP_V2 };

/* What the lane maker found; for logs and `arena doctor`. */
enum sandbox_cgroup sandbox_cgroup_version(const struct sandbox *sandbox);

/* What keeps boxes in, each less than the one before (docs/hosts.md). */
enum sandbox_tier {
	SANDBOX_FULL,
	SANDBOX_DELEGATED,  /* in a user namespace without root's rights; each lane has two ids of its own */
	SANDBOX_ONE_ID,     /* the same, and all lanes share the user's id; no box serves for two runs */
	SANDBOX_RESTRICTED, /* no namespaces, no cgroups */
	SANDBOX_TIERS,
};
enum sandbox_tier sandbox_tier(const struct sandbox *sandbox);
const char *sandbox_tier_name(enum sandbox_tier tier);
/* FULL, DELEGATED or RESTRICTED: what a lane maker started here would be; or why there can be none. */
int sandbox_choose_tier(bool allow_restricted, enum sandbox_tier *tier, struct error *err);

/* CPU time that all lanes of the lane maker used so far, keepers and preparations included; negative when
 * it cannot be had. */
int64_t sandbox_cpu_us(struct sandbox *sandbox);

/* ---- lanes --------------------------------------------------------------------------------------- */

/* Makes a lane: its keeper, its cgroups, and the first init ahead of time. */
int lane_new(struct sandbox *sandbox, struct lane **lane, struct error *err);
void lane_free(struct lane *lane); /* ends whatever runs in it; NULL allowed */

/* ---- one run ------------------------------------------------------------------------------------- */

/* Files travel in bundles: sealed memory files that hold names, modes and contents. A compiled program
 * collected from one box is placed into the next without being unpacked on this side. */
struct bundle_file {
	const char *name; /* relative; components of 1 to 255 bytes, no "." or "..", at most 16 deep */
	const void *data;
	size_t size;
	bool executable;
};
int bundle_make(const struct bundle_file *files, size_t count, int *bundle_fd, struct error *err);

/* Walks a bundle (checked as it goes: sizes within the file, names as above). `visit` returns 0 to go on;
 * pointers are valid only during the call. */
int bundle_visit(int bundle_fd, int (*visit)(const struct bundle_file *file, void *context), void *context,
		 struct error *err);

struct box_spec {
	const char *const *argv;        /* NULL-ended; argv[0] is looked up as it is: an absolute path */
	const char *const *environment; /* NULL-ended; NULL: none */
	const char *directory;          /* working directory; NULL: "/box" */

	/* Runs of one submission share a session, any number but 0: the box is wiped between them, its
	 * placed files stay. Another session, or 0, gets a box that nobody had before. */
	uint64_t session;
	int bundle_fd; /* files to place in /box, or -1 */

	/* stdin: the descriptor, or when that is -1, the bytes. */
	int stdin_fd;
	const void *stdin_data;
	size_t stdin_size;

	/* stdout and stderr: a descriptor each, or -1: collected, up to limits.output_bytes each. */
	int stdout_fd, stderr_fd;
	bool discard_excess; /* output past the cap is thrown away and the run goes on */
	/* Hears of stdout, where that is collected, as it is read: within box_end(), in its thread, up to the cap.
	 * The program may have to wait meanwhile. NULL: nobody. */
	void (*on_output)(const void *bytes, size_t size, void *context);
	void *output_context;

	/* A file or folder beneath /box to fetch when the program exited with 0; NULL: nothing. */
	const char *collect;
	int64_t collect_bytes; /* at most so much in all */

	/* Looked at once, when box_cancel() already reaches this run: whoever sets it and then calls
	 * box_cancel() ends the run, however early. NULL: none. */
	const atomic_bool *cancelled;

	struct limits limits;
};

enum box_outcome {
	BOX_EXITED,   /* exit_code says how */
	BOX_SIGNALED, /* signal says which */
	BOX_CPU_LIMIT,
	BOX_WALL_LIMIT,
	BOX_MEMORY_LIMIT, /* the out-of-memory killer acted in this run */
	BOX_OUTPUT_LIMIT,
	BOX_FILE_LIMIT, /* ended by SIGXFSZ, or failed with a file at the limit */
	BOX_CANCELLED,
	BOX_INTERNAL_ERROR, /* ours; nothing about the program is known */
};
const char *box_outcome_name(enum box_outcome outcome); /* "cpu_limit", ... as CONTRACT's `run.outcome` */

enum { BOX_UNKNOWN = -1 }; /* a figure that this host cannot give */

struct box_result {
	enum box_outcome outcome;
	int exit_code;     /* -1 unless the first process exited by itself */
	bool start_failed; /* box_run() failed because the kernel could not execute argv[0] */
	int signal;        /* 0 unless it was ended by one */
	int64_t cpu_user_us, cpu_system_us, cpu_us; /* all processes; cpu_us is what limits judge */
	int64_t wall_us;
	int64_t memory_bytes; /* peak: anonymous, shared, tmpfs, kernel; page cache and baseline taken off */
	int64_t processes_peak; /* or BOX_UNKNOWN */
	int64_t inside_us;      /* from the request's arrival in the keeper to the result's leaving it */

	char *stdout_data, *stderr_data; /* NUL-terminated; owned; NULL when a descriptor was given */
	size_t stdout_size, stderr_size;
	bool stdout_cut, stderr_cut;
	int collected_fd; /* bundle of what was collected, owned; -1: nothing (not exited with 0, or absent) */
};

/* Runs the program to its end. 0 when *result is complete, whatever the program did. Negative: the box
 * itself failed (BOX_INTERNAL_ERROR in result->outcome); the lane rebuilds itself before its next run.
 * exec(2) failures are -ENOENT, -EACCES, -ENOEXEC, ... with the program named. */
int box_run(struct lane *lane, const struct box_spec *spec, struct box_result *result, struct error *err);

/* The same in two steps, so that a lane goes on with the next run while the caller looks at the last one's
 * result: up to BOX_AHEAD_MAX runs may have begun and not ended (-EBUSY beyond). They run one after the other, in
 * the order in which they were begun, and box_end() gives the results in that order. What a spec points to
 * need not outlive box_begin(), its descriptors and `cancelled` excepted. A run that could not begin has no end. */
enum { BOX_AHEAD_MAX = 8 };
int box_begin(struct lane *lane, const struct box_spec *spec, struct error *err);
int box_end(struct lane *lane, struct box_result *result, struct error *err); /* -ENOENT: none has begun */

/* Ends every run that has begun in `lane` with BOX_CANCELLED; does nothing when there is none. Any thread. */
void box_cancel(struct lane *lane);

void box_result_free(struct box_result *result); /* zeroed results allowed */

/* ---- what the host gives (arena doctor) ---------------------------------------------------------- */

struct host_check {
	const char *name; /* "cgroup memory", "user namespaces", ... */
	bool ok;
	bool required; /* without it the main job cannot run */
	char found[160];
	char advice[240]; /* what to do about it; "" when ok */
};
enum { HOST_CHECKS_MAX = 32 };
size_t sandbox_check_host(struct host_check checks[HOST_CHECKS_MAX]);

/* What each of the three tiers lacks here, and costs. Asks the kernel by trying. */
struct host_tier {
	const char *name;
	bool available;
	char missing[ERROR_TEXT_BYTES];
	char advice[480]; /* how to get it */
	char cost[400];   /* what it gives less; "" when nothing is to be said */
};
enum { HOST_TIERS = 3 };
void sandbox_check_tiers(struct host_tier tiers[HOST_TIERS]);
