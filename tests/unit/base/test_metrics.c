#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"

enum { RUNS, DEPTH, AGE, TIME };
static const struct metric_spec specs[] = {
	[RUNS] = { .kind = METRIC_COUNTER, "runs_total", "Runs.", { "verdict", "language" } },
	[DEPTH] = { .kind = METRIC_GAUGE, "depth", "Depth." },
	[AGE] = { .kind = METRIC_GAUGE, "age_seconds", "Age.", { "class" }, .unit = METRIC_MICROSECONDS },
	[TIME] = { .kind = METRIC_HISTOGRAM, "time_seconds", "Time.", .unit = METRIC_MICROSECONDS },
};

static struct metrics *make(void)
{
	struct metrics *metrics;
	struct error err;
	assert_int_equal(metrics_new(specs, sizeof specs / sizeof specs[0], &metrics, &err), 0);
	return metrics;
}

static const char *text_of(struct metrics *metrics, struct buffer *out)
{
	buffer_clear(out);
	metrics_write(metrics, NULL, NULL, out);
	return buffer_text(out);
}

static void must_hold(const char *text, const char *line)
{
	if (!text || !strstr(text, line))
		fail_msg("no \"%s\" in\n%s", line, text ? text : "nothing");
}

static void what_has_no_labels_is_there_from_the_start(void **state)
{
	struct metrics *metrics = make();
	cleanup_buffer struct buffer out = { 0 };
	const char *text = text_of(metrics, &out);
	must_hold(text, "# HELP depth Depth.\n# TYPE depth gauge\ndepth 0\n");
	must_hold(text, "# TYPE time_seconds histogram\n");
	must_hold(text, "time_seconds_bucket{le=\"+Inf\"} 0\ntime_seconds_sum 0\ntime_seconds_count 0\n");
	assert_null(strstr(text, "runs_total")); /* a head without samples says nothing */
	metrics_free(metrics);
}

static void counters_and_gauges_by_their_labels(void **state)
{
	struct metrics *metrics = make();
	cleanup_buffer struct buffer out = { 0 };
	metrics_add(metrics, RUNS, 2, METRIC_LABELS("ok", "c"));
	metrics_add(metrics, RUNS, 1, METRIC_LABELS("ok", "c"));
	metrics_add(metrics, RUNS, 1, METRIC_LABELS("o", "kc")); /* the same letters, another series */
	metrics_add(metrics, RUNS, 1, METRIC_LABELS("a\"b\\c\nd", "x"));
	metrics_set(metrics, DEPTH, 7, METRIC_NO_LABELS);
	metrics_set(metrics, AGE, 1500000, METRIC_LABELS("contest"));
	const char *text = text_of(metrics, &out);
	must_hold(text, "runs_total{verdict=\"ok\",language=\"c\"} 3\n");
	must_hold(text, "runs_total{verdict=\"o\",language=\"kc\"} 1\n");
	must_hold(text, "runs_total{verdict=\"a\\\"b\\\\c\\nd\",language=\"x\"} 1\n");
	must_hold(text, "depth 7\n");
	must_hold(text, "age_seconds{class=\"contest\"} 1.5\n");
	metrics_free(metrics);
}

static const struct {
	int64_t us;
	const char *first; /* the least bucket that counts it */
	const char *sum;
} observations[] = {
	{ 0, "0.0001", "0" },           { 100, "0.0001", "0.0001" },
	{ 101, "0.00025", "0.000101" }, { 999999, "1", "0.999999" },
	{ 1000000, "1", "1" },          { 1000001, "2.5", "1.000001" },
	{ 100000000, "100", "100" },    { 100000001, "+Inf", "100.000001" },
};

static void an_observation_is_in_its_bucket_and_all_above(void **state)
{
	for (size_t i = 0; i < sizeof observations / sizeof observations[0]; i++) {
		struct metrics *metrics = make();
		cleanup_buffer struct buffer out = { 0 };
		char line[64];
		metrics_observe(metrics, TIME, observations[i].us, METRIC_NO_LABELS);
		const char *text = text_of(metrics, &out), *first = strstr(text, "} 1\n");
		snprintf(line, sizeof line, "le=\"%s\"} 1\n", observations[i].first);
		must_hold(text, line);
		assert_ptr_equal(strstr(text, line) + strlen(line), first + strlen("} 1\n"));
		must_hold(text, "le=\"+Inf\"} 1\n");
		snprintf(line, sizeof line, "time_seconds_sum %s\n", observations[i].sum);
		must_hold(text, line);
		must_hold(text, "time_seconds_count 1\n");
		metrics_free(metrics);
	}
}

