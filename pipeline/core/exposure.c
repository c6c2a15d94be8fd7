/* Rows are sorted by name, values and first day, so that a value given twice shows as two neighbours that overlap, and a name's
 * rows lie together. A day counts only when every combination of values that the slice takes in has a row for it: half of the
 * regions' visits would make rates twice as high. */
#include "pipeline/core/exposure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/side_table.h"

enum column { DATE, NAME, VALUE, COLUMNS };
static const char *const columns[] = {"date", "name", "value", NULL};

#define NAME_LIMIT 1000u /* compared one by one */

struct reading {
	struct sori_exposure *exposure;
	struct sori_side_table table;
	size_t place[COLUMNS];
	size_t name_capacity;
	size_t *pattern_row; /* [names] first row of each name */
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status find_name(struct reading *r, size_t row, struct sori_error *error)
{
	struct sori_exposure *exposure = r->exposure;
	const char *name = sori_side_cell(&r->table, row, r->place[NAME]).text;

	if (!*name)
		return sori_side_fail(&r->table, row, r->place[NAME], error, "the name is missing");
	for (size_t i = 0; i < exposure->name_count; i++)
		if (!strcmp(exposure->names[i], name)) {
			exposure->rows[row].name = i;
			return SORI_OK;
		}
	if (exposure->name_count == NAME_LIMIT)
		return sori_side_fail(&r->table, row, r->place[NAME], error, "more than %u names", NAME_LIMIT);
	exposure->rows[row].name = exposure->name_count;
	r->pattern_row[exposure->name_count] = row;
	exposure->names[exposure->name_count++] = name;
	return SORI_OK;
}

/* Columns other than date, name and value are dimensions; all rows of a name fill the same ones. */
static enum sori_status read_where(struct reading *r, size_t row, struct sori_error *error)
{
	struct sori_exposure_row *mine = &r->exposure->rows[row];
	size_t pattern = r->pattern_row[mine->name];
	struct sori_slice_term *terms = sori_arena_zero(&r->exposure->arena, r->table.columns, sizeof *terms);

	if (!terms)
		return no_memory(error);
	for (size_t c = 0; c < r->table.columns; c++) {
		struct sori_side_cell cell = sori_side_cell(&r->table, row, c);

		if (c == r->place[DATE] || c == r->place[NAME] || c == r->place[VALUE])
			continue;
		if (!cell.length != !sori_side_cell(&r->table, pattern, c).length)
			return sori_side_fail(&r->table, row, c, error, "the rows of '%s' must all fill the same dimensions; line %llu %s '%s'",
					      r->exposure->names[mine->name], (unsigned long long)r->table.lines[pattern],
					      cell.length ? "leaves out" : "fills", r->table.header[c].text);
		if (cell.length)
			terms[mine->where.count++] = (struct sori_slice_term){r->table.header[c].text, cell.text};
	}
	mine->where.terms = terms;
	return SORI_OK;
}

static enum sori_status read_row(struct reading *r, size_t row, struct sori_error *error)
{
	struct sori_exposure_row *mine = &r->exposure->rows[row];
	enum sori_status status = sori_side_day(&r->table, row, r->place[DATE], true, &mine->first, &mine->last, error);

