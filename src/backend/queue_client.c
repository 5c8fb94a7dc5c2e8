/* The conversation with the queue service.
 *
 * One thread moves all runs: what libcurl's thread (net/outbound) hears is put on a list for it, and it sleeps until
 * there is something, or until the next run or look at the service's health is due. A request cannot be taken back:
 * that of a run which is over goes on without it, and when it was the one that submitted, the job it made is
 * cancelled as soon as its id is known. */
#include "queue_client.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "net/outbound.h"
#include "queue_breaker.h"

enum {
	RUNS_MAX = 1000,
	WAIT_MAX_MS = 20000,
	WAIT_MIN_MS = 50,
	SLEEP_MAX_US = 1000000,
	BUSY_PAUSE_S = 5, /* when a busy service does not say how long */
	HEADER_BYTES = 1024,
	ANSWER_SLACK_BYTES = 1 << 20,
	FAREWELL_US = 1000000, /* for what is still to be cancelled when we stop */
};

enum question { SUBMIT, ASK, CANCEL, HEALTH };

/* One request on its way, or its answer. */
struct asking {
	struct queue_client *client;
	struct asking *next;
	enum question question;
	struct queue_run *run; /* NULL: nobody waits for it any more */
	struct outbound_result result;
	struct buffer body;
	char why[QUEUE_WHY_BYTES];
};

struct queue_client {
	const struct config *config;
	char url[1024], bearer[HEADER_BYTES];
	struct outbound_options options;
	struct outbound *outbound;
	pthread_t thread;
	bool runs_thread;

	pthread_mutex_t lock;
	pthread_cond_t news; /* monotonic */
	bool stopping;
	struct queue_run *runs, *ended; /* `ended`: cancelled before they began */
	int64_t count;
	int64_t owed; /* requests under way that make a job, or cancel one */
	struct asking *answers, **last_answer;
	struct queue_breaker breaker;
	bool lacks_judge; /* it does not know this form: until its health is looked at after a failure */
	bool said_away;   /* in the log */
	char away[QUEUE_WHY_BYTES]; /* why it was left alone last */
};

/* ---- requests ---- */

static void free_asking(struct asking *asking)
{
	buffer_free(&asking->body);
	free(asking);
}

/* In the outbound's thread. */
static void hear(void *context, const struct outbound_result *result)
{
	struct asking *asking = context;
	struct queue_client *client = asking->client;

	asking->result = *result;
	snprintf(asking->why, sizeof asking->why, "%s", result->why);
	buffer_append(&asking->body, result->body, result->body_size);
	pthread_mutex_lock(&client->lock);
	asking->next = NULL;
	*client->last_answer = asking;
	client->last_answer = &asking->next;
	pthread_cond_signal(&client->news);
	pthread_mutex_unlock(&client->lock);
}

static const char *const methods[] = {
	[SUBMIT] = "POST",
	[ASK] = "GET",
	[CANCEL] = "DELETE",
	[HEALTH] = "GET",
};

static int submit(struct asking *asking, const char *path, struct error *err)
{
	struct queue_client *client = asking->client;
	const struct queue_run *run = asking->run;
	cleanup_buffer struct buffer url = { 0 };
	char request_id[HEADER_BYTES], once[64];
	const char *headers[5] = { NULL };
	size_t count = 0;

	if (*client->bearer)
		headers[count++] = client->bearer;
	if (run && run->request_id) {
		snprintf(request_id, sizeof request_id, "X-Request-Id: %s", run->request_id);
		headers[count++] = request_id;
	}
	if (run && asking->question == SUBMIT) {
		/* libcurl sends a request again when a connection breaks that was open before. */
		snprintf(once, sizeof once, "Idempotency-Key: %s", run->key);
		headers[count++] = once;
		headers[count++] = "Content-Type: application/json";
	}
	buffer_printf(&url, "%s%s", client->url, path);
	if (url.failed)
		return error_set(err, -ENOMEM, "out of memory");
	const struct outbound_request request = {
		.method = methods[asking->question],
		.url = url.data,
		.headers = headers,
		.body = asking->question == SUBMIT ? run->body : NULL,
		.body_size = asking->question == SUBMIT ? run->body_size : 0,
		.allow_private = true, /* the operator's own word */
	};
	return outbound_submit(client->outbound, &request, hear, asking, err);
}

static bool is_owed(enum question question)
{
	return question == SUBMIT || question == CANCEL;
}

