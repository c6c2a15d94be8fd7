/* What is new or suddenly common in what customers write: terms and categories of a window against the weeks before.
 *
 * Terms come from the day samples of the store (pipeline/core/voices.h): of every day the SORI_VOICES_PER_DAY records with the
 * smallest hashes of their identity, masked. On days with fewer records that is all of them and the counts are exact; on busier
 * days it is a sample drawn blindly and evenly, and the result says so (sampled, with both numbers). Document frequencies:
 * a term counts once a document, and equal or nearly equal texts count once (a campaign is one complaint).
 *
 * Rank: z of the log odds with an informative Dirichlet prior (alpha0 500; prior: window + baseline + history). Gate, all of:
 * Benjamini-Hochberg q < .05 on G2, Log Ratio's lower limit > 0, at least 5 documents, 3 customers (when there are any
 * customers), 2 days; and no test at all under 200 documents in the window. */
#ifndef SORI_CORE_ANALYSE_EMERGING_H
#define SORI_CORE_ANALYSE_EMERGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/core/analyse.h"

#define SORI_EMERGING_QUOTES 3
/* What the command and the report take when nothing else is asked for. */
#define SORI_EMERGING_DAYS 7
#define SORI_EMERGING_BASELINE 28
#define SORI_EMERGING_HISTORY 180 /* before the baseline */

/* How words become terms. A word has several readings (with particles or inflection cut, or not); the reading that most
 * different words share is taken, so that a guess needs witnesses: 배송이, 배송은 and 배송 are 배송; 회의 stays what it is. */
struct sori_term_stem {
	char text[64];
	size_t length;
};
#define SORI_TERM_STEMS 12

struct sori_term_grammar {
	/* Readings of a run of Hangul other than the word itself, at least two syllables long; returns how many. NULL: none. */
	size_t (*stems)(void *user, struct sori_view word, struct sori_term_stem out[SORI_TERM_STEMS]);
	void *user;
};

struct sori_emerging_query {
	sori_day from, to;             /* the window */
	sori_day base_from, base_to;   /* the baseline, before it */
	sori_day history_from;         /* days before the baseline that only feed the prior and "first seen"; <= base_from */
	struct sori_slice slice;
	struct sori_term_grammar grammar;
	size_t limit;                  /* rows at most; 0: all that pass the gate */
};

struct sori_emerging_row {
	struct sori_view term;         /* of a category: its id */
	bool bigram;
	const struct sori_panel_category *category; /* NULL: a term */
	double a, b, n_a, n_b;         /* documents with it, and all, in window and baseline */
	double log_ratio, low, high;   /* log2, 95 % */
	double z, g2, p, q;            /* NaN: not tested */
	bool is_new;                   /* b = 0 */
	double baseline_most;          /* upper bound of the baseline's share when b = 0: 3 / n_b; NaN else */
	sori_day first_seen;           /* in the days loaded */
	size_t days, customers;        /* of the window; customers 0 when nobody has one */
	bool passes;                   /* the gate */
	const char *why_not;           /* "" when it passes: the first gate that it fails: "few-documents" "few-customers" "one-day"
					* "not-clear" (q) "interval" (Log Ratio) "dictionary" */
	struct sori_view quotes[SORI_EMERGING_QUOTES]; /* masked, of different customers and wordings; length 0: none */
	sori_day quote_day[SORI_EMERGING_QUOTES];
};

struct sori_emerging {
	struct sori_arena arena;
	struct sori_emerging_row *terms;      /* those that pass by z, largest first; then the nearest misses, at most 20. Two words
						* that pass stand for each of them that is rarely without the other */
	size_t term_count, terms_passed, terms_tested, vocabulary;
	struct sori_emerging_row *categories; /* the same over exact daily counts of all documents */
	size_t category_count, categories_passed, categories_tested;
	double documents, read;               /* of window + baseline: in the store, and read for the terms */
	double window_documents, window_read;
	bool sampled;                         /* read < documents */
	bool too_few;                         /* under 200 documents in the window: nothing is tested */
	bool customers_known;
};

struct sqlite3;

/* *result is NULL unless SORI_OK; free it. The panel's categories are borrowed: it must cover history_from to `to`, side 0. */
enum sori_status sori_emerging_run(struct sori_emerging **result, struct sqlite3 *database, const struct sori_panel *panel,
				   const struct sori_emerging_query *query, struct sori_error *error);
void sori_emerging_free(struct sori_emerging *result);

#endif