	mine->line = r->table.lines[row];
	if (status == SORI_OK)
		status = sori_side_number(&r->table, row, r->place[VALUE], &mine->value, error);
	if (status == SORI_OK && mine->value < 0.0)
		status = sori_side_fail(&r->table, row, r->place[VALUE], error, "an exposure is at least 0");
	if (status == SORI_OK)
		status = find_name(r, row, error);
	return status == SORI_OK ? read_where(r, row, error) : status;
}

/* Rows of one name have the same dimensions in the same order. */
static int compare_where(const struct sori_exposure_row *a, const struct sori_exposure_row *b)
{
	for (size_t i = 0; i < a->where.count; i++) {
		int order = strcmp(a->where.terms[i].value, b->where.terms[i].value);

		if (order)
			return order;
	}
	return 0;
}

static int by_value(const void *left, const void *right)
{
	const struct sori_exposure_row *a = left, *b = right;
	int order;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	order = compare_where(a, b);
	if (order)
		return order;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static enum sori_status check_overlap(const struct sori_exposure *exposure, const char *path, struct sori_error *error)
{
	for (size_t i = 1; i < exposure->count; i++) {
		const struct sori_exposure_row *a = &exposure->rows[i - 1], *b = &exposure->rows[i];

		if (a->name != b->name || compare_where(a, b) || b->first > a->last)
			continue;
		(void)sori_fail(error, SORI_CONFIG, "'%s' has a day of line %llu again", exposure->names[b->name],
				(unsigned long long)(a->line < b->line ? a->line : b->line));
		(void)sori_error_at(error, path, a->line < b->line ? b->line : a->line, 1);
		return SORI_CONFIG;
	}
	return SORI_OK;
}

enum sori_status sori_exposure_read(struct sori_exposure **result, const char *path, struct sori_error *error)
{
	struct reading r = {.exposure = sori_alloc_zero(1, sizeof *r.exposure)};
	struct sori_exposure *exposure = r.exposure;
	size_t others;
	enum sori_status status;

	*result = NULL;
	if (!exposure)
		return no_memory(error);
	sori_arena_init(&exposure->arena, 1 << 16);
	status = sori_side_read(&r.table, path, ',', &exposure->arena, error);
	if (status == SORI_OK)
		status = sori_side_columns(&r.table, columns, COLUMNS, r.place, &others, error);
	if (status == SORI_OK) {
		exposure->rows = sori_arena_zero(&exposure->arena, r.table.rows + 1, sizeof *exposure->rows);
		exposure->names = sori_arena_zero(&exposure->arena, r.table.rows + 1, sizeof *exposure->names);
		r.pattern_row = sori_alloc((r.table.rows + 1) * sizeof *r.pattern_row);
		if (!exposure->rows || !exposure->names || !r.pattern_row)
			status = no_memory(error);
	}
	for (size_t row = 0; status == SORI_OK && row < r.table.rows; row++)
		status = read_row(&r, row, error);
	exposure->count = r.table.rows;
	if (status == SORI_OK) {
		qsort(exposure->rows, exposure->count, sizeof *exposure->rows, by_value);
		status = check_overlap(exposure, path, error);
	}
	sori_free(r.pattern_row);
	sori_side_release(&r.table);
	if (status == SORI_OK)
		*result = exposure;
	else
		sori_exposure_free(exposure);
	return status;
}

void sori_exposure_free(struct sori_exposure *exposure)
{
	if (!exposure)
		return;
	sori_arena_release(&exposure->arena);
	sori_free(exposure);
}

static bool in_slice(const struct sori_exposure_row *row, const struct sori_slice *slice)
{
	for (size_t i = 0; i < row->where.count; i++)
		if (sori_slice_asks(slice, row->where.terms[i].dimension) &&
		    !sori_slice_has(slice, row->where.terms[i].dimension, row->where.terms[i].value))
			return false;
	return true;
}

/* Every value that the slice asks for must be one of the table's. */
static enum sori_status check_slice(const struct sori_exposure *exposure, size_t from, size_t to, const struct sori_slice *slice,
				    struct sori_error *error)
{
	for (size_t t = 0; slice && t < slice->count; t++) {
		const struct sori_slice_term *term = &slice->terms[t];
		bool found = false;

		if (!sori_slice_asks(&exposure->rows[from].where, term->dimension))
			return sori_fail(error, SORI_CONFIG, "the exposure '%s' is not given by %s", exposure->names[exposure->rows[from].name],
					 term->dimension);
		for (size_t i = from; i < to && !found; i++)
			found = sori_slice_has(&exposure->rows[i].where, term->dimension, term->value);
		if (!found)
			return sori_fail(error, SORI_CONFIG, "the exposure '%s' has no row for %s '%s'",
					 exposure->names[exposure->rows[from].name], term->dimension, term->value);
	}
	return SORI_OK;
}

static void add_row(const struct sori_exposure_row *row, sori_day first, size_t days, double *values, size_t *covered)
{
	sori_day from = row->first > first ? row->first : first;
	sori_day to = row->last < first + (sori_day)days - 1 ? row->last : first + (sori_day)days - 1;

	for (sori_day day = from; day <= to; day++) {
		values[day - first] += row->value / (double)(row->last - row->first + 1);
		covered[day - first]++;
	}
}

enum sori_status sori_exposure_series(const struct sori_exposure *exposure, const char *name, const struct sori_slice *slice,
				      sori_day first, size_t days, double *values, struct sori_error *error)
{
	size_t from = 0, to, combinations = 0;
	size_t *covered = sori_alloc_zero(days + 1, sizeof *covered);
	enum sori_status status;

	if (!covered)
		return no_memory(error);
	while (from < exposure->count && strcmp(exposure->names[exposure->rows[from].name], name) != 0)
		from++;
	for (to = from; to < exposure->count && exposure->rows[to].name == exposure->rows[from].name; to++)
		combinations += in_slice(&exposure->rows[to], slice) && (to == from || compare_where(&exposure->rows[to - 1], &exposure->rows[to]));
	status = from < exposure->count ? check_slice(exposure, from, to, slice, error)
					: sori_fail(error, SORI_CONFIG, "the exposure has no '%s'", name);
	for (size_t day = 0; day < days; day++)
		values[day] = 0.0;
	for (size_t i = from; i < to && status == SORI_OK; i++)
		if (in_slice(&exposure->rows[i], slice))
			add_row(&exposure->rows[i], first, days, values, covered);
	for (size_t day = 0; day < days; day++)
		if (covered[day] < combinations || !combinations)
			values[day] = NAN;
	sori_free(covered);
	return status;
}
