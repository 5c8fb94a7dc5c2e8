/* samples.h - many measurements of one thing, and the line that sums them up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct samples {
	double *values; /* owned */
	size_t count, capacity;
};

void samples_add(struct samples *samples, double value);
/* Sorts; 0 <= at <= 1. 0 when there are none. */
double samples_quantile(struct samples *samples, double at);
void samples_free(struct samples *samples);

/* A row of output. `baseline` may be NULL: the figure stands alone. */
struct figure {
	const char *name, *unit;
	struct samples *values;
	const char *baseline; /* what it is compared with */
	struct samples *baseline_values;
	size_t runs; /* that `values` is about; 0: as many as there are values */
};
void figure_print(const struct figure *figure, bool json);
