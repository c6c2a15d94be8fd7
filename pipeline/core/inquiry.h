/* Three questions about the past, answered from the store: did an action or a release go with fewer complaints (effect), what
 * goes with low ratings (drivers), is there a season and how does this year compare with the last (season). pipeline/stats does
 * the sums, by the same code as `sori stat its|drivers|season`; nothing is printed here and no clock is read.
 *
 *   store --SQL--> sori_panel --> sori_week_series --+--> sori_effect_run   level and slope at a date, placebo, comparison
 *                                                    \--> sori_season_run   trend and harmonics, peak, year on year
 *   store --fact blobs--> (category set, channel x product, rating) -> count --> sori_drivers_run
 *
 * Figures that are not there are NaN and never shown as a number; every result that lacks one says why (enum sori_refusal).
 * Each result is freed by its own function (NULL is fine) and owns all that it points to, category texts included, but for the
 * calendar, exposure and actions of the query. Shares are fractions (0.012), ratios plain (0.68), intervals 95 %. One thread.
 *
 * None of the three shows a cause: sori_inquiry_caution says so in words and belongs beside every such figure. */
#ifndef SORI_CORE_INQUIRY_H
#define SORI_CORE_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/actions.h"
#include "pipeline/core/analyse.h"
#include "pipeline/core/calendar.h"
#include "pipeline/core/exposure.h"
#include "pipeline/core/outside.h"
#include "pipeline/stats/drivers.h"
#include "pipeline/stats/its.h"
#include "pipeline/stats/season.h"

struct sqlite3;

/* What a category's name in a query means. */
struct sori_inquiry_subject {
	const struct sori_panel_category *category; /* of a group its first; NULL: the store does not know it */
	size_t first, last;  /* indexes of its categories, last excluded */
	size_t id_length;    /* of category->id that names it */
	bool group;          /* "delivery" or "delivery.*": mentions of all its categories */
};
struct sori_inquiry_subject sori_inquiry_subject(const struct sori_panel *panel, const char *name);

/* Why there is no figure, or none to build on. */
enum sori_refusal {
	SORI_REFUSAL_NONE,
	SORI_REFUSAL_EARLY,       /* under 8 whole weeks since; `judge_from` says when there will be */
	SORI_REFUSAL_BEFORE,      /* under 6 whole weeks before */
	SORI_REFUSAL_HISTORY,     /* season: under 52 weeks; or 52 to 103, shown and not tested */
	SORI_REFUSAL_FEW,         /* too few documents: effect under 5 with the category, season under 60; drivers 30 rated, 5 low */
	SORI_REFUSAL_NONE_SIDE,   /* no document of the category before, or since: no ratio */
	SORI_REFUSAL_DICTIONARY,  /* the weeks were counted by different dictionaries, too few by the last one */
	SORI_REFUSAL_UNKNOWN,     /* the store has no such category, or no document in the action's scope */
	SORI_REFUSAL_EXPOSURE,    /* the exposure does not cover the weeks */
	SORI_REFUSAL_SCOPE,       /* the exposure is not given for the action's scope */
	SORI_REFUSAL_FIT,         /* the model did not converge, or its columns depend on each other */
	SORI_REFUSAL_COUNT
};
const char *sori_refusal_id(enum sori_refusal refusal); /* "" "too-early" "short-before" "short-history" "few-documents" … */
/* One sentence without a full stop, in Korean or English: "under 8 whole weeks since". "" for NONE. */
const char *sori_refusal_text(enum sori_refusal refusal, bool english);

enum sori_inquiry { SORI_INQUIRY_EFFECT, SORI_INQUIRY_DRIVERS, SORI_INQUIRY_SEASON };
/* The line that association is no cause, for each question. */
const char *sori_inquiry_caution(enum sori_inquiry which, bool english);

/* --- weeks --------------------------------------------------------------------------------------------------------- */

enum sori_week_state {
	SORI_WEEK_USED,
	SORI_WEEK_PARTIAL,    /* at an end of the data: not all of its days are in the period */
	SORI_WEEK_MISSING,    /* under 6 of its 7 days: silent sources, days off */
	SORI_WEEK_EMPTY,      /* no denominator */
	SORI_WEEK_DICTIONARY, /* counted by another dictionary than the last week, or by several */
	SORI_WEEK_PHASE_IN    /* effect: the action was coming into place */
};
const char *sori_week_state_id(enum sori_week_state state); /* "used" "partial" … */

