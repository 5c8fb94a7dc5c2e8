#include "samples.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void samples_add(struct samples *samples, double value)
{
	if (samples->count == samples->capacity) {
		size_t capacity = samples->capacity ? 2 * samples->capacity : 256;
		double *grown = realloc(samples->values, capacity * sizeof *grown);
		if (!grown)
			return;
		samples->values = grown;
		samples->capacity = capacity;
	}
	samples->values[samples->count++] = value;
}

static int compare(const void *left, const void *right)
{
	double l = *(const double *)left, r = *(const double *)right;
	return (l > r) - (l < r);
}

double samples_quantile(struct samples *samples, double at)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->values, samples->count, sizeof *samples->values, compare);
	return samples->values[(size_t)(at * (double)(samples->count - 1) + 0.5)];
}

void samples_free(struct samples *samples)
{
	free(samples->values);
	*samples = (struct samples){ 0 };
}

static size_t runs_of(const struct figure *figure)
{
	return figure->runs ? figure->runs : figure->values->count;
}

static void print_json(const struct figure *figure, double base, double ratio)
{
	json_t *row =
		json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:I}", "name", figure->name, "unit", figure->unit,
			  "median", samples_quantile(figure->values, 0.5), "p10",
			  samples_quantile(figure->values, 0.1), "p90", samples_quantile(figure->values, 0.9),
			  "max", samples_quantile(figure->values, 1), "n", (json_int_t)runs_of(figure));
	if (figure->baseline)
		json_object_update_new(row, json_pack("{s:s, s:f, s:f}", "baseline", figure->baseline,
						      "baseline_median", base, "ratio", ratio));
	json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(row);
}

void figure_print(const struct figure *figure, bool json)
{
	double median = samples_quantile(figure->values, 0.5);
	double base = figure->baseline ? samples_quantile(figure->baseline_values, 0.5) : 0;
	double ratio = base > 0 ? median / base : 0;
	if (json) {
		print_json(figure, base, ratio);
	} else {
		printf("%-26s %10.1f %-5s p10 %.1f, p90 %.1f, max %.1f, n %zu", figure->name, median,
		       figure->unit, samples_quantile(figure->values, 0.1),
		       samples_quantile(figure->values, 0.9), samples_quantile(figure->values, 1),
		       runs_of(figure));
		if (figure->baseline)
			printf("; %.1f for %s: ratio %.3f", base, figure->baseline, ratio);
		putchar('\n');
	}
	fflush(stdout);
}
