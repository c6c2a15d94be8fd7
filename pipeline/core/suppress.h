/* Small-cell suppression for reports that leave the house (statistics.md section 6): no default; asked for by --publish.
 *
 *   k = 5 inside, 10 outside, on distinct customers; on documents when no document of the period has a customer (said so)
 *   1. values of a dimension under k roll up into 기타        sori_suppress_values
 *   2. cells 1..k-1 are hidden, and cells of which one customer has more than half
 *   3. complements: a row or column that shows its total hides no single cell, and hidden cells of a row or column together
 *      hold at least k; the smallest other cell that is not zero joins, repeated to a fixed point, ties by position
 *   4. audit: what the totals leave open for each hidden cell must be at least k wide, else another complement joins; what
 *      cannot be made safe so is hidden with its total. It never returns a table that discloses.
 * Zeros are shown. Every number derived from a hidden one is hidden too: share, ratio, difference, interval, chart point.
 *
 * Pure functions over arrays; memory only inside a call. Results do not depend on the order of rows of equal content. */
#ifndef SORI_CORE_SUPPRESS_H
#define SORI_CORE_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"

enum sori_publish { SORI_PUBLISH_ALL, SORI_PUBLISH_INSIDE, SORI_PUBLISH_OUTSIDE };

/* Threshold: 0 (nothing is hidden), 5, 10. */
unsigned sori_publish_threshold(enum sori_publish publish);
/* "inside", "outside", or NULL for all; reads the option's value (NULL: all). SORI_USAGE for any other word. */
enum sori_status sori_publish_parse(const char *text, enum sori_publish *publish, struct sori_error *error);

/* A count in a report model that is hidden. Writers show "<5" (sori_publish_word), CSV and Prometheus leave the row out,
 * JSON and XML say null with "hidden". */
#define SORI_HIDDEN (UINT64_MAX - 1)
static inline bool sori_is_hidden(uint64_t count)
{
	return count == SORI_HIDDEN;
}
/* "<5" or "<10"; "" for 0. */
const char *sori_publish_word(unsigned k);

/* One cell: what is shown, and who is behind it. */
struct sori_suppress_cell {
	uint64_t documents;
	uint64_t people;  /* distinct customers, or the documents again when there are no customers */
	uint64_t most;    /* documents of the customer that has most of them; 0: not known or no customers */
};

enum sori_suppress_mark { SORI_SHOWN, SORI_HIDDEN_SMALL, SORI_HIDDEN_ONE_CUSTOMER, SORI_HIDDEN_COMPLEMENT };

/* A table of rows x columns of cells whose sums are known to the reader: row_totals when each row's sum is printed (a category's
 * documents over the values of a dimension), column_totals when each column's is (never for categories of documents, which
 * overlap). */
struct sori_suppress_table {
	size_t rows, columns;
	const struct sori_suppress_cell *cells; /* [rows * columns], row by row */
	bool row_totals, column_totals;
	unsigned k;
	unsigned char *mark;       /* [rows * columns] out: enum sori_suppress_mark */
	unsigned char *row_mark;   /* [rows] out, may be NULL without row_totals: the total is hidden as well */
	unsigned char *column_mark;/* [columns] likewise */
	size_t small, one_customer, complement; /* out: how many of each */
};

/* Fills the marks. SORI_SYSTEM: no memory. SORI_INTERNAL: the audit still finds a disclosed cell after everything was tried
 * (never seen; nothing may be published then). */
enum sori_status sori_suppress_table(struct sori_suppress_table *table, struct sori_error *error);

/* Which values of a dimension roll up into 기타: those with 1..k-1 people, and the smallest other ones until 기타 has k as
 * well. people[count]; `other` is the index of an existing 기타 (SIZE_MAX: none), which takes them in. Sets roll[i]; returns
 * how many. */
size_t sori_suppress_values(const uint64_t *people, size_t count, size_t other, unsigned k, bool *roll);

/* A figure that stands alone (a row of compare or alerts): hidden when it is 1..k-1, or one customer has over half of it.
 * Such a 1 may be shown as a 1: no. It is hidden; the house takes the stricter way. */
bool sori_suppress_alone(const struct sori_suppress_cell *cell, unsigned k);

struct sqlite3;
struct sori_report_model;

/* Hides what must be hidden in a whole report model, in place: values rolled up, counts set to SORI_HIDDEN, verdicts to
 * TOO_LITTLE, samples of small categories dropped, places of the others blanked. Distinct customers come from the store's facts
 * (one scan). sori_report_model_load calls it when the query asks for it. */
enum sori_status sori_suppress_model(struct sori_report_model *model, enum sori_publish publish, struct sori_error *error);

#endif
