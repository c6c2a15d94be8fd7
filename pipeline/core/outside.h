/* Series from outside: an index, a temperature, a competitor's price. Shown beside the store's own series, never part of any sum
 * or model. Comma-separated with a header line, '#' comments: date,name,value; date a day or a month (YYYY-MM). */
#ifndef SORI_CORE_OUTSIDE_H
#define SORI_CORE_OUTSIDE_H

#include <stddef.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"

struct sori_outside_point {
	sori_day first, last; /* a day, or a month */
	double value;
};

struct sori_outside_series {
	const char *name;
	struct sori_outside_point *points; /* by day, no overlap */
	size_t count;
};

struct sori_outside {
	struct sori_arena arena;
	struct sori_outside_series *series; /* in order of appearance */
	size_t count;
};

/* SORI_CONFIG with file, line and column. *outside is NULL unless SORI_OK. NULL is fine for free. */
enum sori_status sori_outside_read(struct sori_outside **outside, const char *path, struct sori_error *error);
void sori_outside_free(struct sori_outside *outside);

/* Mean over the days of a period that have a value; NaN when none has. */
double sori_outside_mean(const struct sori_outside_series *series, sori_day from, sori_day to);

#endif
