/* `sori stat`: one entry per method, over a table. Each method appends its own header line and rows. */
#ifndef SORI_CLI_STAT_H
#define SORI_CLI_STAT_H

#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/cli/sheet.h"

struct sori_stat_call {
	const struct sori_sheet *input;
	const struct sori_sheet *spec;     /* NULL: not given */
	const struct sori_sheet *horizons; /* NULL: not given */
	const char *print;                 /* NULL: not given */
	struct sori_buffer *out;
};

struct sori_stat_method {
	const char *name;
	bool takes_spec, takes_its_options;
	enum sori_status (*run)(const struct sori_stat_call *call, struct sori_error *error);
};

/* stat_tests.c: each row on its own, or a group of rows; the output is the input's columns and the results. */
enum sori_status sori_stat_special(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_wilson(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_newcombe(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_rate_ratio(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_keyness(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_log_odds(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_bh(const struct sori_stat_call *call, struct sori_error *error);

/* stat_groups.c */
enum sori_status sori_stat_ab_daily(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_strata(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_drivers(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_suppression(const struct sori_stat_call *call, struct sori_error *error);

/* stat_series.c */
enum sori_status sori_stat_ears(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_farrington(const struct sori_stat_call *call, struct sori_error *error);
enum sori_status sori_stat_season(const struct sori_stat_call *call, struct sori_error *error);

/* stat_its.c */
enum sori_status sori_stat_its(const struct sori_stat_call *call, struct sori_error *error);

/* Rows grouped by a key column: groups in order of first appearance, rows in input order. */
struct sori_groups {
	size_t *rows;  /* [table rows], group after group */
	size_t *from;  /* [count + 1] */
	size_t count;
	size_t column; /* the key */
};

enum sori_status sori_groups_make(struct sori_groups *groups, const struct sori_sheet *table, size_t column,
				  struct sori_error *error);
void sori_groups_release(struct sori_groups *groups);

/* Index of the group whose key is `key`, SIZE_MAX when there is none. */
size_t sori_groups_find(const struct sori_groups *groups, const struct sori_sheet *table, struct sori_view key);

/* A column to read: name, kind, and the value to use when the whole column is missing (NaN: the column is required). */
struct sori_stat_field {
	const char *name;
	enum sori_cell_kind kind;
	bool optional;
	double otherwise;
};

/* Finds the columns of `fields` (ended by a NULL name); and reads one row of them. */
enum sori_status sori_stat_columns(const struct sori_sheet *table, const struct sori_stat_field *fields, size_t *columns,
				   struct sori_error *error);
enum sori_status sori_stat_row(const struct sori_sheet *table, size_t row, const struct sori_stat_field *fields,
			       const size_t *columns, double *values, struct sori_error *error);

/* Header: the input's columns that are no results, then the results. Returns in keep[] (table columns) which those are. */
void sori_stat_header(const struct sori_stat_call *call, const char *const *results, bool *keep);
void sori_stat_keys(const struct sori_stat_call *call, size_t row, const bool *keep);
void sori_stat_values(const struct sori_stat_call *call, const double *values, size_t count); /* ",v,v,…\n" */

#endif
