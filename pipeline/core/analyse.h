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

/* What a day is for statistics. Set from the calendar by sori_panel_set_calendar; all ordinary without one. */
enum sori_day_kind {
	SORI_DAY_ORDINARY,
	SORI_DAY_HOLIDAY,   /* a weekday class of its own */
	SORI_DAY_DISTURBED  /* around Seollal and Chuseok: neither judged nor in a baseline */
};

/* One slice, day by day. */
struct sori_panel_side {
	double *all;         /* [days] documents */
	double *complaints;  /* [category_count * days] distinct complaints (near-duplicates of a day count once); NULL: the store
			      * was written before they were counted */
	double *all_complaints; /* [days]; NULL likewise */
	double *all_customers;  /* [days] distinct customers of the day; NULL likewise */
	double *none;        /* [days] documents without any category */
	double *documents;   /* [category_count * days] */
	int64_t *dictionary; /* [days] that counted the day; 0: no documents; -1: several */
	bool *absent;        /* [days] a source that should have spoken was silent: its silence is missing, not zero */
	size_t cells;        /* of the store in the slice */
	double *exposure;    /* [days] what sori_compare_run counts against instead of documents; NaN: not known, the day is left out;
			      * NULL: documents. Set by the caller, who owns it */
};

#define SORI_PANEL_SIDES 2

struct sori_panel {
	struct sori_arena arena;
	sori_day first;
	size_t days;
	sori_day store_first, store_last; /* dated days of the store, whatever the panel's; SORI_DAY_NONE: it has none */
	struct sori_panel_category *categories; /* byte order of id */
	size_t category_count;
	struct sori_panel_side sides[SORI_PANEL_SIDES];
	size_t side_count;
	bool overlap; /* some cell is in both sides */
	unsigned char *kind; /* [days] enum sori_day_kind */
	bool *provisional;   /* [days] under 95 % of the day's documents are in, by how late those of the last eight weeks came:
			      * left out of comparisons and baselines; set by sori_panel_mark_late */
	double *completeness;/* [days] share of the documents expected to be in; 1 when not known to be late; NULL: not asked */
	unsigned char *member; /* [cell_limit] bit s: the store's cell is in side s */
	size_t cell_limit;
	int64_t *category_key; /* [category_count] number in the store */
};

/* Working days that follow a holiday and the days beside Seollal and Chuseok are disturbed. `kinds[days]`: one
 * enum sori_day_kind for each day of the panel; copied. */
void sori_panel_set_kinds(struct sori_panel *panel, const unsigned char *kinds);

/* Fills provisional and completeness from the delays of the last eight weeks (load day less event day, by the runs' as-of days).
 * With one run, or without any delay, nothing is provisional. */
enum sori_status sori_panel_mark_late(struct sori_panel *panel, struct sqlite3 *database, struct sori_error *error);

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
	double complaints, customers;   /* distinct complaints, day by day; distinct customers of the period; NaN: not counted */
	bool customers_estimated;       /* over 4096: by their smallest hashes, about 1.6 % off */
	size_t provisional, disturbed;  /* days left out: late data; around Seollal and Chuseok (left in, but said) */
	size_t days, observed, missing; /* days of the period; with documents; silent although a source should have spoken, or outside the store's days */
	bool incomplete;                /* under 80 % of the days are there */
};

/* How much of a difference is another mix of channels and products, not another rate within them. */
struct sori_compare_mix {
	size_t strata;                 /* channel x product with documents on both sides; under 2: nothing is said, all NaN */
	struct sori_strata_result result; /* 1: a, 2: b */
	bool signs_differ;             /* the adjusted ratio points the other way than the crude one: read the strata */
};

struct sori_compare_row {
	const struct sori_panel_category *category;
	struct sori_ab_result ab; /* a: the reference ("before"), b: the period or slice in question */
	struct sori_compare_mix mix; /* filled by sori_compare_mix_run */
	double complaints_a, complaints_b; /* distinct complaints, day by day; NaN: not counted */
	double customers_a, customers_b;   /* distinct; NaN: not counted; filled by sori_compare_people */
	double one_customer_a, one_customer_b; /* documents of the customer that has over half of the side's; 0: nobody */
	double q;                 /* NaN: not tested */
	double excess;            /* documents more than the reference's share would give */
	enum sori_verdict verdict;
};

