/* Is there a yearly season, when is its peak, and how high: trend plus two harmonics against trend alone. */
#ifndef SORI_STATS_SEASON_H
#define SORI_STATS_SEASON_H

#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/stats/glm.h"
#include "pipeline/stats/series.h"

#define SORI_SEASON_HARMONICS 2
#define SORI_SEASON_YEAR 52.1775 /* weeks */

struct sori_season {
	enum sori_glm_outcome outcome; /* all else is NA unless FITTED */
	double coefficients[2 + 2 * SORI_SEASON_HARMONICS]; /* intercept, t, sin1, cos1, sin2, cos2 */
	double dispersion;             /* raw, of the full model */
	double deviance_trend, deviance;
	double f, df1, df2, p;
	double peak, trough;           /* position in the cycle, same origin as t, in [0, period) */
	double peak_to_trough;         /* ratio of rates, trend taken out */
};

/* y ~ t + harmonics + offset(log n), quasi-Poisson. Periods without y or n are dropped. */
enum sori_status sori_season_fit(const struct sori_series *series, double period, struct sori_season *result,
				 struct sori_error *error);

#endif
