/* Questions to the store that need statistics: what changed between two periods or two slices, and what is out of the ordinary
 * tonight. Daily counts by category and slice are read into plain arrays (the panel); pipeline/stats does the sums; nothing is
 * printed here and no clock is read.
 *
 *   store --SQL--> sori_panel --> sori_compare_run --> rows in words        (sori compare)
 *                           \---> sori_alerts_run  --> tonight's alerts     (sori alerts)
 *
 * The unit is the document; a share is documents with the category of all documents of the same slice and days. Results borrow
 * the panel's texts. One thread. */
#ifndef SORI_CORE_ANALYSE_H
#define SORI_CORE_ANALYSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/report.h"
#include "pipeline/stats/compare.h"

struct sqlite3;

/* DIM=VALUE: terms of one dimension are alternatives, different dimensions all hold. The dimension is a column of `cell` or the
 * name that the inputs gave to dim1 to dim3; "" is a value. Borrowed. */
struct sori_slice_term {
	const char *dimension, *value;
};

struct sori_slice {
	const struct sori_slice_term *terms;
	size_t count;
};

struct sori_panel_category {
	const char *id, *ko, *en;
	size_t stem; /* length of the id before its first dot: the group; the whole length without a dot */
	bool praise, fallback;
	int severity;
};

/* One slice, day by day. */
struct sori_panel_side {
	double *all;         /* [days] documents */
	double *none;        /* [days] documents without any category */
	double *documents;   /* [category_count * days] */
	int64_t *dictionary; /* [days] that counted the day; 0: no documents; -1: several */
	bool *absent;        /* [days] a source that should have spoken was silent: its silence is missing, not zero */
	size_t cells;        /* of the store in the slice */
};

#define SORI_PANEL_SIDES 2

struct sori_panel {
	struct sori_arena arena;
	sori_day first;
	size_t days;
	struct sori_panel_category *categories; /* byte order of id */
	size_t category_count;
	struct sori_panel_side sides[SORI_PANEL_SIDES];
	size_t side_count;
	bool overlap; /* some cell is in both sides */
};

/* First and last dated day of the store; SORI_DAY_NONE in both when there is none. */
enum sori_status sori_analyse_bounds(struct sqlite3 *database, sori_day *first, sori_day *last, struct sori_error *error);

/* Reads `from` to `to` for one or two slices. SORI_USAGE: no such dimension or value. *panel is NULL unless SORI_OK. */
enum sori_status sori_panel_load(struct sori_panel **panel, struct sqlite3 *database, sori_day from, sori_day to,
				 const struct sori_slice *slices, size_t count, struct sori_error *error);
void sori_panel_free(struct sori_panel *panel);

static inline const double *sori_panel_series(const struct sori_panel *panel, size_t side, size_t category)
{
	return panel->sides[side].documents + category * panel->days;
}

/* A side of a comparison: a slice of the panel in a period. */
struct sori_compare_side {
	size_t side; /* of the panel */
	sori_day from, to;
};

struct sori_compare_period {
	double documents, none;
	size_t days, observed, missing; /* days of the period; with documents; silent although a source should have spoken */
	bool incomplete;                /* under 80 % of the days are there */
};

struct sori_compare_row {
	const struct sori_panel_category *category;
	struct sori_ab_result ab; /* a: the reference ("before"), b: the period or slice in question */
	double q;                 /* NaN: not tested */
	double excess;            /* documents more than the reference's share would give */
	enum sori_verdict verdict;
};

struct sori_compare_result {
	struct sori_compare_period a, b;
	bool dictionary_changed;
	struct sori_ab_result volume; /* documents per day; denominators are days */
	struct sori_compare_row *rows; /* most evidence first; categories without a document in either are left out */
	size_t row_count, family;     /* family: categories tested together */
};

/* A against B: shares by Newcombe, rate ratios by daily counts with weekday and over-dispersion, Benjamini-Hochberg over the
 * categories with a p-value. "changed" is q <= 0.05. The result lives in the panel's arena. */
enum sori_status sori_compare_run(struct sori_panel *panel, const struct sori_compare_side *a, const struct sori_compare_side *b,
				  struct sori_compare_result *result, struct sori_error *error);

enum sori_alert_tier {
	SORI_TIER_NONE,        /* under 28 days of history */
	SORI_TIER_PROVISIONAL, /* 28 to 63 days: EARS C2 */
	SORI_TIER_DAILY        /* Farrington flexible with a seven-day year */
};

enum sori_alert_level { SORI_ALERT_VOLUME, SORI_ALERT_GROUP, SORI_ALERT_CATEGORY };

enum sori_alert_word {
	SORI_ALERT_NO_DATA,    /* nothing came tonight, or a source is silent */
	SORI_ALERT_DICTIONARY, /* tonight was counted by several dictionaries */
	SORI_ALERT_TOO_LITTLE, /* short history, or fewer than 5 documents in 7 days */
	SORI_ALERT_NO_FIT,
	SORI_ALERT_QUIET,
	SORI_ALERT_WATCH,      /* over the upper bound */
	SORI_ALERT_ALERT       /* and q <= 0.10 among the night's tests */
};

struct sori_alert {
	enum sori_alert_level level;
	const struct sori_panel_category *category; /* of a group: its first member */
	size_t id_length;                           /* of the category's id that names the row; a group's is its stem */
	enum sori_alert_word word;
	enum sori_alert_tier tier;    /* that judged it; lower than the night's when its dictionary is young */
	bool low;                     /* volume under the lower bound: a feed may be broken */
	double observed, expected, lower, upper; /* NaN: not computed; lower for volume alone */
	double p, q, phi;
	size_t used, dropped;         /* days of the baseline; left out as own alarms */
	bool released;                /* so many alarms that the level counts as new */
	const struct sori_alert *whole; /* category: its group rises without it as well; NULL: no */
	const struct sori_alert *cause; /* group: this category alone explains it; NULL: none does */
};

struct sori_alerts_result {
	sori_day day;
	enum sori_alert_tier tier;
	size_t history;         /* days, tonight included */
	double documents;       /* tonight */
	bool missing;           /* a source is silent tonight */
	struct sori_alert *rows; /* volume, then groups before their categories, blocks with most evidence first */
	size_t row_count;
	size_t tested, groups_tested; /* the two families */
};

/* Days to load before the one judged: the baseline, and time for own past alarms to be known. */
#define SORI_ALERT_HISTORY 190

/* Judges the panel's last day, side 0. The result lives in the panel's arena. */
enum sori_status sori_alerts_run(struct sori_panel *panel, struct sori_alerts_result *result, struct sori_error *error);

#endif