/* Its answer comes by the list, also when it could not be sent. With the lock held. */
static struct asking *ask(struct queue_client *client, enum question question, struct queue_run *run,
			  const char *path)
{
	struct asking *asking = calloc(1, sizeof *asking);
	struct error err = { 0 };

	if (!asking)
		return NULL;
	*asking = (struct asking){ .client = client, .question = question, .run = run };
	if (submit(asking, path, &err) == 0) {
		client->owed += is_owed(question);
		return asking;
	}
	free(asking);
	log_warning("a request to the queue service could not be made", LOG_TEXT("why", err.text));
	return NULL;
}

static void cancel_job(struct queue_client *client, const char *id)
{
	char path[64 + QUEUE_JOB_ID_BYTES];

	if (!*id)
		return;
	snprintf(path, sizeof path, "/api/jobs/%s", id);
	ask(client, CANCEL, NULL, path);
}

/* ---- the end of a run; with the lock held, which done() is called without ---- */

static void take_out(struct queue_client *client, struct queue_run *run)
{
	for (struct queue_run **slot = &client->runs; *slot; slot = &(*slot)->next) {
		if (*slot != run)
			continue;
		*slot = run->next;
		client->count--;
		break;
	}
	if (run->asking)
		run->asking->run = NULL;
	run->asking = NULL;
}

static void tell(struct queue_client *client, struct queue_run *run, const struct queue_end *end)
{
	pthread_mutex_unlock(&client->lock);
	run->done(run, end);
	pthread_mutex_lock(&client->lock);
}

/* It is said once that it is away, and once that it is back. */
static void note(struct queue_client *client, enum queue_sign sign, int64_t pause_us, const char *why)
{
	queue_breaker_note(&client->breaker, sign, pause_us, clock_monotonic_us());
	if (client->breaker.state == QUEUE_OPEN && *why)
		snprintf(client->away, sizeof client->away, "%s", why);
	if (client->breaker.state == QUEUE_OPEN && !client->said_away) {
		client->said_away = true;
		log_warning("[EXEC-SERVICE] Queue service unavailable", LOG_TEXT("why", why));
	}
	if (client->breaker.state == QUEUE_CLOSED && client->said_away) {
		client->said_away = false;
		log_info("[EXEC-SERVICE] Queue service available again");
	}
}

static void fail(struct queue_client *client, struct queue_run *run, enum queue_sign sign, int64_t pause_us,
		 const char *why)
{
	struct pool *none = NULL;

	take_out(client, run);
	cancel_job(client, run->id);
	note(client, sign, pause_us, why);
	tell(client, run, &(struct queue_end){ .code = -EIO, .pool = &none, .why = why });
}

static void end_cancelled(struct queue_client *client, struct queue_run *run)
{
	struct pool *none = NULL;

	take_out(client, run);
	cancel_job(client, run->id);
	queue_breaker_note(&client->breaker, QUEUE_NOTHING, 0, clock_monotonic_us());
	tell(client, run,
	     &(struct queue_end){ .code = -ECANCELED, .pool = &none, .why = "The run was cancelled" });
}

static void succeed(struct queue_client *client, struct queue_run *run, struct queue_job *job,
		    struct pool **pool)
{
	take_out(client, run);
	note(client, QUEUE_GOOD, 0, "");
	tell(client, run, &(struct queue_end){ .pool = pool, .report = job->report, .why = "" });
}

/* ---- answers; with the lock held ---- */

/* What an answer without a job in it says of the service: false when it is an answer. */
static bool refusal_of(const struct asking *asking, enum queue_sign *sign, int64_t *pause_us,
		       char why[QUEUE_WHY_BYTES])
{
	const struct outbound_result *result = &asking->result;
	int status = result->status;

	*sign = QUEUE_BAD;
	*pause_us = 0;
	if (result->end == OUTBOUND_TIMEOUT)
		snprintf(why, QUEUE_WHY_BYTES, "the queue service did not answer in time");
	else if (result->end != OUTBOUND_ANSWERED)
		snprintf(why, QUEUE_WHY_BYTES, "the queue service cannot be reached: %s", asking->why);
	else if (status >= 200 && status < 300)
		return false;
	else if (status == 401 || status == 403)
		snprintf(why, QUEUE_WHY_BYTES,
			 "the queue service answered with %d: CODE_EXECUTION_SERVICE_KEY is not a key of its "
			 "own",
			 status);
	else
		snprintf(why, QUEUE_WHY_BYTES, "the queue service answered with %d", status);
	if (result->end != OUTBOUND_ANSWERED)
		return true;
	bool lost = status == 404 && (asking->question == ASK || (asking->run && asking->run->has_data));
	if (status == 400 || status == 413 || status == 415 || status == 422 || lost)
		*sign = QUEUE_UNSUITED;
	if (status == 429)
		*sign = QUEUE_BUSY;
	*pause_us = 1000000 * (result->retry_after_s > 0 ? result->retry_after_s : BUSY_PAUSE_S);
	return true;
}

