/* Reading queries of the report model: thin over SQLite, with its errors turned into ours. Private to core/report_*. */
#ifndef SORI_CORE_REPORT_QUERY_H
#define SORI_CORE_REPORT_QUERY_H

#include <sqlite3.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/error.h"
#include "pipeline/core/report.h"

/* Prepares; the statement is finalised by the caller (sqlite3_finalize, NULL is fine). */
enum sori_status sori_report_prepare(sqlite3 *database, sqlite3_stmt **statement, const char *sql,
				     struct sori_error *error);

/* SORI_OK: a row; SORI_END: no more. */
enum sori_status sori_report_step(sqlite3_stmt *statement, struct sori_error *error);

/* Text of a column copied into the arena, valid UTF-8, never NULL ("" for NULL); NULL only when memory is out. */
const char *sori_report_text(struct sori_arena *arena, sqlite3_stmt *statement, int column);

/* A count: negative values and NULL read as 0. */
uint64_t sori_report_count(sqlite3_stmt *statement, int column);

enum sori_status sori_report_no_memory(struct sori_error *error);

/* The evidence of all categories in the period: report_samples.c. `cells` finds the dimension values of a cell, NULL
 * for an unknown one. */
struct sori_report_cell_map {
	const uint32_t *row;  /* dense by cell number: index of the cell, UINT32_MAX none */
	size_t limit;
	const uint32_t (*values)[SORI_REPORT_DIMENSIONS]; /* per index: value number in `text` */
	const char *const *text[SORI_REPORT_DIMENSIONS];
};
enum sori_status sori_report_load_samples(struct sori_report_model *model, const struct sori_report_cell_map *cells,
					  struct sori_error *error);

/* report_time.c. The period of the query, an undated document only when that is everything; index of the bucket that holds
 * the day, bucket_count: none does. */
bool sori_report_in_period(const struct sori_report_model *model, sori_day day);
size_t sori_report_bucket_of(const struct sori_report_model *model, sori_day day);

/* Inputs, their sums and checks: report_inputs.c. */
enum sori_status sori_report_load_inputs(struct sori_report_model *model, struct sori_error *error);

#endif
