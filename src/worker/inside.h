/* inside.h - what the files of the worker share.
 *
 * worker.c starts and stops; claim.c takes tasks; slot.c judges and reports; blobs.c brings test data;
 * heartbeat.c keeps the leases and hears which are lost; live.c tells what runs; service.c speaks to the execution
 * service; direct.c is all of that for a worker that belongs to one process; fit.c makes a report fit; health.c
 * answers for the worker. */
#pragma once

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/metrics.h"
#include "base/pool.h"
#include "judge/crew.h"
#include "judge/judge.h"
#include "net/client.h"
#include "net/server.h"
#include "worker/worker.h"

/* One task and the right to report on it; lives in its pool. */
struct assignment {
	struct pool *pool;
	int64_t job, submission_id;
	int attempt;
	const char *lease;
	const char *request_id; /* of the client's request, for the log; NULL: unknown */
	struct task task;
};

/* What is to be told of a task while it runs. Under the worker's lock. */
struct live {
	struct buffer output; /* of the run under way, at most PROGRESS_OUTPUT_BYTES */
	bool output_cut;
	size_t done, total;
	enum verdict *verdicts; /* `done` of them, in the assignment's pool */
	int64_t began_us;
	bool is_news; /* not told yet */
	bool over;    /* nobody wants to hear more of this task */
};

struct slot {
	struct worker *worker;
	pthread_t thread;
	bool runs;
	struct judge *judge;
	struct http_client *client;

	/* Under the worker's lock: */
	struct assignment *assignment; /* NULL: idle */
	bool judging;                  /* judge_run() is under way */
	bool lost;                     /* the lease is not ours any more: drop it */
	struct crew *crew;             /* whose tests others may run too; or NULL */
	bool helping;                  /* another slot's crew */
	struct live live;
};

struct worker {
	const struct config *config;
	const struct catalogue *catalogue;
	const char *const *services, *const *languages; /* as in worker.h */
	size_t service_count;
	atomic_size_t service; /* which one is spoken to */
	const char *ca_file, *token;
	char name[96];
	char session[UUID_TEXT_BYTES];

	struct slot *slots;
	size_t slot_count;
	struct http_client *claim_client, *beat_client;
	struct http_client *live_client;
	pthread_t claimer, beater, teller;
	bool claimer_runs, beater_runs, teller_runs;
	struct http_server *health;

	int direct;                  /* the socket of who gives us tasks; -1: the services do */
	pthread_mutex_t direct_lock; /* one message after the other */
	int direct_data;             /* where to ask for test data; -1 */
	pthread_mutex_t data_lock;   /* one question after the other */
	pthread_t hearer;
	bool hearer_runs;

	struct blobs *blobs;       /* test data; NULL: not cached */
	struct programs *programs; /* compiled ones; the same */

	pthread_mutex_t lock;
	pthread_cond_t changed;             /* any of what follows, or a slot */
	pthread_cond_t judges;              /* a slot judges while the teller sleeps; or the worker ends */
	bool teller_sleeps;                 /* nobody judges */
	bool stopping;                      /* claims nothing more */
	bool draining;                      /* hands back what is not done */
	bool finished;                      /* threads end */
	bool connected;                     /* the service answered last time */
	bool has_tried;                     /* there was a last time */
	int64_t lease_ms, report_max_bytes; /* as the service says */

	struct metrics *metrics;
};

/* health.c has the table. */
enum worker_metric {
	METRIC_CONNECTED,
	METRIC_SLOTS,
	METRIC_SLOTS_IDLE,
	METRIC_JUDGED, /* verdict */
	METRIC_RETURNED,
	METRIC_LOST,
	METRIC_HELPED,
	METRIC_TASK_TIME,
	METRIC_OVERHEAD_TIME,
	METRIC_COUNT,
};
extern const struct metric_spec worker_metrics[METRIC_COUNT];

enum { WORKER_PROTOCOL = 1 };

/* ---- worker.c: waiting; all with the lock held ---- */
/* Until something changes, or `until_us` (monotonic; 0: for ever). False when the time is over. */
bool worker_wait(struct worker *worker, int64_t until_us);
size_t worker_idle_slots(const struct worker *worker);

/* ---- claim.c ---- */
/* {"job", "lease", "task", ...}: NULL when it is not understood. */
struct assignment *assignment_read(const json_t *json, struct error *err);
/* Gives it to an idle slot; false when there is none. */
bool worker_assign(struct worker *worker, struct assignment *assignment);

/* ---- service.c ---- */
/* The replica that is spoken to at the moment. */
const char *service_url(const struct worker *worker);
int service_client(const struct worker *worker, struct http_client **client, struct error *err);
/* {"protocol", "session", "worker"}: what every message begins with. NULL when memory is out. */
json_t *service_message(const struct worker *worker);
/* Sends it to /internal/v1/`route`; the next message goes to the next replica when this one cannot take it. 0, *status and *reply (owned; NULL when the answer is no JSON); negative
 * when there was no answer. */
int service_post(struct worker *worker, struct http_client *client, const char *route, const json_t *message,
		 int64_t timeout_ms, int *status, json_t **reply, struct error *err);
/* Notes and, when it changes, logs whether the service can be reached. Takes the lock. */
void service_connected(struct worker *worker, bool connected, const char *why);

/* Growing pauses with jitter, so that many workers do not come back at once. */
struct backoff {
	int64_t pause_ms;
};
/* Waits with the lock held; false when the worker is finished. */
bool backoff_wait(struct worker *worker, struct backoff *backoff, int64_t max_ms);

/* ---- live.c ---- */
/* A task begins in this slot; with the lock held. And what becomes known of it. */
void live_begin(struct slot *slot);
void live_note_test(const struct report *so_far, size_t done, size_t total, void *context);
void live_note_output(const void *bytes, size_t size, void *context);

/* ---- direct.c ---- */
bool is_direct(const struct worker *worker);
int worker_direct_start(struct worker *worker, struct error *err);
void worker_direct_stop(struct worker *worker);
/* What service_post() does there: 0 and a status, as if a service had answered. */
int worker_direct_post(struct worker *worker, const char *route, const json_t *message, int *status,
		       struct error *err);
/* A descriptor, for reading, of the bytes with this name; negative. */
int worker_direct_data(struct worker *worker, const char *sha256, struct error *err);
/* This job holds no slot any more. */
void worker_direct_say_idle(struct worker *worker, int64_t job);

/* ---- threads: of the worker, of the worker, of the worker, of a slot ---- */
void *claim_main(void *argument);
void *heartbeat_main(void *argument);
void *live_main(void *argument);
void *slot_main(void *argument);
/* Lets idle slots run tests of this one's tasks too. */
void slot_share(struct slot *slot);
/* Says that no more tasks are wanted: the claim under way is answered at once. False when it could not be said. */
bool heartbeat_stop(struct worker *worker);
/* Says goodbye, so that the service need not wait for silence. */
void heartbeat_leave(struct worker *worker);

/* ---- fit.c ---- */
/* Encodes the report; output that would make it larger than `max_bytes` is cut, and said to be. */
int fit_report(struct report *report, bool judged, int64_t max_bytes, json_t **json, struct error *err);

/* ---- blobs.c ---- */
/* Opens the caches on the disk; a worker that can have none does without. */
void blobs_start(struct worker *worker);
/* Puts the bytes of the blobs that the task names into it, for as long as the assignment lives. */
int blobs_fill(struct slot *slot, struct assignment *assignment, struct error *err);

/* ---- health.c ---- */
int health_start(struct worker *worker, struct error *err);