struct sori_compare_result {
	struct sori_compare_period a, b;
	bool dictionary_changed;
	double none_ratio;            /* share without a category, b to a; NaN when a has none. A jump explains many "changes" */
	bool none_jumped;             /* its interval is clear of 1 and it moved by over 2 points */
	bool customers_known;         /* some document of either side has a customer */
	struct sori_ab_result volume; /* documents per day; denominators are days */
	struct sori_compare_row *rows; /* most evidence first; categories without a document in either are left out */
	size_t row_count, family;     /* family: categories tested together */
};

/* A against B: shares by Newcombe, rate ratios by daily counts with weekday and over-dispersion, Benjamini-Hochberg over the
 * categories with a p-value. "changed" is q <= 0.05. The result lives in the panel's arena. */
enum sori_status sori_compare_run(struct sori_panel *panel, const struct sori_compare_side *a, const struct sori_compare_side *b,
				  struct sori_compare_result *result, struct sori_error *error);

/* Adds the mix split to every row of a result, and distinct customers (one scan of the store's facts). Both optional. */
enum sori_status sori_compare_mix_run(struct sori_panel *panel, struct sqlite3 *database, const struct sori_compare_side *a,
				      const struct sori_compare_side *b, struct sori_compare_result *result, struct sori_error *error);
enum sori_status sori_compare_people(struct sori_panel *panel, struct sqlite3 *database, const struct sori_compare_side *a,
				     const struct sori_compare_side *b, struct sori_compare_result *result, struct sori_error *error);

enum sori_alert_tier {
	SORI_TIER_NONE,        /* under 28 days of history */
	SORI_TIER_PROVISIONAL, /* 28 to 63 days: EARS C2 */
	SORI_TIER_DAILY,       /* Farrington flexible with a seven-day year */
	SORI_TIER_WEEKLY       /* Farrington flexible over 3 to 5 years of ISO weeks */
};

enum sori_alert_level { SORI_ALERT_VOLUME, SORI_ALERT_GROUP, SORI_ALERT_CATEGORY };

enum sori_alert_word {
	SORI_ALERT_NO_DATA,    /* nothing came tonight, or a source is silent */
	SORI_ALERT_DICTIONARY, /* tonight was counted by several dictionaries */
	SORI_ALERT_HOLIDAY,    /* a holiday with under 3 like it in the baseline, or a day around Seollal and Chuseok */
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
	bool trend_used;              /* weekly tier */
	double trend;                 /* weekly tier: factor a year; NaN without */
	/* Distinct complaints beside the documents: NaN when the store does not count them or the documents are quiet. One text
	 * sent a hundred times passes the bound in documents and not here: then `copies`, and no more than a watch. */
	double complaints, complaints_expected, complaints_upper;
	bool copies;
	const struct sori_alert *whole; /* category: its group rises without it as well; NULL: no */
	const struct sori_alert *cause; /* group: this category alone explains it; NULL: none does */
};

struct sori_alerts_result {
	sori_day day;           /* tonight; weekly: the last day of the week judged */
	bool weekly;
	double completeness;    /* of tonight, by the delays of the last weeks; 1 when nothing is known to come late */
	enum sori_day_kind kind;
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
#define SORI_ALERT_DAILY_DAYS 64 /* of history, before that the tier is provisional */
/* The weekly tier: five years and half of a week's window, in whole ISO weeks. */
#define SORI_ALERT_HISTORY_WEEKLY ((5 * 52 + 3 + 1) * 7)

/* Judges the panel's last day, side 0. The result lives in the panel's arena. */
enum sori_status sori_alerts_run(struct sori_panel *panel, struct sori_alerts_result *result, struct sori_error *error);

/* Judges the last whole ISO week that ends on or before the panel's last day: 3 years and 4 weeks are needed, 5 used when there.
 * `history` counts weeks, rows' used and dropped are weeks. Farrington flexible with trend, the 26 weeks before left out. */
enum sori_status sori_alerts_run_weekly(struct sori_panel *panel, struct sori_alerts_result *result, struct sori_error *error);

#endif
