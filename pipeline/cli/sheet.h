/* A CSV table in memory: what `sori stat` reads. RFC 4180 with LF or CRLF, an optional BOM, a header of distinct names; blank
 * lines are skipped. Numbers are C decimal notation, NA, NaN, Inf or -Inf. */
#ifndef SORI_CLI_SHEET_H
#define SORI_CLI_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/base/error.h"

struct sori_sheet {
	const char *name;         /* for messages; borrowed */
	struct sori_view *header; /* [columns] */
	struct sori_view *cells;  /* [rows * columns] */
	uint64_t *lines;          /* [rows] where each row begins, 1-based */
	size_t columns, rows;
	size_t header_capacity, cell_capacity, line_capacity;
	struct sori_arena arena;  /* the texts */
};

#define SORI_SHEET_NONE SIZE_MAX

/* Reads a file, or standard input for "-". On an error the table is released; else release it. */
enum sori_status sori_sheet_read(struct sori_sheet *table, const char *path, struct sori_error *error);
void sori_sheet_release(struct sori_sheet *table);

/* Index of a column, SORI_SHEET_NONE when it is not there; `need` makes that an error. */
size_t sori_sheet_column(const struct sori_sheet *table, const char *name);
enum sori_status sori_sheet_need(const struct sori_sheet *table, const char *name, size_t *column,
				 struct sori_error *error);

static inline struct sori_view sori_sheet_cell(const struct sori_sheet *table, size_t row, size_t column)
{
	return table->cells[row * table->columns + column];
}

/* What a cell may hold. NA and NaN are missing. */
enum sori_cell_kind {
	SORI_CELL_NUMBER,      /* finite */
	SORI_CELL_ANY,         /* also Inf and missing */
	SORI_CELL_MAYBE,       /* finite or missing */
	SORI_CELL_COUNT,       /* whole, not negative */
	SORI_CELL_MAYBE_COUNT, /* or missing */
	SORI_CELL_POSITIVE,    /* finite, over 0 */
	SORI_CELL_LEVEL,       /* strictly between 0 and 1 */
	SORI_CELL_MAYBE_SHARE, /* 0 to 1, or missing */
	SORI_CELL_FLAG,        /* 0 or 1 */
};

/* SORI_DATA with file, line and column's name when the cell does not hold what it should. */
enum sori_status sori_sheet_number(const struct sori_sheet *table, size_t row, size_t column, enum sori_cell_kind kind,
				   double *value, struct sori_error *error);

/* SORI_DATA at a row. */
enum sori_status sori_sheet_fail(const struct sori_sheet *table, size_t row, struct sori_error *error, const char *format,
				 ...) __attribute__((format(printf, 4, 5)));

/* The shortest decimal that reads back to the same double; NA, NaN, Inf, -Inf. */
void sori_sheet_put(struct sori_buffer *out, double value);
void sori_sheet_put_text(struct sori_buffer *out, struct sori_view text);

#endif
