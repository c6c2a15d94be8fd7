/* Nightly and weekly alerts: Farrington flexible (Noufaily et al. 2013) with a negative binomial quantile, as R's surveillance
 * computes it, on counts or on shares of a denominator. Daily series use a "year" of seven days. */
#ifndef SORI_STATS_FARRINGTON_H
#define SORI_STATS_FARRINGTON_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/stats/glm.h"
#include "pipeline/stats/series.h"

struct sori_farrington_settings {
	size_t freq;              /* periods of a cycle: 7 for days, 52 for weeks */
	size_t b;                 /* cycles looked back */
	size_t w;                 /* half width of the window around the same time in earlier cycles */
	size_t groups;            /* a cycle is cut into this many seasonal groups; the window is the last */
	size_t guard;             /* periods before today that stay out of the baseline */
	size_t minimum;           /* first index that can be judged; 0: b * freq + w */
	double limit_cases;       /* fewer documents than this … */
	size_t limit_periods;     /* … in that many periods, today included: no alert */
	bool trend;               /* linear trend; kept only when its p is below trend_p and it does not predict more than
				   * the largest count of the baseline */
	double trend_p;
	bool share;               /* offset(log n) */
	double weights_threshold; /* Anscombe residuals over this lose weight: 2.58 */
	double alpha;
	bool drop_alarms;         /* own past alarms stay out of the baseline */
	size_t release_run;       /* after so many alarms in a row, or … (0: never) */
	double release_share;     /* … more than this share of the baseline dropped, the level is new: alarms count again (0: never) */
	const unsigned char *season; /* class of each period of the series, under 60, in place of its place in the cycle (holidays
				   * are no weekday); NULL: none. Borrowed */
	bool package;             /* phi as surveillance 1.20.3 itself has it: fits stopped at 1e-8, weights one step old */
};
extern const struct sori_farrington_settings sori_farrington_daily;  /* recommended: share, guard 7, own alarms dropped, release valve */
extern const struct sori_farrington_settings sori_farrington_weekly; /* recommended: share, 3 years, trend */

struct sori_farrington {
	enum sori_glm_outcome outcome; /* mu and all that follows is NA unless FITTED */
	double mu, phi;
	bool trend_used;
	double trend;             /* coefficient per period; NA without trend */
	double upper;             /* alarm when y is over this; NA: too few documents lately */
	double p_exceed;          /* P(Y >= y) */
	bool alarm;               /* false as well where upper or y is missing */
	double score;             /* (y - mu) / (upper - mu) */
	bool boundary;            /* alpha sits on a step of the distribution: another library may give the neighbouring upper */
	bool released;            /* the release valve opened here: new level */
	size_t used, dropped;     /* periods of the baseline; left out as own alarms */
};

/* First index (from 0) that can be judged. */
size_t sori_farrington_first(const struct sori_farrington_settings *settings);

/* Judges index `at`; n is read with `share` alone; `skip[i]` (may be NULL) leaves a period out of the baseline. `at` must not
 * be before sori_farrington_first. */
enum sori_status sori_farrington_at(const struct sori_farrington_settings *settings, const struct sori_series *series,
				    const bool *skip, size_t at, struct sori_farrington *result, struct sori_error *error);

/* Judges `from` to the end forward in time into results[count - from]; with drop_alarms each sees the alarms before it. */
enum sori_status sori_farrington_run(const struct sori_farrington_settings *settings, const struct sori_series *series,
				     size_t from, struct sori_farrington *results, struct sori_error *error);

#endif
