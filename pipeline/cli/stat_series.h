/* One series of a table as arrays: periods without a row are missing. */
#ifndef SORI_CLI_STAT_SERIES_H
#define SORI_CLI_STAT_SERIES_H

#include "pipeline/cli/stat.h"

struct sori_stat_series {
	struct sori_view name;
	double first;      /* t of index 0 */
	size_t count;
	double *y, *n;     /* NaN: missing */
	bool has_n;
	double freq;       /* of the column `freq`; NaN without it */
};

/* Reads the rows of one group; t is whole and rises. Release it, also after an error. */
enum sori_status sori_stat_series_read(const struct sori_sheet *input, const size_t *rows, size_t count,
				       struct sori_stat_series *series, struct sori_error *error);
void sori_stat_series_release(struct sori_stat_series *series);

/* Rows of a spec whose `columns` differ from all before, in order. SORI_SHEET_NONE columns count as equal. */
struct sori_stat_wanted {
	size_t *rows;
	size_t count;
};
enum sori_status sori_stat_distinct(const struct sori_sheet *spec, const size_t *columns, size_t count,
				    struct sori_stat_wanted *wanted, struct sori_error *error);

/* Group of the series that a spec row names; an error when the input has none. */
enum sori_status sori_stat_wanted_series(const struct sori_stat_call *call, const struct sori_groups *groups,
					 size_t spec_row, size_t spec_column, size_t *group, struct sori_error *error);

#endif
