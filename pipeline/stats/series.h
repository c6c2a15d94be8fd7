/* Counts over time as borrowed arrays of one length. */
#ifndef SORI_STATS_SERIES_H
#define SORI_STATS_SERIES_H

#include <stddef.h>

struct sori_series {
	size_t count;
	const double *t; /* may be NULL where the position is the time */
	const double *y; /* documents with the category; NaN: missing, which is not zero */
	const double *n; /* denominator; NaN or not over 0: none, and the period is missing for shares; may be NULL for counts */
};

#endif