/* ISO weeks in order, without gaps. t is the week's index. */
struct sori_week_series {
	sori_day first;        /* Monday of week 0 */
	size_t count;
	double *t;             /* [count] 0, 1, … */
	double *y, *n;         /* [count] documents with the category and denominator (documents, or exposure); NaN unless USED */
	unsigned char *state;  /* [count] enum sori_week_state */
	bool *excluded;        /* [count] phase-in */
	size_t used;           /* weeks */
	size_t other_dictionary;
	double documents;      /* sum of y over the weeks used */
};
static inline sori_day sori_week_monday(const struct sori_week_series *weeks, size_t week)
{
	return weeks->first + (sori_day)(7 * week);
}

/* --- effect -------------------------------------------------------------------------------------------------------- */

#define SORI_EFFECT_HORIZONS 3 /* 0, 4 and 12 weeks after */
extern const int sori_effect_weeks[SORI_EFFECT_HORIZONS];

struct sori_effect_query {
	const char *category;     /* id, or a group ("delivery": mentions of its categories) */
	sori_day date;
	unsigned phase_in;        /* weeks */
	struct sori_slice where;  /* both series */
	struct sori_slice scope;  /* the action's own; where + scope is judged, where - scope compared with */
	sori_day from, as_of;     /* days looked at; SORI_DAY_NONE: from the first dated one, to the last */
	const struct sori_calendar *calendar; /* may be NULL */
	const struct sori_exposure *exposure; /* NULL: denominators are documents */
	const char *per;          /* name in the exposure */
};

/* A rate ratio to what would have been: quasi-Poisson and Newey-West interval; the wider one is the headline. NaN: none. */
struct sori_effect_ratio {
	double ratio;
	struct sori_interval quasi, newey_west, headline;
	double p;              /* of the wider one */
	bool beyond;           /* that many weeks after are not in the data: the line is drawn on */
};

struct sori_effect_line {       /* one series, judged */
	enum sori_refusal refusal;
	bool weak;                  /* 6 to 11 weeks before: level only */
	size_t before, after;       /* weeks used */
	double documents_before, documents_after, share_before, share_after;
	struct sori_effect_ratio at[SORI_EFFECT_HORIZONS];
	struct sori_effect_ratio average; /* over the weeks since: what the verdict goes by */
	struct sori_week_series weeks;
	double *fitted, *without;   /* [weeks.count] documents: the model, and the model without the change; NaN where not used; NULL
				     * with no weeks (nothing known) */
};

enum sori_effect_control { SORI_CONTROL_NONE, SORI_CONTROL_OUTSIDE_SCOPE, SORI_CONTROL_OTHER_CATEGORIES };

struct sori_effect {
	struct sori_arena arena;    /* owns all below */
	const struct sori_panel_category *category; /* of a group its first; NULL: unknown */
	size_t id_length;           /* of the id that names it */
	bool group;
	sori_day date, t0, as_of;   /* t0: Monday of the first week that counts as after, phase-in not yet taken off */
	sori_day judge_from;        /* the day on which 8 whole weeks will have passed; also when it is past */
	enum sori_verdict verdict;  /* UP, DOWN (of complaints), UNCLEAR, TOO_LITTLE, DICTIONARY */
	bool better;                /* DOWN for pain, UP for praise */
	double q;                   /* sori_effect_judge; NaN: judged alone */
	struct sori_effect_line line;
	unsigned harmonics;         /* 0, 1, 2 */
	size_t lag;                 /* Newey-West */
	double avoided;             /* documents fewer than without the change, over the weeks since; negative: more */
	struct sori_interval avoided_limits;
	double phi, acf1, box_lag, box, box_p; /* Ljung-Box of the residuals */
	size_t placebo_tried, placebo_as_large; /* earlier dates; under 20 tried says little */
	bool placebo_doubt;         /* 20 or more tried, and over 5 % have a step as large */
	enum sori_effect_control control;
	struct sori_effect_line compare; /* the comparison series, same model; not filled with CONTROL_NONE */
	struct sori_effect_ratio net;    /* average over the comparison's average, independent series; NaN unless OUTSIDE_SCOPE */
	size_t left_out_days;       /* by the calendar */
};

/* SORI_USAGE: a dimension or value that the store does not have in `where`. All that the data lack is a refusal instead. */
enum sori_status sori_effect_run(struct sori_effect **effect, struct sqlite3 *database, const struct sori_effect_query *query,
				 struct sori_error *error);
void sori_effect_free(struct sori_effect *effect);

/* Every action of the ledger: effects[count] as allocated by the caller (free each), q by Benjamini and Hochberg over those
 * judged, verdicts by q <= 0.05. query->category, date, phase_in and scope are the actions'. *family may be NULL. */
enum sori_status sori_effect_judge(struct sori_effect **effects, struct sqlite3 *database, const struct sori_actions *actions,
				   const struct sori_effect_query *query, size_t *family, struct sori_error *error);

