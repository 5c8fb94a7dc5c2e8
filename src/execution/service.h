/* service.h - what the files of the execution service share.
 *
 * Which file does what: execution.c starts and stops; routes.c is the table of routes and what every request
 * must pass, access.c who may; submissions.c, batch.c, contests.c, keys.c, queue_api.c, workers.c, health.c
 * answer requests, one file a resource; request.c decodes, render.c encodes; lifecycle.c and work.c change submissions, each function one
 * transaction; transition.c is the only place where a submission's state changes; store.c reads; sessions.c
 * remembers the workers; dispatch.c claims for those that wait. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/bus.h"
#include "db/db.h"
#include "db/gather.h"
#include "execution/execution.h"
#include "net/server.h"
#include "queue/queue.h"
#include "sessions.h"

struct execution {
	const struct config *config;
	const struct offered_language *languages;
	size_t language_count;
	const char *worker_token;  /* "" for none: workers then have keys */
	const char *backend_token; /* the same of the backend */
	bool keys_needed;
	int64_t started_us;

	struct db *db;
	struct queue_marks *marks;
	struct db_gather *finishes;           /* results, as they arrive */
	struct dispatcher *dispatcher;        /* dispatch.h */
	struct db_bus *bus;                   /* carries wakes to the other replicas */
	_Atomic(struct http_server *) server; /* its handlers may run before it is here */
	struct sessions *sessions;
	struct metrics *metrics;
	struct deliveries *deliveries; /* delivery.h */
	struct key_cache *keys;
	struct http_route *routes;
	struct blobs *blobs;
	struct rate_limits *rates;
	atomic_bool disk_low; /* at the last look */

	pthread_t reaper;
	bool reaper_runs;
	pthread_mutex_t lock; /* of `stopping` */
	pthread_cond_t wake_reaper;
	bool stopping;
};

/* ---- keys of http_park() and http_wake() ---- */
#define KEY_JOBS "jobs" /* not parked under: there are jobs for who claims (dispatch.h) */
enum { KEY_BYTES = 96 };
const char *key_submission(int64_t submission_id, char key[KEY_BYTES]); /* clients that wait for its end */
const char *key_live(int64_t submission_id, char key[KEY_BYTES]);       /* those that watch it */
const char *key_session(const char *session, char key[KEY_BYTES]);      /* a worker's heartbeat */
const char *key_claim(const char *session, char key[KEY_BYTES]);        /* its claim */

/* Runs what is parked there again, at every replica; nothing while the server is not there yet. */
void execution_wake(struct execution *service, const char *key);

/* ---- reply.c: http_server_options.reply_error ---- */
void execution_reply_error(struct http_exchange *x, int status, const char *text);

/* ---- the reaper (work.c's hands, once a second) ---- */
int reaper_start(struct execution *service, struct error *err);
void reaper_stop(struct execution *service);

/* ---- handlers, by file ---- */
/* health.c */
void health(struct http_exchange *x);
void health_ready(struct http_exchange *x);
/* metrics.c */
void metrics_get(struct http_exchange *x);
/* webhooks.c */
void webhook_list(struct http_exchange *x);
void webhook_get(struct http_exchange *x);
void webhook_replay(struct http_exchange *x);
/* submissions.c */
void submission_post(struct http_exchange *x);
void submission_get(struct http_exchange *x);
void submission_list(struct http_exchange *x);
void submission_execute(struct http_exchange *x);
/* live.c */
void submission_events(struct http_exchange *x);
void submission_ws(struct http_exchange *x);
void queue_job_events(struct http_exchange *x);
void queue_job_ws(struct http_exchange *x);
/* batch.c */
void submission_post_batch(struct http_exchange *x);
void submission_get_batch(struct http_exchange *x);
/* contests.c */
void contest_post(struct http_exchange *x);
void contest_get_list(struct http_exchange *x);
void contest_get(struct http_exchange *x);
void contest_put(struct http_exchange *x);
void contest_delete_one(struct http_exchange *x);
/* blobs.c */
void blob_put_one(struct http_exchange *x);
void blob_head(struct http_exchange *x);
void blob_get(struct http_exchange *x);
/* keys.c */
void key_post(struct http_exchange *x);
void key_get_list(struct http_exchange *x);
void key_delete(struct http_exchange *x);
/* queue_api.c */
void queue_execute(struct http_exchange *x);
void queue_job_get(struct http_exchange *x);
void queue_job_delete(struct http_exchange *x);
void queue_stats(struct http_exchange *x);
void queue_languages(struct http_exchange *x);
/* dead_letters.c */
void dead_letter_list(struct http_exchange *x);
void dead_letter_get(struct http_exchange *x);
void dead_letter_requeue(struct http_exchange *x);
/* worker_list.c */
void worker_list(struct http_exchange *x);
/* workers.c */
void worker_claim(struct http_exchange *x);
void worker_heartbeat(struct http_exchange *x);
void worker_progress(struct http_exchange *x);
void worker_finish(struct http_exchange *x);
void worker_return(struct http_exchange *x);
