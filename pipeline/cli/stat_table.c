/* What the methods share: grouping rows, reading typed columns, printing keys and results. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/cli/stat.h"

struct keyed {
	struct sori_view key;
	size_t row;
};

static int by_key(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	int order = sori_view_compare(a->key, b->key);

	return order ? order : a->row < b->row ? -1 : a->row > b->row;
}

static int by_first(const void *left, const void *right)
{
	const size_t *a = left, *b = right;

	return a[0] < b[0] ? -1 : a[0] > b[0];
}

/* Sorting by key finds the groups; sorting them by their first row puts them back into the order of the input. */
enum sori_status sori_groups_make(struct sori_groups *groups, const struct sori_sheet *table, size_t column,
				  struct sori_error *error)
{
	struct keyed *keyed = sori_alloc(table->rows * sizeof *keyed);
	size_t (*starts)[2] = sori_alloc(table->rows * sizeof *starts), used = 0;

	*groups = (struct sori_groups){.rows = sori_alloc(table->rows * sizeof *groups->rows),
				       .from = sori_alloc((table->rows + 1) * sizeof *groups->from), .column = column};
	if (!keyed || !starts || !groups->rows || !groups->from) {
		sori_free(keyed);
		sori_free(starts);
		sori_groups_release(groups);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	for (size_t i = 0; i < table->rows; i++)
		keyed[i] = (struct keyed){column == SORI_SHEET_NONE ? (struct sori_view){"", 0} : sori_sheet_cell(table, i, column),
					  i};
	if (table->rows)
		qsort(keyed, table->rows, sizeof *keyed, by_key);
	for (size_t i = 0; i < table->rows; i++)
		if (i == 0 || !sori_view_equal(keyed[i].key, keyed[i - 1].key)) {
			starts[groups->count][0] = keyed[i].row;
			starts[groups->count++][1] = i;
		}
	if (groups->count)
		qsort(starts, groups->count, sizeof *starts, by_first);
	for (size_t g = 0; g < groups->count; g++) {
		groups->from[g] = used;
		for (size_t i = starts[g][1]; i < table->rows && sori_view_equal(keyed[i].key, keyed[starts[g][1]].key); i++)
			groups->rows[used++] = keyed[i].row;
	}
	groups->from[groups->count] = used;
	sori_free(keyed);
	sori_free(starts);
	return SORI_OK;
}

void sori_groups_release(struct sori_groups *groups)
{
	sori_free(groups->rows);
	sori_free(groups->from);
	*groups = (struct sori_groups){0};
}

size_t sori_groups_find(const struct sori_groups *groups, const struct sori_sheet *table, struct sori_view key)
{
	for (size_t g = 0; g < groups->count; g++)
		if (groups->column == SORI_SHEET_NONE ||
		    sori_view_equal(sori_sheet_cell(table, groups->rows[groups->from[g]], groups->column), key))
			return g;
	return SIZE_MAX;
}

enum sori_status sori_stat_columns(const struct sori_sheet *table, const struct sori_stat_field *fields, size_t *columns,
				   struct sori_error *error)
{
	for (size_t i = 0; fields[i].name; i++) {
		enum sori_status status = SORI_OK;

		if (fields[i].optional)
			columns[i] = sori_sheet_column(table, fields[i].name);
		else
			status = sori_sheet_need(table, fields[i].name, &columns[i], error);
		if (status != SORI_OK)
			return status;
	}
	return SORI_OK;
}

enum sori_status sori_stat_row(const struct sori_sheet *table, size_t row, const struct sori_stat_field *fields,
			       const size_t *columns, double *values, struct sori_error *error)
{
	for (size_t i = 0; fields[i].name; i++) {
		enum sori_status status = SORI_OK;

		if (columns[i] == SORI_SHEET_NONE)
			values[i] = fields[i].otherwise;
		else
			status = sori_sheet_number(table, row, columns[i], fields[i].kind, &values[i], error);
		if (status != SORI_OK)
			return status;
	}
	return SORI_OK;
}

void sori_stat_header(const struct sori_stat_call *call, const char *const *results, bool *keep)
{
	bool first = true;

	for (size_t i = 0; i < call->input->columns; i++) {
		keep[i] = true;
		for (size_t k = 0; results[k]; k++)
			if (sori_view_is(call->input->header[i], results[k]))
				keep[i] = false;
		if (!keep[i])
			continue;
		if (!first)
			sori_buffer_add_byte(call->out, ',');
		first = false;
		sori_sheet_put_text(call->out, call->input->header[i]);
	}
	for (size_t k = 0; results[k]; k++) {
		sori_buffer_add_byte(call->out, ',');
		sori_buffer_add_text(call->out, results[k]);
	}
	sori_buffer_add_byte(call->out, '\n');
}

void sori_stat_keys(const struct sori_stat_call *call, size_t row, const bool *keep)
{
	bool first = true;

	for (size_t i = 0; i < call->input->columns; i++) {
		if (!keep[i])
			continue;
		if (!first)
			sori_buffer_add_byte(call->out, ',');
		first = false;
		sori_sheet_put_text(call->out, sori_sheet_cell(call->input, row, i));
	}
}

void sori_stat_values(const struct sori_stat_call *call, const double *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sori_buffer_add_byte(call->out, ',');
		sori_sheet_put(call->out, values[i]);
	}
	sori_buffer_add_byte(call->out, '\n');
}
