/* A metric's series hang in a small hash table of chains that only grow: whoever counts walks them without a
 * lock, whoever adds a series does so under one and publishes it with one store. */
#include "base/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const int64_t bounds_us[] = { 100,     250,     500,     1000,     2500,     5000,
				     10000,   25000,   50000,   100000,   250000,   500000,
				     1000000, 2500000, 5000000, 10000000, 30000000, 100000000 };
enum { BOUND_COUNT = sizeof bounds_us / sizeof bounds_us[0], BUCKET_COUNT = BOUND_COUNT + 1, CHAINS = 64 };

struct series {
	struct series *next;
	const char *labels[METRIC_LABEL_MAX]; /* behind the struct */
	atomic_bool shown;
	atomic_int_fast64_t value;    /* a histogram's sum */
	atomic_int_fast64_t *buckets; /* BUCKET_COUNT of a histogram, behind the struct; not cumulated */
};

struct metric {
	const struct metric_spec *spec;
	size_t label_count;
	_Atomic(struct series *) chains[CHAINS];
	size_t series_count; /* under the lock */
};

struct metrics {
	pthread_mutex_t lock;  /* of adding series */
	pthread_mutex_t write; /* of metrics_write() */
	size_t count;
	struct metric metrics[];
};

/* ---- series ---- */

static size_t chain_of(const struct metric *metric, const char *const *labels)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < metric->label_count; i++) {
		for (const char *at = labels[i]; *at; at++)
			hash = (hash ^ (unsigned char)*at) * 16777619;
		hash = (hash ^ 0xff) * 16777619;
	}
	return hash % CHAINS;
}

static bool has_labels(const struct series *series, const char *const *labels)
{
	for (size_t i = 0; i < METRIC_LABEL_MAX && series->labels[i]; i++)
		if (strcmp(series->labels[i], labels[i]) != 0)
			return false;
	return true;
}

static struct series *find(struct metric *metric, size_t chain, const char *const *labels)
{
	struct series *series = atomic_load_explicit(&metric->chains[chain], memory_order_acquire);

	while (series && !has_labels(series, labels))
		series = series->next;
	return series;
}

/* One block: the series, its buckets, its labels' text. NULL when memory is out. */
static struct series *make(const struct metric *metric, const char *const *labels)
{
	size_t buckets = metric->spec->kind == METRIC_HISTOGRAM ? BUCKET_COUNT : 0, text = 0;

	for (size_t i = 0; i < metric->label_count; i++)
		text += strlen(labels[i]) + 1;
	struct series *series = calloc(1, sizeof *series + buckets * sizeof *series->buckets + text);
	if (!series)
		return NULL;
	series->buckets = (void *)(series + 1);
	char *at = (char *)(series->buckets + buckets);
	for (size_t i = 0; i < metric->label_count; i++) {
		series->labels[i] = at;
		at = stpcpy(at, labels[i]) + 1;
	}
	atomic_init(&series->shown, true);
	return series;
}

/* With the lock held. */
static struct series *add(struct metric *metric, const char *const *labels)
{
	static const char *const other[METRIC_LABEL_MAX] = { "other", "other", "other" };

	if (metric->series_count >= METRIC_SERIES_MAX)
		labels = other;
	size_t chain = chain_of(metric, labels);
	struct series *series = find(metric, chain, labels);
	if (series)
		return series;
	series = make(metric, labels);
	if (!series)
		return NULL;
	series->next = atomic_load_explicit(&metric->chains[chain], memory_order_relaxed);
	atomic_store_explicit(&metric->chains[chain], series, memory_order_release);
	metric->series_count++;
	return series;
}

static struct series *series_of(struct metrics *metrics, size_t id, const char *const *labels)
{
	struct metric *metric = &metrics->metrics[id];
	struct series *series = find(metric, chain_of(metric, labels), labels);

	if (series)
		return series;
	pthread_mutex_lock(&metrics->lock);
	series = add(metric, labels);
	pthread_mutex_unlock(&metrics->lock);
	return series;
}

/* ---- life ---- */

static void free_metrics_at(struct metrics **metrics)
{
	metrics_free(*metrics);
}

int metrics_new(const struct metric_spec *specs, size_t count, struct metrics **ret_metrics,
		struct error *err)
{
	cleanup_with(free_metrics_at) struct metrics *metrics =
		calloc(1, sizeof *metrics + count * sizeof *metrics->metrics);

	if (!metrics)
		return error_set(err, -ENOMEM, "out of memory");
	pthread_mutex_init(&metrics->lock, NULL);
	pthread_mutex_init(&metrics->write, NULL);
	metrics->count = count;
	for (size_t i = 0; i < count; i++) {
		struct metric *metric = &metrics->metrics[i];

		metric->spec = &specs[i];
		while (metric->label_count < METRIC_LABEL_MAX && specs[i].labels[metric->label_count])
			metric->label_count++;
		if (metric->label_count == 0 && !series_of(metrics, i, METRIC_NO_LABELS))
			return error_set(err, -ENOMEM, "out of memory");
	}
	*ret_metrics = take_pointer(&metrics);
	return 0;
}

static void free_series(struct series *series)
{
	while (series) {
		struct series *next = series->next;

		free(series);
		series = next;
	}
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	for (size_t i = 0; i < metrics->count; i++)
		for (size_t chain = 0; chain < CHAINS; chain++)
			free_series(metrics->metrics[i].chains[chain]);
	pthread_mutex_destroy(&metrics->lock);
	pthread_mutex_destroy(&metrics->write);
	free(metrics);
}