/* The pause between two questions, unless the service made it itself by waiting. */
static void ask_later(struct queue_client *client, struct queue_run *run)
{
	run->next_us = run->asked_us + client->config->queue_poll_ms * 1000;
}

static void note_misfit(struct queue_client *client, struct queue_run *run, const struct queue_job *job,
			const char *why)
{
	bool lacks_judge = run->needs_judge && job->misses_tests;

	if (lacks_judge && !client->lacks_judge)
		log_warning(
			"[EXEC-SERVICE] The queue service does not know the form \"judge\": what needs it "
			"is run directly");
	client->lacks_judge = client->lacks_judge || lacks_judge;
	fail(client, run, lacks_judge ? QUEUE_UNSUITED : QUEUE_BAD, 0, why);
}

static void note_answer(struct queue_client *client, struct queue_run *run, const struct asking *asking)
{
	cleanup_pool struct pool *pool = pool_new();
	bool submitted = asking->question == SUBMIT;
	struct queue_job job = { 0 };
	struct error err = { .text = "out of memory" };
	char why[QUEUE_WHY_BYTES];

	int code = !pool || asking->body.failed ? -ENOMEM
		   : submitted ? queue_answer_submitted(buffer_text(&asking->body), asking->body.size,
							&run->asked, pool, &job, &err)
			       : queue_answer_job(buffer_text(&asking->body), asking->body.size, &run->asked,
						  pool, &job, &err);
	if (submitted)
		memcpy(run->id, job.id, sizeof run->id);
	if (code < 0) {
		note_misfit(client, run, &job, err.text);
	} else if (job.state == QUEUE_JOB_FAILED) {
		run->id[0] = '\0'; /* nothing is left to be cancelled */
		snprintf(why, sizeof why, "the job failed: %s", job.reason);
		fail(client, run, QUEUE_UNSUITED, 0, why);
	} else if (job.state == QUEUE_JOB_COMPLETED) {
		succeed(client, run, &job, &pool);
	} else if (run->progress && job.has_progress && job.progress.done > run->seen) {
		run->seen =
			job.progress
				.done; /* and is asked for again at once: for the next tests, or the end */
		pthread_mutex_unlock(&client->lock);
		run->progress(run, &job.progress);
		pthread_mutex_lock(&client->lock);
	} else if (!submitted) {
		ask_later(client, run);
	}
}

/* A job that was made after all, for somebody who has gone. */
static void note_orphan(struct queue_client *client, const struct asking *asking)
{
	cleanup_pool struct pool *pool = pool_new();
	struct queue_job job = { 0 };

	if (pool && asking->question == SUBMIT && asking->result.end == OUTBOUND_ANSWERED &&
	    queue_answer_submitted(buffer_text(&asking->body), asking->body.size, &(struct queue_asked){ 0 },
				   pool, &job, NULL) == 0)
		cancel_job(client, job.id);
}

/* Health alone does not close the breaker: a run that goes well does. */
static void note_health(struct queue_client *client, const struct asking *asking)
{
	bool was_open = client->breaker.state == QUEUE_OPEN;
	enum queue_sign sign;
	int64_t pause_us;
	char why[QUEUE_WHY_BYTES];
	bool healthy = !refusal_of(asking, &sign, &pause_us, why);

	queue_breaker_note_probe(&client->breaker, healthy, clock_monotonic_us());
	if (healthy && was_open && client->breaker.state != QUEUE_OPEN) {
		client->lacks_judge = false; /* it may be another by now */
		log_info("[EXEC-SERVICE] Queue service answers again: one run is tried");
	}
	if (!healthy)
		note(client, QUEUE_NOTHING, 0, why);
}

static void note_one(struct queue_client *client, struct asking *asking)
{
	struct queue_run *run = asking->run;
	enum queue_sign sign;
	int64_t pause_us;
	char why[QUEUE_WHY_BYTES];

	if (asking->question == HEALTH) {
		note_health(client, asking);
	} else if (!run) {
		note_orphan(client, asking);
	} else {
		run->asking = NULL;
		if (refusal_of(asking, &sign, &pause_us, why))
			fail(client, run, sign, pause_us, why);
		else
			note_answer(client, run, asking);
	}
}

static void note_all(struct queue_client *client)
{
	for (struct asking *asking; (asking = client->answers);) {
		client->answers = asking->next;
		if (!client->answers)
			client->last_answer = &client->answers;
		client->owed -= is_owed(asking->question);
		note_one(client, asking);
		free_asking(asking);
	}
}

