/* Days to ISO weeks, for effect and season. Private to core/analyse_*. */
#ifndef SORI_CORE_ANALYSE_WEEKS_H
#define SORI_CORE_ANALYSE_WEEKS_H

#include "pipeline/core/inquiry.h"

/* Daily arrays of one length; what is NaN in y or n, or out, is left out of the week's sums. */
struct sori_week_source {
	sori_day first;            /* of the arrays */
	size_t days;
	sori_day from, to;         /* the period: weeks not wholly in it are PARTIAL */
	const double *y, *n;
	const bool *out;           /* [days] the day is not there or not to be used */
	const int64_t *dictionary; /* [days] 0 none, -1 several */
};

/* Weeks from the one that holds `from` to the one that holds `to`. Arrays in the arena. */
enum sori_status sori_weeks_build(struct sori_week_series *weeks, struct sori_arena *arena, const struct sori_week_source *source,
				  struct sori_error *error);

/* What a panel's days are worth to a weekly series: `out` in the arena. A day is out when the calendar disturbs it (unless `feasts`:
 * they are part of a season), when it is provisional, or when nothing came that should have; with `counts` (denominators from
 * elsewhere) also when some source was silent. *disturbed (may be NULL) counts those of the calendar. */
enum sori_status sori_weeks_out(const struct sori_panel *panel, size_t side, bool counts, bool feasts, struct sori_arena *arena,
				bool **out, size_t *disturbed, struct sori_error *error);

/* The sum of a subject's categories, day by day, into y[days]. */
void sori_weeks_documents(const struct sori_panel *panel, size_t side, const struct sori_inquiry_subject *subject, double *y);

/* A category with its texts, copied into the arena; NULL when memory is out. */
const struct sori_panel_category *sori_weeks_copy(struct sori_arena *arena, const struct sori_panel_category *category);

#endif