/* ---- counting ---- */

void metrics_add(struct metrics *metrics, size_t id, int64_t by, const char *const *labels)
{
	struct series *series = metrics ? series_of(metrics, id, labels) : NULL;

	if (series)
		atomic_fetch_add_explicit(&series->value, by, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics, size_t id, int64_t value, const char *const *labels)
{
	struct series *series = metrics ? series_of(metrics, id, labels) : NULL;

	if (!series)
		return;
	atomic_store_explicit(&series->value, value, memory_order_relaxed);
	atomic_store_explicit(&series->shown, true, memory_order_relaxed);
}

void metrics_observe(struct metrics *metrics, size_t id, int64_t us, const char *const *labels)
{
	struct series *series = metrics ? series_of(metrics, id, labels) : NULL;
	size_t bucket = 0;

	if (!series)
		return;
	while (bucket < BOUND_COUNT && us > bounds_us[bucket])
		bucket++;
	atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&series->value, us, memory_order_relaxed);
}

void metrics_clear(struct metrics *metrics, size_t id)
{
	for (size_t chain = 0; metrics && chain < CHAINS; chain++)
		for (struct series *s = metrics->metrics[id].chains[chain]; s; s = s->next)
			atomic_store_explicit(&s->shown, false, memory_order_relaxed);
}

/* ---- writing ---- */

static void put_escaped(struct buffer *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			buffer_putc(out, '\\');
		if (*value == '\n')
			buffer_puts(out, "\\n");
		else
			buffer_putc(out, *value);
	}
}

/* {a="1",b="2"}; `bound` is a histogram's le, or NULL. */
static void put_labels(struct buffer *out, const struct metric *metric, const struct series *series,
		       const char *bound)
{
	const char *separator = "{";

	for (size_t i = 0; i < metric->label_count; i++, separator = ",") {
		buffer_printf(out, "%s%s=\"", separator, metric->spec->labels[i]);
		put_escaped(out, series->labels[i]);
		buffer_putc(out, '"');
	}
	if (bound)
		buffer_printf(out, "%sle=\"%s\"", separator, bound);
	if (bound || metric->label_count > 0)
		buffer_putc(out, '}');
}

/* Exactly, and as short as it goes: 0.0025, 30, 1.5. */
static const char *seconds_text(int64_t us, char text[32])
{
	int length = snprintf(text, 32, "%s%" PRId64 ".%06" PRId64, us < 0 ? "-" : "",
			      us < 0 ? -us / 1000000 : us / 1000000, us < 0 ? -us % 1000000 : us % 1000000);

	while (text[length - 1] == '0')
		text[--length] = '\0';
	if (text[length - 1] == '.')
		text[--length] = '\0';
	return text;
}

static void put_value(struct buffer *out, const struct metric *metric, int64_t value)
{
	char text[32];

	if (metric->spec->unit == METRIC_MICROSECONDS)
		buffer_printf(out, " %s\n", seconds_text(value, text));
	else
		buffer_printf(out, " %" PRId64 "\n", value);
}

static void put_histogram(struct buffer *out, const struct metric *metric, struct series *series)
{
	const char *name = metric->spec->name;
	int64_t count = 0;

	for (size_t i = 0; i < BUCKET_COUNT; i++) {
		char text[32];

		count += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
		buffer_printf(out, "%s_bucket", name);
		put_labels(out, metric, series, i < BOUND_COUNT ? seconds_text(bounds_us[i], text) : "+Inf");
		buffer_printf(out, " %" PRId64 "\n", count);
	}
	buffer_printf(out, "%s_sum", name);
	put_labels(out, metric, series, NULL);
	put_value(out, metric, atomic_load_explicit(&series->value, memory_order_relaxed));
	buffer_printf(out, "%s_count", name);
	put_labels(out, metric, series, NULL);
	buffer_printf(out, " %" PRId64 "\n", count);
}

static void put_series(struct buffer *out, const struct metric *metric, struct series *series)
{
	if (metric->spec->kind == METRIC_HISTOGRAM) {
		put_histogram(out, metric, series);
		return;
	}
	buffer_puts(out, metric->spec->name);
	put_labels(out, metric, series, NULL);
	put_value(out, metric, atomic_load_explicit(&series->value, memory_order_relaxed));
}

static void put_metric(struct buffer *out, struct metric *metric)
{
	static const char *const kinds[] = { "counter", "gauge", "histogram" };
	const struct metric_spec *spec = metric->spec;
	bool headed = false;

	for (size_t chain = 0; chain < CHAINS; chain++)
		for (struct series *s = metric->chains[chain]; s; s = s->next) {
			if (!atomic_load_explicit(&s->shown, memory_order_relaxed))
				continue;
			if (!headed)
				buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", spec->name, spec->help,
					      spec->name, kinds[spec->kind]);
			headed = true;
			put_series(out, metric, s);
		}
}

void metrics_write(struct metrics *metrics, metrics_collect *collect, void *context, struct buffer *out)
{
	if (!metrics)
		return;
	pthread_mutex_lock(&metrics->write);
	if (collect)
		collect(metrics, context);
	for (size_t i = 0; i < metrics->count; i++)
		put_metric(out, &metrics->metrics[i]);
	pthread_mutex_unlock(&metrics->write);
}
