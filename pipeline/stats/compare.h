/* One period against another, one category at a time: daily counts with over-dispersion, and the mix of strata behind the two
 * totals. Pure functions over arrays; memory is only used inside a call. */
#ifndef SORI_STATS_COMPARE_H
#define SORI_STATS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/stats/glm.h"
#include "pipeline/stats/intervals.h"

/* One observed day of one category. */
struct sori_ab_day {
	int weekday;       /* equal numbers are one class; at most 16 classes */
	bool second;       /* period B */
	double documents;  /* with the category; NaN: the day is missing and is dropped */
	double denominator; /* documents analysed; a day without any is dropped */
};

/* Quasi-Poisson rate ratio: y ~ period [+ weekday] + offset(log n), phi = max(1, Pearson X2 / df), t with df. */
struct sori_ab_model {
	enum sori_glm_outcome outcome; /* TOO_FEW_ROWS also when one period has no document */
	size_t dropped;                /* columns that depend on others */
	double raw_dispersion, dispersion;
	double log_ratio, error;       /* standard error */
	struct sori_interval ratio;    /* of the rate ratio B/A */
	double p;
};

struct sori_ab_settings {
	double conf;             /* 0.95 */
	double minimum_hits;     /* a + b: 5 */
	double minimum_n;        /* of each period's denominator: 30 */
	size_t minimum_days;     /* observed days of each period: 7 */
};
extern const struct sori_ab_settings sori_ab_recommended;

struct sori_ab_result {
	double a, n_a, b, n_b;
	size_t days_a, days_b;
	double share_a, share_b;
	double difference;                       /* share_b - share_a */
	struct sori_interval difference_limits;  /* Newcombe */
	double ratio;                            /* of shares: Inf when only A is empty, NaN when both are */
	double p_mid;                            /* of the totals alone: assumes Poisson; NA without any document */
	struct sori_ab_model plain, weekday;     /* without and with the weekday term */
	bool eligible;                           /* enough days, documents and hits for a p-value */
	double p; /* of the weekday model, mid-p when one side is zero; to be shown only when eligible */
};

enum sori_status sori_ab_compare(const struct sori_ab_day *days, size_t count, const struct sori_ab_settings *settings,
				 struct sori_ab_result *result, struct sori_error *error);

/* x1 of n1 in the first period, x2 of n2 in the second, within one stratum. */
struct sori_stratum {
	double x1, n1, x2, n2;
};

struct sori_strata_result {
	double crude_ratio;              /* second to first */
	double mh_ratio;                 /* Mantel-Haenszel */
	struct sori_interval mh_limits;  /* Greenland & Robins (1985) variance */
	double mh_odds;                  /* common odds ratio */
	double cmh_chi2, cmh_p;          /* Cochran-Mantel-Haenszel without continuity correction */
	double standardised, standardised_error; /* difference with weights n1 + n2 */
	double crude_difference;
	double rate_part, mix_part;      /* Kitagawa (1955): their sum is the crude difference */
};

/* Strata that one period lacks have no rate there: they count in the crude figures and in the mix part alone. */
struct sori_strata_result sori_strata_compare(const struct sori_stratum *strata, size_t count, double conf);

#endif
