/* Interrupted time series: did the level or the slope change at a known time, and how many documents were avoided. An
 * association in time; a comparison series and placebo dates are what makes it more. */
#ifndef SORI_STATS_ITS_H
#define SORI_STATS_ITS_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/stats/glm.h"
#include "pipeline/stats/intervals.h"
#include "pipeline/stats/series.h"

/* Rows in time order; rows without y or n and excluded (phase-in) rows are dropped. excluded may be NULL. */
struct sori_its_data {
	struct sori_series series;
	const bool *excluded;
};

struct sori_its_settings {
	double t0;        /* first time after the change */
	size_t harmonics; /* 0 to 4 */
	double period;    /* of the season, in units of t */
	bool slope;       /* also a change of slope */
	size_t lag;       /* Newey-West */
};

enum sori_its_tier {
	SORI_ITS_FULL,    /* at least 12 points before and 8 after */
	SORI_ITS_WEAK,    /* fewer: level only, to be called weak */
	SORI_ITS_REFUSED, /* under 6 before, or none after */
};

/* Harmonics by the points' number (104: 2, 52: 1), slope by the tier, lag = floor(4 (n/100)^(2/9)). Weekly data. */
enum sori_its_tier sori_its_recommend(const struct sori_its_data *data, double t0, struct sori_its_settings *settings);

/* log mu = log n + b0 + b1 t + b2 post + b3 max(0, t - t0) + harmonics; quasi-Poisson. Arrays are owned by the result. */
struct sori_its {
	enum sori_glm_outcome outcome; /* nothing else is valid unless FITTED */
	struct sori_its_settings settings;
	struct sori_glm_data model;    /* the rows used */
	struct sori_glm_fit fit;
	double *newey_west;            /* [columns * columns] */
	double *room;
	size_t columns;
	double reach;                  /* 97.5 % quantile of t with the residual degrees of freedom */
	double acf1;                   /* of the Pearson residuals */
	double box_lag, box, box_p;    /* Ljung-Box */
};

enum sori_status sori_its_fit(const struct sori_its_data *data, const struct sori_its_settings *settings,
			      struct sori_its *result, struct sori_error *error);
void sori_its_release(struct sori_its *result);

/* "(Intercept)", "t", "post", "ramp", "sin1" … of a column; into room for 16 bytes. */
void sori_its_term(const struct sori_its *result, size_t column, char name[16]);

/* A coefficient: error, interval and two-sided p, by the quasi-Poisson covariance (dispersion at least 1) or Newey-West. */
struct sori_its_estimate {
	double value, error;
	struct sori_interval limits;
	double p;
};
struct sori_its_estimate sori_its_coefficient(const struct sori_its *result, size_t column, bool newey_west);

/* Rate ratio to the counterfactual h units of t after t0: exp(b2 + b3 h), 95 %. The wider interval is the headline. */
struct sori_its_estimate sori_its_effect(const struct sori_its *result, double h, bool newey_west);

/* Documents avoided: sum over the rows after the change of (counterfactual - fitted), by the delta method. */
struct sori_its_estimate sori_its_avoided(const struct sori_its *result, bool newey_west);

/* The same model over the points before t0 alone, at every date that leaves it 12 points before and 8 after: how many were
 * tried and how many have a level change at least as large. Regression to the mean shows here. */
struct sori_its_placebo {
	size_t tried, as_large;
};
enum sori_status sori_its_placebo(const struct sori_its_data *data, const struct sori_its *real,
				  struct sori_its_placebo *placebo, struct sori_error *error);

#endif
