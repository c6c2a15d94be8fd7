/* Points of all series are sorted by name (in order of appearance) and day; a series is a stretch of them. */
#include "pipeline/core/outside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/side_table.h"

enum column { DATE, NAME, VALUE, COLUMNS };
static const char *const columns[] = {"date", "name", "value", NULL};

struct point {
	size_t series;
	uint64_t line;
	struct sori_outside_point point;
};

static int by_day(const void *left, const void *right)
{
	const struct point *a = left, *b = right;

	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	if (a->point.first != b->point.first)
		return a->point.first < b->point.first ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static enum sori_status read_row(struct sori_outside *outside, const struct sori_side_table *table, const size_t *place, size_t row,
				 struct point *point, struct sori_error *error)
{
	const char *name = sori_side_cell(table, row, place[NAME]).text;
	enum sori_status status = sori_side_day(table, row, place[DATE], true, &point->point.first, &point->point.last, error);

	if (status == SORI_OK)
		status = sori_side_number(table, row, place[VALUE], &point->point.value, error);
	if (status == SORI_OK && !*name)
		status = sori_side_fail(table, row, place[NAME], error, "the name is missing");
	if (status != SORI_OK)
		return status;
	point->line = table->lines[row];
	for (point->series = 0; point->series < outside->count; point->series++)
		if (!strcmp(outside->series[point->series].name, name))
			return SORI_OK;
	outside->series[outside->count++].name = name;
	return SORI_OK;
}

static enum sori_status gather(struct sori_outside *outside, const char *path, struct point *points, size_t count,
			       struct sori_error *error)
{
	struct sori_outside_point *all = sori_arena_zero(&outside->arena, count + 1, sizeof *all);

	if (!all)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	qsort(points, count, sizeof *points, by_day);
	for (size_t i = 0; i < count; i++) {
		struct sori_outside_series *series = &outside->series[points[i].series];

		if (i && points[i - 1].series == points[i].series && points[i].point.first <= points[i - 1].point.last) {
			(void)sori_fail(error, SORI_CONFIG, "'%s' has this day already, in line %llu", series->name,
					(unsigned long long)points[i - 1].line);
			(void)sori_error_at(error, path, points[i].line, 1);
			return SORI_CONFIG;
		}
		all[i] = points[i].point;
		series->points = series->count ? series->points : &all[i];
		series->count++;
	}
	return SORI_OK;
}

enum sori_status sori_outside_read(struct sori_outside **result, const char *path, struct sori_error *error)
{
	struct sori_outside *outside = sori_alloc_zero(1, sizeof *outside);
	struct sori_side_table table = {0};
	struct point *points = NULL;
	size_t place[COLUMNS];
	enum sori_status status;

	*result = NULL;
	if (!outside)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_arena_init(&outside->arena, 1 << 14);
	status = sori_side_read(&table, path, ',', &outside->arena, error);
	if (status == SORI_OK)
		status = sori_side_columns(&table, columns, COLUMNS, place, NULL, error);
	if (status == SORI_OK) {
		outside->series = sori_arena_zero(&outside->arena, table.rows + 1, sizeof *outside->series);
		points = sori_alloc_zero(table.rows + 1, sizeof *points);
		if (!outside->series || !points)
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	for (size_t row = 0; status == SORI_OK && row < table.rows; row++)
		status = read_row(outside, &table, place, row, &points[row], error);
	if (status == SORI_OK)
		status = gather(outside, path, points, table.rows, error);
	sori_free(points);
	sori_side_release(&table);
	if (status == SORI_OK)
		*result = outside;
	else
		sori_outside_free(outside);
	return status;
}

void sori_outside_free(struct sori_outside *outside)
{
	if (!outside)
		return;
	sori_arena_release(&outside->arena);
	sori_free(outside);
}

double sori_outside_mean(const struct sori_outside_series *series, sori_day from, sori_day to)
{
	double sum = 0.0, days = 0.0;

	for (size_t i = 0; i < series->count; i++) {
		sori_day first = series->points[i].first > from ? series->points[i].first : from;
		sori_day last = series->points[i].last < to ? series->points[i].last : to;

		if (first > last)
			continue;
		sum += series->points[i].value * (double)(last - first + 1);
		days += (double)(last - first + 1);
	}
	return days > 0.0 ? sum / days : NAN;
}
