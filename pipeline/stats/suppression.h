/* What a reader can work out about hidden cells of a table from its row and column totals. */
#ifndef SORI_STATS_SUPPRESSION_H
#define SORI_STATS_SUPPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"

struct sori_hidden_cell {
	size_t row, column;
	int64_t count;       /* the true value */
	int64_t low, high;   /* what the totals leave open; counts are not negative */
};

/* Fills low and high of every hidden cell of one table; shown cells need not be given. The cells must be distinct. A cell is
 * disclosed when low = high, and not safe when high - low < k. Time grows with cells^2 times the hidden sum's paths. */
enum sori_status sori_suppression_audit(struct sori_hidden_cell *cells, size_t count, struct sori_error *error);

#endif
