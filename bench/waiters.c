/* A real `arena execution` without workers; a hundred jobs that therefore wait; ten thousand clients that wait for
 * them, a hundred each. Meanwhile one more client asks for a submission again and again: its p99, in windows of
 * some hundred requests over so long that each of the crowd is sent a heartbeat, is compared with the same before
 * the crowd has come and after it has left. Then the jobs are cancelled, which is an end like any other, and
 * everybody must get the final state.
 *
 * One kind of client after the other, each with a service of its own, so that memory is that kind's alone. */
#include "waiters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "crowd.h"
#include "samples.h"
#include "service.h"

enum {
	CLIENTS = 10000,
	JOBS = 100,
	WINDOWS = 20,
	WINDOW = 300,
	BETWEEN_MS = 900,
	SETTLE_MS = 2000,
	PATIENCE_MS = 60000,
	ID_BYTES = 40
};

struct waiting {
	const char *kind;
	struct service service;
	struct crowd crowd;
	char jobs[JOBS][ID_BYTES];
	int64_t submissions[JOBS];
	struct samples with, without, memory, peak, answered, time;
};

/* ---- what they wait for ---- */

static int post_job(struct waiting *w, size_t i, struct error *err)
{
	json_t *reply;
	int code = service_ask(&w->service, "POST", "/api/execute",
			       "{\"code\":\"print(1)\",\"language\":\"python\"}", &reply, err);
	if (code < 0)
		return code;
	snprintf(w->jobs[i], ID_BYTES, "%s", json_string_value(json_object_get(reply, "jobId")));
	json_decref(reply);
	return 0;
}

static int post_jobs(struct waiting *w, struct error *err)
{
	json_t *list = NULL, *row;
	size_t i;
	int code = 0;
	for (i = 0; i < JOBS && code == 0; i++)
		code = post_job(w, i, err);
	if (code == 0)
		code = service_ask(&w->service, "GET", "/api/v1/submissions/?limit=100", NULL, &list, err);
	if (code == 0 && json_array_size(list) != JOBS)
		code = error_set(err, -EPROTO, "%zu submissions instead of %d", json_array_size(list), JOBS);
	if (code == 0)
		json_array_foreach(list, i, row) w->submissions[i] =
			json_integer_value(json_object_get(row, "id"));
	json_decref(list);
	return code;
}

static int cancel_jobs(struct waiting *w, struct error *err)
{
	int code = 0;
	for (size_t i = 0; i < JOBS && code == 0; i++) {
		char path[ID_BYTES + 16];
		snprintf(path, sizeof path, "/api/jobs/%s", w->jobs[i]);
		code = service_ask(&w->service, "DELETE", path, NULL, NULL, err);
	}
	return code;
}

/* ---- what the others notice ---- */

static int ask_window(struct waiting *w, struct samples *p99, struct error *err)
{
	struct samples window = { 0 };
	char path[64];
	int code = 0;
	for (int i = 0; i < WINDOW && code == 0; i++) {
		snprintf(path, sizeof path, "/api/v1/submissions/%lld", (long long)w->submissions[i % JOBS]);
		int64_t began = clock_monotonic_us();
		code = service_ask(&w->service, "GET", path, NULL, NULL, err);
		samples_add(&window, (double)(clock_monotonic_us() - began));
	}
	samples_add(p99, samples_quantile(&window, 0.99));
	samples_free(&window);
	return code;
}

static int ask_windows(struct waiting *w, int windows, struct samples *p99, struct error *err)
{
	int code = 0;
	for (int i = 0; i < windows && code == 0; i++) {
		code = ask_window(w, p99, err);
		if (w->crowd.count > 0)
			crowd_await(&w->crowd, BETWEEN_MS); /* heartbeats are read */
		else
			usleep(BETWEEN_MS * 1000);
	}
	return code;
}

/* ---- one kind ---- */

static int note_memory(struct waiting *w, struct samples *samples, struct error *err)
{
	const double mb = 1 << 20;
	int64_t now, peak;
	int code = service_memory(&w->service, &now, &peak, err);
	if (code == 0)
		samples_add(samples, (double)(samples == &w->peak ? peak : now) / mb);
	return code;
}

static int answer_all(struct waiting *w, struct error *err)
{
	int64_t began = clock_monotonic_us();
	int code = cancel_jobs(w, err);
	if (code < 0)
		return code;
	crowd_await(&w->crowd, PATIENCE_MS);
	samples_add(&w->time, (double)(clock_monotonic_us() - began) / 1000);
	samples_add(&w->answered, (double)w->crowd.answered);
	return note_memory(w, &w->peak, err);
}

static void print_one(const struct waiting *w, const char *what, const char *unit, struct samples *values,
		      struct samples *baseline, bool json)
{
	char name[64];
	snprintf(name, sizeof name, "waiters-%s%s", w->kind, what);
	const struct figure figure = { .name = name,
				       .unit = unit,
				       .values = values,
				       .baseline = baseline ? "p99 of other requests without them" : NULL,
				       .baseline_values = baseline };
	figure_print(&figure, json);
}

static void print_all(struct waiting *w, bool json)
{
	print_one(w, "", "us", &w->with, &w->without, json);
	print_one(w, "-answered", "of 10000", &w->answered, NULL, json);
	print_one(w, "-answering", "ms", &w->time, NULL, json);
	print_one(w, "-memory", "MB", &w->memory, NULL, json);
	print_one(w, "-memory-peak", "MB", &w->peak, NULL, json);
}

/* True when this service does not know such clients. */
static bool is_unknown(const struct waiting *w)
{
	return w->crowd.refused > CLIENTS / 2;
}

static int measure(struct waiting *w, enum crowd_kind kind, struct error *err)
{
	int code = service_start(&w->service, &(struct service_options){ .command = "execution" }, err);
	if (code == 0)
		code = post_jobs(w, err);
	if (code == 0)
		code = ask_windows(w, WINDOWS / 2, &w->without, err);
	if (code == 0)
		code = crowd_join(&w->crowd, kind, w->service.port, w->submissions, JOBS, CLIENTS, err);
	if (code < 0)
		return code;
	crowd_await(&w->crowd, SETTLE_MS);
	if (is_unknown(w))
		return 0;
	code = note_memory(w, &w->memory, err);
	if (code == 0)
		code = ask_windows(w, WINDOWS, &w->with, err);
	if (code == 0)
		code = answer_all(w, err);
	crowd_leave(&w->crowd);
	return code < 0 ? code : ask_windows(w, WINDOWS / 2, &w->without, err);
}

static int measure_kind(enum crowd_kind kind, const char *name, bool json, struct error *err)
{
	cleanup_free struct waiting *w = calloc(1, sizeof *w);
	if (!w)
		return error_set(err, -ENOMEM, "out of memory");
	w->kind = name;
	int code = measure(w, kind, err);
	if (code == 0 && is_unknown(w))
		fprintf(stderr, "waiters-%s: left out, this service has no such clients\n", name);
	else if (code == 0)
		print_all(w, json);
	crowd_leave(&w->crowd);
	service_stop(&w->service);
	struct samples *all[] = { &w->with, &w->without, &w->memory, &w->peak, &w->answered, &w->time };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		samples_free(all[i]);
	return code;
}

int bench_waiters(const struct bench_options *options, struct error *err)
{
	int code = measure_kind(CROWD_POLL, "poll", options->json, err);
	if (code == 0)
		code = measure_kind(CROWD_EVENTS, "events", options->json, err);
	if (code == 0)
		code = measure_kind(CROWD_WEBSOCKET, "websocket", options->json, err);
	return code;
}
