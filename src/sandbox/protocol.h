/* protocol.h - what the four kinds of process say to each other.
 *
 *   worker ──maker_request──▶ lane maker        one SOCK_SEQPACKET socket a worker; the answer carries the
 *          ◀──maker_reply───                    lane's socket
 *   worker ──run_message────▶ keeper            one SOCK_SEQPACKET socket a lane
 *          ◀──result_message─
 *   keeper ──run_message────▶ init              the same bytes, with the three streams
 *          ◀──ended_message──
 *
 * Fixed sizes, one version number, native byte order: both ends are this very binary, or the maker of the
 * same version. Every receiver checks the size and every number itself. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/limits.h"

enum {
	PROTOCOL_VERSION = 1,
	RUN_TEXT_MAX = 64 * 1024, /* arguments, environment, folder and collect name, with their NULs */
	RUN_STRINGS_MAX = 1024,   /* of these strings */
	RUNS_AHEAD_MAX = 8, /* requests of a worker that have no result yet, the one under way included */
	MESSAGE_TEXT_BYTES = 256,
	BUNDLE_FILES_MAX = 4096,
	BUNDLE_DEPTH_MAX = 16,
	BUNDLE_NAME_MAX = 1024,
};

/* ---- worker and lane maker ---- */

enum {
	LANE_MAKER_FD = 3, /* its socket, when a client starts it */
	VISIBLE_MAX = 64,  /* folders besides /usr that boxes see */
};

enum maker_kind { MAKER_HELLO = 1, MAKER_LANE = 2 };

struct maker_request {
	uint32_t version;
	uint32_t kind;
};

struct maker_reply {
	uint32_t version;
	int32_t code;    /* 0, or a negative errno with `text` */
	uint32_t cgroup; /* enum sandbox_cgroup */
	uint32_t tier;   /* enum sandbox_tier */
	int64_t cpu_us;  /* of all lanes so far; negative: unknown */
	char text[MESSAGE_TEXT_BYTES];
};

/* ---- worker and keeper, keeper and init ---- */

enum run_kind {
	RUN_START = 1,  /* run_message with stdin, stdout, stderr and perhaps a bundle */
	RUN_CANCEL = 2, /* stop_message: the caller wants the run to end */
	RUN_FLOOD = 3,  /* stop_message: a stream is over its cap */
	RUN_KILL = 4,   /* keeper to init, stop_message */
};

struct stop_message {
	uint32_t kind;
	uint32_t reserved;
	uint64_t sequence; /* of the run that is meant; RUN_CANCEL means those before it too */
};

struct run_message {
	uint32_t kind;
	uint32_t version;
	uint64_t sequence; /* grows with every run of the lane */
	uint64_t session;  /* 0: a box of its own */
	struct limits limits;
	int64_t collect_bytes;
	uint32_t has_bundle; /* the fourth descriptor; placed where the session has not had it yet */
	uint32_t argument_count, environment_count;
	uint32_t text_bytes;
	char text[]; /* arguments, environment, folder, name to collect ("": none); each NUL-terminated */
};

enum result_kind {
	RESULT_LANE_READY = 1, /* first message of a keeper; code < 0: it could not set itself up */
	RESULT_RUN = 2,
};

struct result_message {
	uint32_t kind;
	int32_t code; /* negative: the box failed, or exec did, with `text` */
	uint64_t sequence;
	int32_t outcome; /* enum box_outcome; an output limit is the worker's to know */
	int32_t exit_code, signal;
	int32_t collected;    /* a descriptor comes along */
	int32_t start_failed; /* `code` is exec's */
	int64_t cpu_us, cpu_system_us, wall_us, memory_bytes, processes_peak, inside_us;
	char text[MESSAGE_TEXT_BYTES];
};

enum ended_kind { ENDED_READY = 1, ENDED_RUN = 2, ENDED_FAILED = 3 };

struct ended_message {
	uint32_t kind;
	int32_t code;        /* of ENDED_FAILED; of ENDED_RUN: 0, or exec's negative errno */
	int32_t wait_status; /* of the first process, as wait(2) gives it */
	int32_t step;        /* of ENDED_FAILED: which step, for the message */
	uint64_t sequence;
	int64_t wall_us;
	int64_t system_us, total_us; /* as the kernel charged the processes that were reaped */
};

/* ---- sending and receiving ---- */

enum { MESSAGE_FDS_MAX = 4 };

/* One message, with descriptors. 0 or -errno. Never SIGPIPE. */
int message_send(int socket, const void *head, size_t head_size, const void *tail, size_t tail_size,
		 const int *fds, size_t fd_count);

/* One message into `bytes`; its size, 0 at the end of the stream, or -errno (-EAGAIN with MSG_DONTWAIT in
 * `flags`, -EMSGSIZE when it was larger). Descriptors are close-on-exec; *fd_count says how many came, the
 * rest of fds[MESSAGE_FDS_MAX] is -1. The caller owns them, also of a message that it dislikes. */
ssize_t message_receive(int socket, void *bytes, size_t size, int flags, int fds[MESSAGE_FDS_MAX],
			size_t *fd_count);

void message_close_fds(int fds[MESSAGE_FDS_MAX]);

/* Splits `text` into `count` NUL-terminated strings that fill it exactly. 0 or -EINVAL. */
int message_split(char *text, size_t size, const char **strings, size_t count);
