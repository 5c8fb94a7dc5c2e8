/* metrics.h - figures for Prometheus: counters, gauges, histograms, told by one table a role.
 *
 *     enum { RUNS, RUN_TIME };
 *     static const struct metric_spec specs[] = {
 *             [RUNS] = { .kind = METRIC_COUNTER, "arena_runs_total", "Runs that ended.", { "verdict" } },
 *             [RUN_TIME] = { .kind = METRIC_HISTOGRAM, "arena_run_seconds", "Wall time of runs.", .unit = METRIC_MICROSECONDS },
 *     };
 *     metrics_add(metrics, RUNS, 1, METRIC_LABELS("ok"));
 *
 * Counting costs a short look-up and an atomic addition, no lock; the first use of a set of label values
 * makes its series. Values of labels must come from small sets that we choose ourselves: beyond
 * METRIC_SERIES_MAX series a metric counts everything else under the value "other" of each label. Thread-safe.
 * Every function accepts NULL for the metrics, and does nothing then. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

struct metrics;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
/* What the integers count; Prometheus gets numbers and seconds. */
enum metric_unit { METRIC_NUMBER, METRIC_MICROSECONDS };
enum { METRIC_LABEL_MAX = 3, METRIC_SERIES_MAX = 1024 };

struct metric_spec {
	enum metric_kind kind;
	const char *name, *help; /* a counter's name ends in _total; a unit is part of the name */
	const char *labels[METRIC_LABEL_MAX];
	enum metric_unit unit; /* a histogram's is METRIC_MICROSECONDS; its buckets go from 100 us to 100 s */
};

/* `specs` must outlive the metrics. What has no labels is there from the start, as 0. */
int metrics_new(const struct metric_spec *specs, size_t count, struct metrics **metrics, struct error *err);
void metrics_free(struct metrics *metrics);

/* The values of the labels, in the table's order; NULL when there are none. Copied. */
#define METRIC_LABELS(...) ((const char *const[]){ __VA_ARGS__ })
#define METRIC_NO_LABELS   NULL

/* `id` is the place in the table. */
void metrics_add(struct metrics *metrics, size_t id, int64_t by, const char *const *labels);    /* counters */
void metrics_set(struct metrics *metrics, size_t id, int64_t value, const char *const *labels); /* gauges */
void metrics_observe(struct metrics *metrics, size_t id, int64_t us,
		     const char *const *labels); /* histograms */
/* Forgets a gauge's series, so that what is not set anew is not shown any more. */
void metrics_clear(struct metrics *metrics, size_t id);

/* The text that Prometheus reads (exposition format 0.0.4), appended. `collect`, which may be NULL, is called
 * before, to set what is only known at that moment; one call at a time. */
typedef void metrics_collect(struct metrics *metrics, void *context);
void metrics_write(struct metrics *metrics, metrics_collect *collect, void *context, struct buffer *out);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* The same of this process: process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, ...
 * What /proc does not tell is left out. */
void metrics_write_process(struct buffer *out);
