/* Exposure: what complaints are counted against when it is not documents: visits, subscribers, units sold. Comma-separated with a
 * header line, '#' comments:
 *
 *   date,name,value,region
 *   2026-06,visits,120500,부산
 *   2026-07-01,visits,4100,부산
 *
 * date is a day or a month (YYYY-MM: its value is spread evenly over the month's days); value is a number, at least 0. Every
 * other column is a dimension; empty: all values of it. The rows of one name all fill the same dimensions, so that no value is
 * counted in two of them, and no day of them is given twice. */
#ifndef SORI_CORE_EXPOSURE_H
#define SORI_CORE_EXPOSURE_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/analyse.h"

struct sori_exposure_row {
	sori_day first, last;    /* a day, or a month */
	size_t name;             /* index in names */
	struct sori_slice where; /* dimensions that the row fills, in the order of the columns */
	double value;            /* of all its days together */
	uint64_t line;
};

struct sori_exposure {
	struct sori_arena arena;
	const char **names; /* in order of appearance */
	size_t name_count;
	struct sori_exposure_row *rows; /* by name, first day, line */
	size_t count;
};

/* SORI_CONFIG with file, line and column. *exposure is NULL unless SORI_OK. NULL is fine for free. */
enum sori_status sori_exposure_read(struct sori_exposure **exposure, const char *path, struct sori_error *error);
void sori_exposure_free(struct sori_exposure *exposure);

/* Exposure of a slice (NULL: all), day by day, into values[days]: NaN on days that no row gives. SORI_CONFIG: no such name, or the
 * rows of the name do not tell the slice's dimensions apart. Days that only some of the slice's values give are NaN as well. */
enum sori_status sori_exposure_series(const struct sori_exposure *exposure, const char *name, const struct sori_slice *slice,
				      sori_day first, size_t days, double *values, struct sori_error *error);

#endif