/* ---- what is due; with the lock held ---- */

static int64_t wait_ms(const struct queue_client *client, const struct queue_run *run, int64_t now_us)
{
	int64_t wait = client->config->queue_timeout_ms * 8 / 10, left = (run->until_us - now_us) / 1000;

	if (wait > WAIT_MAX_MS)
		wait = WAIT_MAX_MS;
	if (wait > left)
		wait = left;
	return wait > WAIT_MIN_MS ? wait : WAIT_MIN_MS;
}

static void ask_for_job(struct queue_client *client, struct queue_run *run, int64_t now_us)
{
	char path[64 + QUEUE_JOB_ID_BYTES];
	double seconds = (double)wait_ms(client, run, now_us) / 1000;

	int size = snprintf(path, sizeof path, "/api/jobs/%s?wait=%.3f", run->id, seconds);
	if (run->progress)
		snprintf(path + size, sizeof path - (size_t)size, "&seen=%zu", run->seen);
	run->asked_us = now_us;
	run->asking = ask(client, ASK, run, path);
}

/* True when the run is not there any more. */
static bool move_on(struct queue_client *client, struct queue_run *run, int64_t now_us)
{
	if (run->cancelled || client->stopping) {
		end_cancelled(client, run);
		return true;
	}
	if (now_us >= run->until_us) {
		fail(client, run, run->patience_ms > 0 ? QUEUE_UNSUITED : QUEUE_BAD, 0,
		     "the job did not end within EXECUTION_MAX_POLL_TIME");
		return true;
	}
	if (run->asking || now_us < run->next_us)
		return false;
	if (*run->id)
		ask_for_job(client, run, now_us);
	else
		run->asking = ask(client, SUBMIT, run, "/api/execute");
	if (run->asking)
		return false;
	fail(client, run, QUEUE_UNSUITED, 0, "the request could not be made");
	return true;
}

/* done() may change the list: from the start again after each end. */
static void move_all(struct queue_client *client)
{
	struct queue_run *run = client->runs;

	while (run)
		run = move_on(client, run, clock_monotonic_us()) ? client->runs : run->next;
}

static void look_at_health(struct queue_client *client)
{
	int64_t now_us = clock_monotonic_us();

	if (client->stopping || !queue_breaker_probes(&client->breaker, now_us))
		return;
	if (!ask(client, HEALTH, NULL, "/health"))
		queue_breaker_note_probe(&client->breaker, false, now_us);
}

static void sleep_until_due(struct queue_client *client)
{
	int64_t now_us = clock_monotonic_us(), until_us = now_us + SLEEP_MAX_US;

	for (const struct queue_run *run = client->runs; run; run = run->next) {
		int64_t due_us = run->asking || run->until_us < run->next_us ? run->until_us : run->next_us;

		if (run->cancelled)
			due_us = now_us;
		if (due_us < until_us)
			until_us = due_us;
	}
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
	if (!client->answers && !client->stopping && until_us > now_us)
		pthread_cond_timedwait(&client->news, &client->lock, &until);
}

/* Runs that were given up leave jobs behind: of those whose id comes only now, too. */
static void say_farewell(struct queue_client *client)
{
	int64_t until_us = clock_monotonic_us() + FAREWELL_US;
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
	int code = 0;

	while (client->owed > 0 && code == 0) {
		if (!client->answers)
			code = pthread_cond_timedwait(&client->news, &client->lock, &until);
		note_all(client);
	}
}

static void *client_main(void *argument)
{
	struct queue_client *client = argument;

	pthread_mutex_lock(&client->lock);
	while (!client->stopping || client->runs) {
		note_all(client);
		move_all(client);
		look_at_health(client);
		sleep_until_due(client);
	}
	say_farewell(client);
	pthread_mutex_unlock(&client->lock);
	return NULL;
}

/* ---- for the runner ---- */

bool queue_client_admits(struct queue_client *client, bool needs_judge, char why[QUEUE_WHY_BYTES])
{
	const char *text = NULL;

	pthread_mutex_lock(&client->lock);
	if (client->stopping || client->count >= RUNS_MAX)
		text = "the queue service has too many of our runs already";
	else if (needs_judge && client->lacks_judge)
		text = "the queue service does not know the form \"judge\"";
	else if (!queue_breaker_admits(&client->breaker))
		text = client->away;
	if (text)
		snprintf(why, QUEUE_WHY_BYTES, "%s", text);
	pthread_mutex_unlock(&client->lock);
	return !text;
}

