/* The report model: everything that the reports of one period show, read from the store once, and the reporters that
 * write it. No clock, no locale: the same store and query give the same bytes.
 *
 *   store --SQL--> sori_report_model --> report_html, report_json, report_xml   (from the model)
 *                          \-----------> report_csv                            (streams `daily` again, in the same snapshot)
 *
 * Lifetimes: the model owns its strings and arrays (one arena); it keeps a read transaction on the connection open until
 * it is freed, so that all files of a report tell of one state of the store. One thread. */
#ifndef SORI_CORE_REPORT_H
#define SORI_CORE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/identities.h"
#include "pipeline/core/options.h"
#include "pipeline/core/output.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/suppress.h"

struct sqlite3;
struct sori_calendar;
struct sori_actions;
struct sori_exposure;
struct sori_outside;
struct sori_term_grammar;

#define SORI_REPORT_DIMENSIONS 8
#define SORI_REPORT_UNKNOWN UINT64_MAX /* a count that the store does not hold */

/* What to report. Zeroes mean "all, in Korean"; days must be set to SORI_DAY_NONE explicitly (see _init). */
struct sori_report_query {
	sori_day from, to;        /* first and last day; NONE: open. With either set, undated documents are left out. */
	sori_day as_of;           /* "tonight"; NONE: the last dated day in the store (or `to`) */
	bool english;             /* initial language */
	enum sori_publish publish; /* suppress.h: small cells hidden; zero: none */
	const char *dim_label[3]; /* names of the further dimensions; NULL: as the store's inputs name them */
	/* What people keep beside the data, NULL: not given. Borrowed until the model is freed. */
	const struct sori_calendar *calendar;
	const struct sori_actions *actions;
	const struct sori_exposure *exposure;
	const char *per; /* name in the exposure */
	const struct sori_outside *outside;
	const struct sori_term_grammar *grammar; /* how words become terms (analyse_emerging.h); NULL: no emerging words */
};
static inline void sori_report_query_init(struct sori_report_query *query)
{
	*query = (struct sori_report_query){.from = SORI_DAY_NONE, .to = SORI_DAY_NONE, .as_of = SORI_DAY_NONE};
}

enum sori_verdict {
	SORI_VERDICT_TOO_LITTLE, /* under 5 documents, or under 30 documents or 7 days in a window */
	SORI_VERDICT_DICTIONARY, /* the windows were counted by different dictionaries */
	SORI_VERDICT_UNCLEAR,    /* the interval of the difference contains zero */
	SORI_VERDICT_UP,
	SORI_VERDICT_DOWN
};
const char *sori_verdict_id(enum sori_verdict verdict); /* "too-little-data" "dictionary-changed" "unclear" "up" "down" */

/* A category's share of documents in the latest window against the window before: the row of sori_compare_run. NaN stands
 * for what is not known. */
struct sori_report_change {
	enum sori_verdict verdict;
	uint64_t before, after; /* documents with the category */
	double complaints_before, complaints_after; /* distinct complaints, day by day; NaN: not counted */
	double share_before, share_after; /* of the documents of the days that count (late and left out ones do not) */
	double difference;      /* of shares, after - before; NaN: a window without documents, or different dictionaries */
	double low, high;       /* Newcombe's 95 % interval of the difference */
	double excess;          /* documents more (or fewer) than the earlier share would give */
	double ratio, ratio_low, ratio_high; /* of the shares, by daily counts with weekday and over-dispersion */
	double q;               /* false discovery rate; NaN: not tested */
};

/* What a bucket's share lies in when nothing is the matter: pipeline/stats/usual.h over the buckets before the latest window. */
struct sori_report_usual {
	bool known;
	double share;
	double *low, *high; /* per bucket, in documents; both 0 where the bucket has none */
};

/* The two windows; days 0 when the period is too short for any. */
struct sori_report_windows {
	int days; /* 28, 14, 7 or 0 */
	sori_day before_first, before_last, after_first, after_last;
	uint64_t before_documents, after_documents;
	int before_days, after_days; /* days with documents */
	bool comparable;             /* one dictionary, enough documents and days in both, neither with holes */
	bool dictionary_changed;
};

struct sori_report_value {
	const char *text; /* "" for none */
	size_t length;
	uint64_t documents;
};

struct sori_report_dimension {
	const char *id;    /* "source" "channel" "product" "region" "lang" "dim1" "dim2" "dim3": column of `cell` */
	const char *label; /* column name in counts.csv: the id, or the name given to a further dimension */
	bool used;         /* some document has a value in it */
	struct sori_report_value *values; /* most documents first, then byte order */
	size_t count;
};

struct sori_report_span {
	uint32_t start, end; /* bytes of the text, on code point borders */
};

struct sori_report_sample {
	sori_day day;
	int rating; /* -1 none */
	const char *text;
	uint32_t length;
	const char *place;                          /* path#record */
	const char *value[SORI_REPORT_DIMENSIONS];
	const struct sori_report_span *spans;       /* sorted, disjoint */
	size_t span_count;
	size_t group;                               /* index of the first sample of the category that tells the same (near-duplicates) */
};

struct sori_report_category {
	int64_t key; /* in the store */
	const char *id, *ko, *en, *owner;
	bool praise, fallback;
	int severity;
	uint64_t documents;     /* in the period */
	uint64_t complaints;    /* distinct ones: near-duplicates of one day are one (store_similar.h); added up over days */
	uint64_t customers;     /* distinct ones, day by day likewise; documents without a customer count none */
	uint64_t ever;          /* in the store */
	uint64_t as_of;         /* on the as-of day */
	uint64_t *series;       /* per bucket */
	uint64_t *by[SORI_REPORT_DIMENSIONS]; /* parallel to the dimension's values */
	struct sori_report_change change;
	struct sori_report_usual usual;
	struct sori_report_sample *samples; /* newest month first, then by rank */
	size_t sample_count;
};

