/* Entries are sorted by day, so a range of days is one walk. The first working day after a feast is found by stepping over
 * weekends and further days off, at most two weeks. */
#include "pipeline/core/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/side_table.h"

#define FEAST_GAP 5 /* days between listed days that still are one feast */
#define SEARCH 14   /* days after a feast in which the first working day must be */

static const char *const types[] = {"seollal", "chuseok", "single", "substitute", "election", "release", "weather", "other", NULL};

enum column { DATE, TYPE, LABEL, SCOPE, COLUMNS };
static const char *const columns[] = {"date", "type", "label", "scope", NULL};

const char *sori_calendar_type_id(enum sori_calendar_type type)
{
	return types[type];
}

static int by_day(const void *left, const void *right)
{
	const struct sori_calendar_entry *a = left, *b = right;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return strcmp(a->label, b->label);
}

static enum sori_status read_row(struct sori_calendar *calendar, const struct sori_side_table *table, const size_t *place, size_t row,
				 struct sori_error *error)
{
	struct sori_calendar_entry *entry = &calendar->entries[row];
	size_t type = SORI_CALENDAR_OTHER;
	sori_day last;
	enum sori_status status = sori_side_day(table, row, place[DATE], false, &entry->day, &last, error);

	if (status == SORI_OK && sori_side_cell(table, row, place[TYPE]).length == 0)
		status = sori_side_fail(table, row, place[TYPE], error, "the type is missing");
	if (status == SORI_OK)
		status = sori_side_word(table, row, place[TYPE], types, &type, error);
	if (status == SORI_OK)
		status = sori_side_scope(table, row, place[SCOPE], &entry->scope, error);
	if (status != SORI_OK)
		return status;
	entry->type = (enum sori_calendar_type)type;
	entry->label = sori_side_cell(table, row, place[LABEL]).text;
	for (size_t i = 0; i < row; i++) {
		const struct sori_calendar_entry *other = &calendar->entries[i];

		if (other->day == entry->day && other->type == entry->type && sori_calendar_day_off(entry->type) &&
		    sori_slice_equal(&other->scope, &entry->scope))
			return sori_side_fail(table, row, place[DATE], error, "this day is there already, in line %llu",
					      (unsigned long long)table->lines[i]);
	}
	return SORI_OK;
}

enum sori_status sori_calendar_read(struct sori_calendar **result, const char *path, struct sori_error *error)
{
	struct sori_calendar *calendar = sori_alloc_zero(1, sizeof *calendar);
	struct sori_side_table table = {0};
	size_t place[COLUMNS];
	enum sori_status status;

	*result = NULL;
	if (!calendar)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_arena_init(&calendar->arena, 1 << 14);
	status = sori_side_read(&table, path, ',', &calendar->arena, error);
	if (status == SORI_OK)
		status = sori_side_columns(&table, columns, 2, place, NULL, error);
	if (status == SORI_OK && !(calendar->entries = sori_arena_zero(&calendar->arena, table.rows + 1, sizeof *calendar->entries)))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t row = 0; row < table.rows && status == SORI_OK; row++)
		status = read_row(calendar, &table, place, row, error);
	calendar->count = table.rows;
	sori_side_release(&table);
	if (status == SORI_OK) {
		qsort(calendar->entries, calendar->count, sizeof *calendar->entries, by_day);
		*result = calendar;
	} else {
		sori_calendar_free(calendar);
	}
	return status;
}

void sori_calendar_free(struct sori_calendar *calendar)
{
	if (!calendar)
		return;
	sori_arena_release(&calendar->arena);
	sori_free(calendar);
}

bool sori_calendar_holds(const struct sori_calendar_entry *entry, const struct sori_slice *slice)
{
	for (size_t i = 0; i < entry->scope.count; i++) {
		const char *dimension = entry->scope.terms[i].dimension;

		if (!sori_slice_asks(slice, dimension))
			return false;
		for (size_t k = 0; k < slice->count; k++)
			if (!strcmp(slice->terms[k].dimension, dimension) && !sori_slice_has(&entry->scope, dimension, slice->terms[k].value))
				return false;
	}
	return true;
}

static bool is_off(const struct sori_calendar *calendar, const struct sori_slice *slice, sori_day day)
{
	if (sori_day_weekday(day) >= 5)
		return true;
	for (size_t i = 0; i < calendar->count && calendar->entries[i].day <= day; i++)
		if (calendar->entries[i].day == day && sori_calendar_day_off(calendar->entries[i].type) &&
		    sori_calendar_holds(&calendar->entries[i], slice))
			return true;
	return false;
}

static void set(unsigned char *kinds, sori_day first, size_t days, sori_day day, enum sori_day_kind kind)
{
	if (day >= first && day < first + (sori_day)days && kinds[day - first] < kind)
		kinds[day - first] = (unsigned char)kind;
}

void sori_calendar_kinds(const struct sori_calendar *calendar, const struct sori_slice *slice, sori_day first, size_t days,
			 unsigned char *kinds)
{
	memset(kinds, SORI_DAY_ORDINARY, days);
	for (size_t i = 0; calendar && i < calendar->count; i++) {
		const struct sori_calendar_entry *entry = &calendar->entries[i];

		if (!sori_calendar_day_off(entry->type) || entry->day < first - SEARCH || entry->day > first + (sori_day)days ||
		    !sori_calendar_holds(entry, slice))
			continue;
		set(kinds, first, days, entry->day, SORI_DAY_HOLIDAY);
		if (entry->type > SORI_CALENDAR_CHUSEOK)
			continue;
		for (sori_day day = entry->day - 1; day <= entry->day + 1; day++)
			set(kinds, first, days, day, SORI_DAY_DISTURBED);
		for (sori_day day = entry->day + 1; day <= entry->day + SEARCH; day++)
			if (!is_off(calendar, slice, day)) {
				set(kinds, first, days, day, SORI_DAY_DISTURBED);
				break;
			}
	}
}

enum sori_status sori_calendar_mark(struct sori_panel *panel, const struct sori_calendar *calendar, const struct sori_slice *slice,
				    struct sori_error *error)
{
	unsigned char *kinds;

	if (!calendar)
		return SORI_OK;
	if (!(kinds = sori_alloc(panel->days + 1)))
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_calendar_kinds(calendar, slice, panel->first, panel->days, kinds);
	sori_panel_set_kinds(panel, kinds);
	sori_free(kinds);
	return SORI_OK;
}

sori_day sori_calendar_feast(const struct sori_calendar *calendar, enum sori_calendar_type feast, int year)
{
	sori_day begin = SORI_DAY_NONE, end = SORI_DAY_NONE;

	for (size_t i = 0; calendar && i < calendar->count; i++) {
		const struct sori_calendar_entry *entry = &calendar->entries[i];
		int in, month, day;

		sori_day_split(entry->day, &in, &month, &day);
		if (entry->type != feast || in != year || entry->scope.count || (end != SORI_DAY_NONE && entry->day > end + FEAST_GAP))
			continue;
		begin = begin == SORI_DAY_NONE ? entry->day : begin;
		end = entry->day;
	}
	return begin == SORI_DAY_NONE ? SORI_DAY_NONE : begin + (end - begin) / 2;
}
