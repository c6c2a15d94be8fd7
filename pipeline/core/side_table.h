/* Small tables that people write beside the data: calendar, actions, exposure, outside series. UTF-8 (a BOM is fine), LF or CRLF, a
 * header line of distinct names, '#' comments and blank lines anywhere. Comma-separated ones follow RFC 4180 on one line a row;
 * tab-separated ones have no quotes. A row may stop early (its other cells are empty), never go on too long.
 *
 * Whatever is wrong is SORI_CONFIG with file, line and column (in characters). Cells are trimmed, end in NUL and live in the
 * arena that was given; the table itself is released after use. */
#ifndef SORI_CORE_SIDE_TABLE_H
#define SORI_CORE_SIDE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/core/analyse.h"

#define SORI_SIDE_NONE SIZE_MAX

struct sori_side_cell {
	const char *text; /* never NULL */
	uint32_t length;
	uint32_t column;  /* where it begins, in characters from 1 */
};

struct sori_side_table {
	const char *path; /* borrowed */
	struct sori_arena *arena; /* borrowed */
	char delimiter;
	struct sori_side_cell *header; /* [columns] */
	struct sori_side_cell *cells;  /* [rows * columns] */
	uint64_t *lines;               /* [rows] */
	size_t columns, rows;
	uint64_t header_line;
	size_t header_capacity, cell_capacity, line_capacity;
};

/* Release afterwards, also after an error. */
enum sori_status sori_side_read(struct sori_side_table *table, const char *path, char delimiter, struct sori_arena *arena,
				struct sori_error *error);
void sori_side_release(struct sori_side_table *table);

/* Where the columns of `names` (NULL ends; the first `needed` of them must be there) are: SORI_SIDE_NONE for one that is not. With
 * `others` NULL a column of another name is an error; else their number goes there. */
enum sori_status sori_side_columns(const struct sori_side_table *table, const char *const *names, size_t needed, size_t *places,
				   size_t *others, struct sori_error *error);

/* A cell; an empty one for column SORI_SIDE_NONE. */
struct sori_side_cell sori_side_cell(const struct sori_side_table *table, size_t row, size_t column);

/* SORI_CONFIG at a cell. */
enum sori_status sori_side_fail(const struct sori_side_table *table, size_t row, size_t column, struct sori_error *error,
				const char *format, ...) __attribute__((format(printf, 5, 6)));

/* YYYY-MM-DD, or with `month` also YYYY-MM: then last is the month's last day. */
enum sori_status sori_side_day(const struct sori_side_table *table, size_t row, size_t column, bool month, sori_day *first,
			       sori_day *last, struct sori_error *error);

/* Decimal notation, finite. */
enum sori_status sori_side_number(const struct sori_side_table *table, size_t row, size_t column, double *value,
				  struct sori_error *error);

/* One of `words` (NULL ends); *which is its index. An empty cell leaves *which alone. */
enum sori_status sori_side_word(const struct sori_side_table *table, size_t row, size_t column, const char *const *words,
				size_t *which, struct sori_error *error);

/* DIM=VALUE;DIM=VALUE into the arena. Blanks around names and values are cut; a value may be empty. */
enum sori_status sori_side_scope(const struct sori_side_table *table, size_t row, size_t column, struct sori_slice *slice,
				 struct sori_error *error);

/* Are the same dimensions asked for the same values? Order does not matter. */
bool sori_slice_equal(const struct sori_slice *a, const struct sori_slice *b);
/* Does a slice ask for this dimension; for this value of it? */
bool sori_slice_asks(const struct sori_slice *slice, const char *dimension);
bool sori_slice_has(const struct sori_slice *slice, const char *dimension, const char *value);

#endif