void queue_client_submit(struct queue_client *client, struct queue_run *run)
{
	pthread_mutex_lock(&client->lock);
	run->id[0] = '\0';
	random_uuid(run->key);
	run->asking = NULL;
	run->next_us = clock_monotonic_us();
	run->until_us = run->next_us +
			(run->patience_ms > 0 ? run->patience_ms : client->config->queue_max_poll_ms) * 1000;
	bool stopping = client->stopping;
	if (!stopping) {
		run->next = client->runs;
		client->runs = run;
		client->count++;
	}
	pthread_cond_signal(&client->news);
	pthread_mutex_unlock(&client->lock);
	if (stopping)
		run->done(run, &(struct queue_end){ .code = -ECANCELED,
						    .pool = &(struct pool *){ NULL },
						    .why = "The backend stops" });
}

void queue_client_cancel(struct queue_client *client, struct queue_run *run)
{
	pthread_mutex_lock(&client->lock);
	run->cancelled = true;
	pthread_cond_signal(&client->news);
	pthread_mutex_unlock(&client->lock);
}

void queue_client_look(struct queue_client *client, struct queue_status *status)
{
	pthread_mutex_lock(&client->lock);
	*status = (struct queue_status){
		.available = client->breaker.answers && client->breaker.state != QUEUE_OPEN,
		.breaker = queue_breaker_name(client->breaker.state),
		.running = client->count,
	};
	pthread_mutex_unlock(&client->lock);
}

/* ---- its life ---- */

static int name_service(struct queue_client *client, struct error *err)
{
	const struct config *config = client->config;
	size_t size = strlen(config->queue_url);

	while (size > 0 && config->queue_url[size - 1] == '/')
		size--;
	if (size >= sizeof client->url)
		return error_set(err, -ENAMETOOLONG, "EXECUTION_QUEUE_URL is too long");
	snprintf(client->url, sizeof client->url, "%.*s", (int)size, config->queue_url);
	if (*config->service_key &&
	    snprintf(client->bearer, sizeof client->bearer, "Authorization: Bearer %s",
		     config->service_key) >= (int)sizeof client->bearer)
		return error_set(err, -ENAMETOOLONG, "CODE_EXECUTION_SERVICE_KEY is too long");
	return 0;
}

/* Its own breaker stays out of it: ours knows more. */
static int open_outbound(struct queue_client *client, struct error *err)
{
	client->options = (struct outbound_options){
		.user_agent = "CodeArena/" ARENA_VERSION,
		.per_destination = RUNS_MAX,
		.total = RUNS_MAX,
		.timeout_ms = client->config->queue_timeout_ms,
		.response_max_bytes = 4 * (size_t)client->config->http_body_bytes + ANSWER_SLACK_BYTES,
		.failures = INT_MAX,
		.pause_ms = 1,
		.pause_max_ms = 1,
	};
	return outbound_start(&client->options, &client->outbound, err);
}

int queue_client_start(const struct config *config, struct queue_client **ret_client, struct error *err)
{
	struct queue_client *client = calloc(1, sizeof *client);
	pthread_condattr_t attributes;

	if (!client)
		return error_set(err, -ENOMEM, "out of memory");
	client->config = config;
	client->last_answer = &client->answers;
	pthread_mutex_init(&client->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&client->news, &attributes);
	pthread_condattr_destroy(&attributes);
	int code = name_service(client, err);
	if (code == 0)
		code = open_outbound(client, err);
	if (code == 0 && (code = -pthread_create(&client->thread, NULL, client_main, client)) < 0)
		error_set(err, code, "start the thread of the queue service: error %d", -code);
	if (code < 0) {
		queue_client_free(client);
		return code;
	}
	pthread_setname_np(client->thread, "queue-client");
	client->runs_thread = true;
	*ret_client = client;
	return 0;
}

void queue_client_stop(struct queue_client *client)
{
	pthread_mutex_lock(&client->lock);
	client->stopping = true;
	pthread_cond_signal(&client->news);
	pthread_mutex_unlock(&client->lock);
	if (client->runs_thread)
		pthread_join(client->thread, NULL);
	client->runs_thread = false;
	outbound_free(client->outbound);
	client->outbound = NULL;
	for (struct asking *asking; (asking = client->answers);) {
		client->answers = asking->next;
		free_asking(asking);
	}
	client->last_answer = &client->answers;
}

void queue_client_free(struct queue_client *client)
{
	if (!client)
		return;
	queue_client_stop(client);
	pthread_cond_destroy(&client->news);
	pthread_mutex_destroy(&client->lock);
	free(client);
}
