/* How far the counts can be trusted: precision and recall of each category, from texts that people labelled, and the
 * share corrected for both. The judgements lie in the store beside the counts:
 *
 *   label(identity TEXT, dictionary TEXT, day INTEGER, drawn TEXT, fraction TEXT, found TEXT, wanted TEXT, unsure TEXT,
 *         text TEXT, PRIMARY KEY(identity, dictionary)) WITHOUT ROWID
 *                          one text judged; `drawn` why it was on the sheet: "*random" and ids of categories with blanks
 *                          between, `fraction` "drawn/of" of the random part, `found` the categories that this dictionary
 *                          (hash) counted, `wanted` those a reader gave, `unsure` those to leave out; masked text
 *   gold(category TEXT, dictionary TEXT, name TEXT, texts, tp, fp, fn, tn INTEGER, PRIMARY KEY(category, dictionary))
 *        WITHOUT ROWID     the same from a curated gold set, counts only
 *
 * Both tables are made by the first `sori label`; a store without them simply has no figures. What comes from what:
 *   precision    texts drawn at random or in the category's own stratum that count for it. Both are random draws among the
 *                category's documents; a text that stands on the sheet for another category is left out.
 *   recall, specificity     texts drawn at random, only they see what was missed
 *   gold         stands in where there is no labelled text; marked, and never a base of a corrected share, because its
 *                texts were chosen and not drawn. */
#ifndef SORI_CORE_CLASSIFIER_H
#define SORI_CORE_CLASSIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

struct sqlite3;

enum sori_classifier_basis {
	SORI_BASIS_NONE,   /* not known: value is NaN */
	SORI_BASIS_LABELS, /* labelled texts: random and stratified for precision, random for recall and specificity */
	SORI_BASIS_GOLD    /* a curated gold set */
};
const char *sori_classifier_basis_id(enum sori_classifier_basis basis); /* "none" "labels" "gold" */

/* `right` of `judged`, and Wilson's 95 % interval; NaN throughout when nothing was judged (basis NONE). */
struct sori_classifier_share {
	enum sori_classifier_basis basis;
	uint64_t right, judged;
	double value, low, high;
};

struct sori_classifier_category {
	const char *id;
	struct sori_classifier_share precision, recall, specificity;
};

struct sori_classifier {
	const struct sori_classifier_category *categories; /* byte order of id; only those with some figure */
	size_t count;
	const char *dictionary;    /* hash of the dictionary that was judged, "" when there are no figures */
	bool current;              /* it is the one asked for; else the newest judged one stands in: say so */
	uint64_t random_texts, stratified_texts, gold_texts; /* judged; a text drawn both ways is in both */
	sori_day first, last;      /* days of the labelled random texts, SORI_DAY_NONE: none */
	const char *gold_name;     /* "" when there is none */
};

/* Reads the figures for a dictionary (its hash as text in table `dictionary`; "" or NULL: the newest judged one). An
 * unlabelled store gives an empty object, never an error. Owned by the caller. Figures of labels under another dictionary
 * are used when this one was not judged, with current = false. */
enum sori_status sori_classifier_load(struct sori_classifier **classifier, struct sqlite3 *database, const char *dictionary,
				      struct sori_error *error);
void sori_classifier_free(struct sori_classifier *classifier);

/* NULL when the category has no figure. */
const struct sori_classifier_category *sori_classifier_find(const struct sori_classifier *classifier, const char *id);

/* Rogan & Gladen (1978): (p + specificity - 1) / (sensitivity + specificity - 1), clipped to 0..1, where p is the share of
 * documents that count for the category. Interval after Lang & Reiczigel (2014), 95 %, which takes in that sensitivity and
 * specificity were estimated as well. NaN (all three) when recall or specificity do not come from LABELS, when either
 * judged nothing, when sensitivity + specificity <= 1, or without documents. Low and high alone are NaN when the whole
 * interval lies outside 0..1: the labels do not fit these documents. Show it beside the share, marked as corrected, not
 * instead. */
struct sori_corrected_share {
	double value, low, high;
	bool clipped; /* the value was outside 0..1 */
};
struct sori_corrected_share sori_corrected_share(uint64_t hits, uint64_t documents,
						 const struct sori_classifier_category *category);

/* ---- writing, for `sori label`; the connection is of a store opened for writing. */

/* Makes the tables unless they are there. */
enum sori_status sori_classifier_prepare(struct sqlite3 *database, struct sori_error *error);

struct sori_label {
	struct sori_view identity;   /* 32 hexadecimal digits, or what the sheet calls it */
	struct sori_view dictionary; /* hash */
	sori_day day;                /* SORI_DAY_NONE undated */
	struct sori_view drawn, fraction, found, wanted, unsure, text;
};
/* Adds or replaces one judgement; *changed (may be NULL): it was not there word for word. */
enum sori_status sori_classifier_put(struct sqlite3 *database, const struct sori_label *label, bool *changed,
				     struct sori_error *error);

struct sori_gold_counts {
	struct sori_view category, dictionary, name;
	uint64_t texts, tp, fp, fn, tn;
};
enum sori_status sori_classifier_put_gold(struct sqlite3 *database, const struct sori_gold_counts *counts,
					  struct sori_error *error);

#endif
