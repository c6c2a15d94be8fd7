/* As reported and restated. When a dump is counted again under another dictionary (sori run --restate), the store keeps what
 * those days had been reported with (table `reported`, the first time only); `daily` holds the restated counts. Days whose
 * texts are gone stay as they were, under their old dictionary, and the series breaks there.
 *
 *   change as reported = change of the data (both periods under one dictionary) + change of the dictionary */
#ifndef SORI_CORE_ANALYSE_RESTATE_H
#define SORI_CORE_ANALYSE_RESTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/core/analyse.h"

struct sqlite3;

/* One day on which the dictionary of the counts in force changes. */
struct sori_restate_break {
	sori_day day;              /* first day under the new one */
	int64_t before, after;     /* dictionary numbers; -1: several on that day */
};

struct sori_restated {
	bool any;                  /* some day of the panel was restated */
	double *all;               /* [days] as reported; equal to the panel's where nothing was restated */
	double *documents;         /* [category_count * days] as reported */
	int64_t *dictionary;       /* [days] that reported the day; 0: no documents; -1: several */
	bool *changed;             /* [days] reported under another dictionary than the one in force */
	struct sori_restate_break *breaks; /* of the counts in force: where texts are gone, or nothing was restated yet */
	size_t break_count;
};

/* The as-reported series of side 0, in the panel's arena. `slice` as the panel was loaded with. */
enum sori_status sori_restated_load(struct sori_panel *panel, struct sqlite3 *database, const struct sori_slice *slice,
				    struct sori_restated *restated, struct sori_error *error);

/* The split for one category between two periods, in shares. */
struct sori_restate_split {
	double reported;    /* change as reported: share in b less share in a */
	double data;        /* the same under the one dictionary in force in both; NaN: they were not counted by one */
	double dictionary;  /* reported - data */
	bool known;         /* both periods are under one dictionary now */
};
struct sori_restate_split sori_restate_split(const struct sori_panel *panel, const struct sori_restated *restated, size_t category,
					     const struct sori_compare_side *a, const struct sori_compare_side *b);

#endif