static void collect_age(struct metrics *metrics, void *context)
{
	metrics_clear(metrics, AGE);
	metrics_set(metrics, AGE, 1000000, METRIC_LABELS((const char *)context));
}

static void what_is_not_set_anew_is_not_shown(void **state)
{
	struct metrics *metrics = make();
	cleanup_buffer struct buffer first = { 0 }, second = { 0 };
	char one[] = "one", two[] = "two";
	metrics_write(metrics, collect_age, one, &first);
	metrics_write(metrics, collect_age, two, &second);
	must_hold(first.data, "age_seconds{class=\"one\"} 1\n");
	must_hold(second.data, "age_seconds{class=\"two\"} 1\n");
	assert_null(strstr(second.data, "\"one\""));
	metrics_free(metrics);
}

static void the_number_of_series_is_bounded(void **state)
{
	struct metrics *metrics = make();
	cleanup_buffer struct buffer out = { 0 };
	for (int i = 0; i < METRIC_SERIES_MAX + 500; i++) {
		char label[16];
		snprintf(label, sizeof label, "v%d", i);
		metrics_add(metrics, RUNS, 1, METRIC_LABELS(label, "c"));
	}
	const char *text = text_of(metrics, &out);
	must_hold(text, "runs_total{verdict=\"v0\",language=\"c\"} 1\n");
	must_hold(text, "runs_total{verdict=\"other\",language=\"other\"} 500\n");
	size_t lines = 0;
	for (const char *at = text; (at = strstr(at, "runs_total{")); at++)
		lines++;
	assert_int_equal(lines, METRIC_SERIES_MAX + 1);
	metrics_free(metrics);
}

enum { THREADS = 8, ROUNDS = 20000 };

static void *count_much(void *argument)
{
	static const char *const verdicts[] = { "ok", "wrong", "late", "big" };
	for (int i = 0; i < ROUNDS; i++) {
		metrics_add(argument, RUNS, 1, METRIC_LABELS(verdicts[i % 4], "c"));
		metrics_observe(argument, TIME, i, METRIC_NO_LABELS);
	}
	return NULL;
}

static void many_threads_lose_nothing(void **state)
{
	struct metrics *metrics = make();
	cleanup_buffer struct buffer out = { 0 };
	pthread_t threads[THREADS];
	char line[80];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_much, metrics), 0);
	for (int i = 0; i < 20; i++)
		text_of(metrics, &out);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	const char *text = text_of(metrics, &out);
	snprintf(line, sizeof line, "runs_total{verdict=\"late\",language=\"c\"} %d\n", THREADS * ROUNDS / 4);
	must_hold(text, line);
	snprintf(line, sizeof line, "time_seconds_count %d\n", THREADS * ROUNDS);
	must_hold(text, line);
	metrics_free(metrics);
}

static void this_process_is_told(void **state)
{
	cleanup_buffer struct buffer out = { 0 };
	metrics_write_process(&out);
	must_hold(out.data, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ");
	must_hold(out.data, "\nprocess_resident_memory_bytes ");
	must_hold(out.data, "\nprocess_threads 1\n");
	must_hold(out.data, "\nprocess_open_fds ");
}

static void no_metrics_count_nothing(void **state)
{
	cleanup_buffer struct buffer out = { 0 };
	metrics_add(NULL, RUNS, 1, METRIC_LABELS("ok", "c"));
	metrics_observe(NULL, TIME, 1, METRIC_NO_LABELS);
	metrics_set(NULL, DEPTH, 1, METRIC_NO_LABELS);
	metrics_clear(NULL, AGE);
	metrics_write(NULL, NULL, NULL, &out);
	metrics_free(NULL);
	assert_int_equal(out.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_process_is_told),
		cmocka_unit_test(what_has_no_labels_is_there_from_the_start),
		cmocka_unit_test(counters_and_gauges_by_their_labels),
		cmocka_unit_test(an_observation_is_in_its_bucket_and_all_above),
		cmocka_unit_test(what_is_not_set_anew_is_not_shown),
		cmocka_unit_test(the_number_of_series_is_bounded),
		cmocka_unit_test(many_threads_lose_nothing),
		cmocka_unit_test(no_metrics_count_nothing),
	};
	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
