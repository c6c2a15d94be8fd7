/* Which column of a dump means what: by option, by header name, by the values of a sample. */
#ifndef SORI_CORE_COLUMNS_H
#define SORI_CORE_COLUMNS_H

#include "pipeline/base/error.h"
#include "pipeline/core/reader.h"

#define SORI_COLUMN_LIMIT 1024      /* fields of one record */
#define SORI_COLUMN_SAMPLE_ROWS 2000 /* rows of the sample that are looked at */

/* A sample of the dump, row-major, all valid UTF-8. With `named` false the names are "1", "2" … */
struct sori_column_table {
	const struct sori_view *names;
	size_t columns;
	const struct sori_view *values; /* rows x columns */
	size_t rows;
	bool named;
};

struct sori_column_choice {
	int column[SORI_ROLE_COUNT]; /* index, -1 none */
};

/* Chooses, fills input->column, column_given, dim_label, date_style, date_pattern and warning. Without a text column, or
 * with a wished column that is not there, the input is refused (input->problem). SORI_SYSTEM when memory is out. */
enum sori_status sori_columns_choose(const struct sori_column_table *table, const struct sori_input_wish *wish,
				     struct sori_input *input, struct sori_column_choice *choice, struct sori_error *error);

/* Rank of a name among the aliases of a role, 1 = best; 0 when it is none. Case, blanks and punctuation do not count. */
unsigned sori_column_rank(enum sori_role role, struct sori_view name);

/* True when the name is an alias of any role. */
bool sori_column_is_known(struct sori_view name);

#endif
