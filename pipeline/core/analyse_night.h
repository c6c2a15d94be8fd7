/* Judging one series of a night or a week: what analyse_alerts.c asks of analyse_night.c. Not for others. */
#ifndef SORI_CORE_ANALYSE_NIGHT_H
#define SORI_CORE_ANALYSE_NIGHT_H

#include "pipeline/core/analyse.h"
#include "pipeline/stats/farrington.h"

#define SORI_NIGHT_PAD 4 /* missing periods before the first, so that C2 can look back over its whole window */
#define SORI_NIGHT_FALSE_DISCOVERIES 0.10
#define SORI_NIGHT_WEEKS 160 /* of history for the weekly tier: 3 years, half a window, this week */

struct sori_night {
	struct sori_panel *panel;
	struct sori_alerts_result *result;
	size_t begin;      /* of the first period in the panel */
	size_t span;       /* days of a period: 1 or 7 */
	size_t periods;    /* the last is judged */
	double *y;         /* [PAD + periods] the series judged; NaN: missing */
	double *n;         /* [PAD + periods] */
	unsigned char *season; /* [periods] classes, or NULL: places in the cycle (no holiday near, or weeks) */
	struct sori_farrington *judged; /* [periods] */
	struct sori_farrington_settings settings;
};

/* Finds the history and the tier; allocates. Release afterwards, also after a failure. */
enum sori_status sori_night_begin(struct sori_night *night, struct sori_panel *panel, struct sori_alerts_result *result, bool weekly,
				  struct sori_error *error);
void sori_night_release(struct sori_night *night);

/* The sum of the categories in [first, last) without `less` (SIZE_MAX: of all), by share. Fills the row's figures and word. */
enum sori_status sori_night_categories(struct sori_night *night, size_t first, size_t last, size_t less, struct sori_alert *row,
				       struct sori_error *error);

/* All documents by number, to both sides. */
enum sori_status sori_night_volume(struct sori_night *night, struct sori_alert *row, struct sori_error *error);

#endif