/* What to do next with an action, in plain words; into room. "can be judged from 2026-11-02" */
void sori_effect_next(const struct sori_effect *effect, const struct sori_action *action, bool english, char *room, size_t size);

/* --- drivers ------------------------------------------------------------------------------------------------------- */

struct sori_drivers_query {
	sori_day from, to;        /* SORI_DAY_NONE: open */
	struct sori_slice where;
	int low;                  /* ratings up to here are low; -1: 2 of 5 */
	bool nps;                 /* 0 to 10, low 0 to 6 */
};

struct sori_drivers_row {
	const struct sori_panel_category *category;
	enum sori_refusal refusal;  /* FEW: crude figures alone */
	struct sori_driver driver;  /* pipeline/stats/drivers.h; adjusted figures NaN when there are none */
	double documents;           /* with the category, rated or not */
	double impact;              /* prevalence x risk difference: share of all rated documents */
	double p, q;                /* G2 of the crude table, Benjamini-Hochberg; NaN: not tested */
	enum sori_verdict verdict;  /* UP: goes with low ratings; DOWN: with better ones; UNCLEAR; TOO_LITTLE */
};

struct sori_drivers_result {
	struct sori_arena arena;
	struct sori_panel_category *categories;
	sori_day from, to;          /* of the rated documents */
	double documents, rated;    /* coverage = rated / documents */
	double low;                 /* rated documents with a low rating */
	int threshold, scale;       /* low: up to threshold, of scale (5 or 10) */
	double by_rating[11];
	double off_scale;           /* ratings beyond the scale, left out */
	double other_dictionary;    /* documents that another dictionary counted, left out */
	enum sori_refusal refusal;  /* FEW: under 300 rated documents; no figures */
	enum sori_refusal adjusted_refusal; /* FEW: under 10 low per parameter; FIT: no solution; adjusted figures NaN */
	const char *adjusted_for;   /* "channel x product", "channel", "" */
	size_t parameters, dropped;
	struct sori_drivers_row *rows; /* by impact: what goes with most low ratings first, with better ones last; then those with too little data */
	size_t row_count, family;
};

/* SORI_USAGE: no such slice; over 5 % of the ratings are above 5 and neither low nor nps was asked for. */
enum sori_status sori_drivers_run(struct sori_drivers_result **result, struct sqlite3 *database,
				  const struct sori_drivers_query *query, struct sori_error *error);
void sori_drivers_free(struct sori_drivers_result *result);

/* --- season -------------------------------------------------------------------------------------------------------- */

struct sori_season_query {
	const char *category;     /* id or group; NULL: every category with documents */
	struct sori_slice where;
	sori_day from, as_of;     /* SORI_DAY_NONE: from the first dated day, to the last */
	const struct sori_calendar *calendar;
	const struct sori_exposure *exposure;
	const char *per;
};

struct sori_season_row {
	const struct sori_panel_category *category;
	size_t id_length;
	bool group;
	enum sori_refusal refusal;  /* of the test; HISTORY with 52 weeks or more: peak and ratio are as observed, not fitted */
	struct sori_week_series weeks;
	double *fitted;             /* [weeks.count] documents; NaN without a fit */
	struct sori_season season;
	double acf1;                /* lag-1 autocorrelation of the residuals */
	double p_memory;            /* of the same F, with as many weeks as are worth that many independent ones; NaN: no test */
	double q;                   /* of p_memory */
	enum sori_verdict verdict;  /* UP: there is a season; UNCLEAR; TOO_LITTLE */
	size_t years, years_apart;  /* whole years; of them those with a higher rate around the peak than around the trough */
	double p_without;           /* the test without the year that has most documents (3 years), else NaN */
	bool recurs;                /* nearly all years, and without that year as well; else no season (UNCLEAR) but an event */
	sori_day peak, trough;      /* Mondays of the highest and lowest week in the last full year; NONE: not known */
	double ratio;               /* peak to trough */
	bool observed;              /* both are the highest and lowest week seen (one year), not the fit's */
	bool every_year;            /* 3 full years */
	/* The last whole week against the same ISO week a year before; near Seollal or Chuseok the same days around the feast. */
	sori_day this_monday, last_monday; /* NONE: no year before */
	bool aligned;
	struct sori_ab_result year; /* a: last year, b: this year */
	enum sori_verdict year_verdict;
	double year_q;
};

struct sori_season_result {
	struct sori_arena arena;
	struct sori_panel *panel;   /* owned */
	sori_day first, as_of;
	struct sori_season_row *rows; /* seasons first, then by q, then id */
	size_t row_count, family, year_family;
};

enum sori_status sori_season_run(struct sori_season_result **result, struct sqlite3 *database, const struct sori_season_query *query,
				 struct sori_error *error);
void sori_season_free(struct sori_season_result *result);

#endif
