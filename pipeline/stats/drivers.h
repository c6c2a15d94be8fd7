/* What goes with low ratings: each category's difference in the share of low ratings, crude and adjusted for all other
 * categories and the channel. Associations, not causes. */
#ifndef SORI_STATS_DRIVERS_H
#define SORI_STATS_DRIVERS_H

#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/stats/glm.h"
#include "pipeline/stats/intervals.h"

/* Equal documents are one cell: which categories they have, channel, rating, how many. */
struct sori_driver_cells {
	size_t cells, categories;
	const unsigned char *has;  /* [cells * categories], cell by cell: 0 or 1 */
	const size_t *channel;     /* [cells] index of the channel (or channel x product) class; NULL: one class */
	size_t channels;
	const double *rating;      /* [cells] */
	const double *documents;   /* [cells] */
	double low;                /* a rating up to here is low: 2 of 5, 6 of NPS's 10 */
};

struct sori_driver {
	double with, low_with, without, low_without;
	double difference;               /* share of low ratings with minus without */
	struct sori_interval difference_limits; /* Newcombe */
	double ratio;
	double crude_part;               /* population attributable fraction: share of low with the category * (1 - 1/ratio) */
	double mean_with, mean_without;
	double impact;                   /* mean of all - mean without */
	double logit, logit_error;       /* adjusted; NA when the model has no solution */
	double effect;                   /* average of P(low | with) - P(low | without) over all documents */
	double excess;                   /* the same summed over the documents that have the category */
	double adjusted_part;            /* excess / all low ratings */
	double linear, linear_error;     /* least squares of the rating */
};

struct sori_drivers_summary {
	double documents, low;
	enum sori_glm_outcome logit;     /* how the adjusted model ended */
	size_t dropped;                  /* its columns that depend on others: a category that all or none have, or two that always meet */
};

/* Fills drivers[categories]. */
enum sori_status sori_drivers(const struct sori_driver_cells *cells, struct sori_driver *drivers,
			      struct sori_drivers_summary *summary, struct sori_error *error);

#endif
