/* What only the loading of the report model needs. Private to core/report_*. */
#ifndef SORI_CORE_REPORT_LOAD_H
#define SORI_CORE_REPORT_LOAD_H

#include "pipeline/core/report_query.h"

struct sori_report_day {
	sori_day day;
	uint64_t documents;
};

struct sori_report_loading {
	struct sori_report_model *model;
	struct sori_error *error;
	uint32_t *category_row; /* dense by key: index into model->categories, or a mark */
	size_t category_limit;
	uint32_t *cell_row;
	size_t cell_limit;
	uint32_t (*cell_values)[SORI_REPORT_DIMENSIONS]; /* numbers of values: in byte order first, ranks after pass 2 */
	size_t cell_count, cell_capacity;
	const char **text[SORI_REPORT_DIMENSIONS]; /* byte order first, by rank after pass 2 */
	size_t text_count[SORI_REPORT_DIMENSIONS];
	struct sori_report_day *days; /* dated, in the period, rising */
	size_t day_count, day_capacity;
};

/* report_time.c: the buckets of the charts and the windows of comparison, from the days. */
enum sori_status sori_report_make_buckets(struct sori_report_loading *load);
void sori_report_make_windows(struct sori_report_loading *load);

#endif
