/* The usual range of a share: a control chart for counts that scatter more than Poisson's, after Laney (2002), "Improved
 * control charts for attributes", Quality Engineering 14:531, with negative binomial limits instead of normal ones, which
 * fail at the few documents a day of a small category. Pure functions; thread-safe. */
#ifndef SORI_STATS_USUAL_H
#define SORI_STATS_USUAL_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/stats/intervals.h"

struct sori_usual {
	bool known;       /* at least 6 points with a denominator and 5 documents among them */
	double share;     /* pooled: sum of y / sum of n of the points used */
	double phi;       /* max(1, Pearson X2 / df) */
	size_t used;      /* points in it */
	size_t left_out;  /* points above the 99.5 % limit by the median share and scatter: a burst does not widen what is usual */
};

/* From `count` points, y documents of n each; points with n = 0 are skipped. */
struct sori_usual sori_usual_of(const double *y, const double *n, size_t count);

/* In documents at denominator n: what `conf` (0.95) of the points lie within. NA when not known or n is 0. */
struct sori_interval sori_usual_limits(const struct sori_usual *usual, double n, double conf);

#endif