enum sori_bucket_unit { SORI_BUCKET_DAY, SORI_BUCKET_WEEK, SORI_BUCKET_MONTH, SORI_BUCKET_YEAR };
const char *sori_bucket_unit_id(enum sori_bucket_unit unit);

struct sori_report_bucket {
	sori_day first, last;
	uint64_t documents; /* 0: no data, a gap in the chart */
};

struct sori_report_input {
	const char *path, *source, *hash, *format, *encoding, *compression, *status, *problem, *warning;
	const char *columns, *reasons;           /* JSON objects as the ledger holds them */
	const char *columns_text, *reasons_text; /* "key: value · key: value" */
	uint64_t bytes, seen, header, blank, read, accepted, rejected, duplicate, replaced, undated;
};

struct sori_report_dictionary {
	const char *hash;
	sori_day first, last; /* dated days in the period counted by it; NONE when only undated */
	uint64_t documents;
};

struct sori_report_findings; /* report_findings.h */
struct sori_report_cube;     /* report_cube.h */

struct sori_report_model {
	struct sori_report_query query;
	struct sqlite3 *database; /* borrowed */
	bool transaction;         /* opened by the model */
	struct sori_arena arena;

	bool whole;              /* no period given: undated documents are in the totals */
	sori_day first, last;    /* of the dated documents in the period; NONE when there are none */
	sori_day as_of;
	sori_day store_first, store_last; /* dated days in the store */
	uint64_t documents;      /* in the period */
	uint64_t undated;        /* among them when `whole`, else beside them */
	uint64_t pain, none;     /* with a pain category; with no category; SORI_REPORT_UNKNOWN when not kept */
	uint64_t complaints, pain_complaints, customers; /* distinct, day by day, in the period; see the category's */
	uint64_t with_customer;  /* documents of the store that have a customer */
	uint64_t ever;           /* documents in the store */
	uint64_t before_chart;   /* dated documents of the period before the first bucket (a few stray early days) */

	struct sori_report_category *categories; /* byte order of id */
	size_t category_count;
	struct sori_report_dimension dimensions[SORI_REPORT_DIMENSIONS];
	struct sori_report_bucket *buckets;
	size_t bucket_count;
	uint64_t *pain_series; /* documents with a pain category, per bucket; as the buckets themselves never hidden */
	enum sori_bucket_unit unit;
	struct sori_report_windows windows;
	struct sori_report_findings *findings; /* comparisons, alerts and the rest of the statistics */
	struct sori_report_cube *cube;         /* counts by slice, for filtering without the store; NULL: nothing to filter */
	struct sori_report_dictionary *dictionaries; /* by first day, then hash */
	size_t dictionary_count;
	struct sori_report_input *inputs; /* in force (not superseded): latest run first, then path */
	size_t input_count;
	struct sori_report_input total; /* sums; strings NULL */
	/* With a publish level: the threshold, 0 without. Counts may then be SORI_HIDDEN (suppress.h) in series, by, as_of, ever,
	 * change.before and after, and in the documents of dimensions' values; write sori_publish_word(publish_k) for them, and
	 * nothing that derives from them. Categories whose total is small are not in the model at all. */
	unsigned publish_k;
	bool by_documents;        /* no document has a customer: the threshold is on documents */
	size_t hidden_categories; /* that left the model */
	bool rows_hold;      /* I1 and seen = header + blank + read, for every input */
	bool documents_hold; /* documents in the store = accepted - replaced, over all inputs */
};

/* Reads the store into *model (SORI_OK) or leaves *model NULL. The connection is borrowed and must outlive the model.
 * An empty store gives an empty model. SORI_DATA: the schema is not as store.h says. */
enum sori_status sori_report_model_load(struct sori_report_model **model, struct sqlite3 *database,
					const struct sori_report_query *query, struct sori_error *error);
void sori_report_model_free(struct sori_report_model *model);

/* One kind of report. `settings` holds a section named like the reporter, or is NULL: defaults. */
struct sori_reporter {
	const char *name;    /* folder name, e.g. "report_html" */
	const char *summary; /* one line */
	const struct sori_option *options;
	enum sori_status (*write)(const struct sori_report_model *model, struct sori_output_set *outputs,
				  const struct sori_settings *settings, struct sori_error *error);
	const char *optional; /* its one file, which the option `write` leaves out; NULL: always written */
};

bool sori_reporter_wanted(const struct sori_reporter *reporter, const struct sori_settings *settings);

/* The registry (stages/stages.def); NULL after the last. */
extern const struct sori_reporter *const sori_reporters[];

/* Writes and finishes the files of all reporters that are wanted (NULL ends the list); nothing is visible until the caller publishes
 * the set, after it added run.json. */
enum sori_status sori_report_write_all(const struct sori_report_model *model, const struct sori_reporter *const *reporters,
				       struct sori_output_set *outputs, const struct sori_settings *settings,
				       struct sori_error *error);

/* run.json: what one run did. All borrowed. */
struct sori_run_summary {
	const char *dictionary; /* hash */
	uint64_t config;
	const struct sori_input *const *inputs;
	size_t input_count;
	const struct sori_identities *identities; /* not known: null in the file */
	int64_t started, finished; /* epoch seconds, the only clock readings in any output */
};

/* Adds run.json to the set; it lists the files opened before it and itself, so call it last. */
enum sori_status sori_run_json_write(const struct sori_run_summary *run, struct sori_output_set *outputs,
				     struct sori_error *error);

#endif
