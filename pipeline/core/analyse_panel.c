/* Cells are few (combinations of dimension values), rows of `daily` many: the cells' membership in each slice is worked out once,
 * and the daily rows of the period stream past it in primary-key order.
 *
 * A silent day of a source is missing, not zero, when the source speaks at least 5 times on its median day and on the median
 * of the same weekday (a call centre is closed on Sunday, that is zero); before its first day nothing is expected, and four
 * weeks after its last day it counts as ended. */
#include "pipeline/core/analyse.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"

#define MEDIAN_OF_A_FEED 5.0
#define DAYS_UNTIL_ENDED 28
#define NOWHERE UINT32_MAX

static const char *const dimensions[SORI_REPORT_DIMENSIONS] = {"source", "channel", "product", "region",
							       "lang",   "dim1",    "dim2",    "dim3"};

struct loader {
	struct sori_panel *panel;
	sqlite3 *database;
	const struct sori_slice *slices;
	size_t (*term_dimension)[SORI_PANEL_SIDES]; /* [term][side] */
	bool (*term_found)[SORI_PANEL_SIDES];
	size_t term_limit;
	unsigned char *member; /* [cell_limit] bit per side; the panel's */
	uint32_t *source_of;   /* [cell_limit] */
	size_t cell_limit;
	bool distinct;         /* `daily` has distinct complaints and customers */
	const char **sources;
	size_t source_count, source_capacity;
	double *spoken;        /* [side][source][day] documents */
	uint32_t *category_of; /* [key_limit] */
	size_t key_limit;
	int64_t none_key;
};

/* Each by itself: asked for both at once, SQLite reads the whole table. */
enum sori_status sori_analyse_bounds(struct sqlite3 *database, sori_day *first, sori_day *last, struct sori_error *error)
{
	sqlite3_stmt *row;
	enum sori_status status = sori_report_prepare(database, &row,
						      "SELECT (SELECT min(day) FROM daily WHERE day > -2147483648),"
						      " (SELECT max(day) FROM daily WHERE day > -2147483648)", error);

	*first = *last = SORI_DAY_NONE;
	if (status == SORI_OK)
		status = sori_report_step(row, error);
	if (status == SORI_OK && sqlite3_column_type(row, 0) != SQLITE_NULL) {
		*first = sqlite3_column_int(row, 0);
		*last = sqlite3_column_int(row, 1);
	}
	(void)sqlite3_finalize(row);
	return status;
}

/* A dimension by its column, or dim1 to dim3 by the name that the inputs gave it. */
static enum sori_status find_dimension(struct loader *load, const char *name, size_t *found, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (*found = 0; *found < SORI_REPORT_DIMENSIONS; ++*found)
		if (!strcmp(name, dimensions[*found]))
			return SORI_OK;
	for (size_t d = 5; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++) {
		char sql[160];
		sqlite3_stmt *row;

		(void)snprintf(sql, sizeof sql, "SELECT 1 FROM input WHERE json_valid(columns) AND superseded IS NULL"
			       " AND json_extract(columns, '$.%s') = ? LIMIT 1", dimensions[d]);
		status = sori_report_prepare(load->database, &row, sql, error);
		if (status == SORI_OK && sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
			status = sori_report_no_memory(error);
		if (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK)
			*found = d;
		(void)sqlite3_finalize(row);
		if (*found < SORI_REPORT_DIMENSIONS)
			return SORI_OK;
		if (status == SORI_END)
			status = SORI_OK;
	}
	if (status != SORI_OK)
		return status;
	return sori_fail(error, SORI_USAGE, "the store has no dimension '%s'; it has source, channel, product, region, lang, dim1,"
			 " dim2, dim3 or the names given to the last three", name);
}

static enum sori_status find_dimensions(struct loader *load, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t s = 0; s < load->panel->side_count; s++)
		if (load->slices[s].count > load->term_limit)
			load->term_limit = load->slices[s].count;
	load->term_dimension = sori_alloc_zero(load->term_limit + 1, sizeof *load->term_dimension);
	load->term_found = sori_alloc_zero(load->term_limit + 1, sizeof *load->term_found);
	if (!load->term_dimension || !load->term_found)
		return sori_report_no_memory(error);
	for (size_t s = 0; s < load->panel->side_count; s++)
		for (size_t t = 0; t < load->slices[s].count && status == SORI_OK; t++)
			status = find_dimension(load, load->slices[s].terms[t].dimension, &load->term_dimension[t][s], error);
	return status;
}

static bool in_slice(struct loader *load, size_t side, sqlite3_stmt *row)
{
	const struct sori_slice *slice = &load->slices[side];
	bool asked[SORI_REPORT_DIMENSIONS] = {false}, met[SORI_REPORT_DIMENSIONS] = {false}, all = true;

	for (size_t t = 0; t < slice->count; t++) {
		size_t d = load->term_dimension[t][side];
		const char *value = (const char *)sqlite3_column_text(row, (int)d + 1);
		bool same = !strcmp(value ? value : "", slice->terms[t].value);

		asked[d] = true;
		met[d] = met[d] || same;
		load->term_found[t][side] = load->term_found[t][side] || same;
	}
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		all = all && (!asked[d] || met[d]);
	return all;
}

static enum sori_status source_number(struct loader *load, sqlite3_stmt *row, uint32_t *number, struct sori_error *error)
{
	const char *name = sori_report_text(&load->panel->arena, row, 1);

	if (!name)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < load->source_count; i++)
		if (!strcmp(load->sources[i], name)) {
			*number = (uint32_t)i;
			return SORI_OK;
		}
	if (SORI_GROW(load->sources, load->source_capacity, load->source_count + 1))
		return sori_report_no_memory(error);
	*number = (uint32_t)load->source_count;
	load->sources[load->source_count++] = name;
	return SORI_OK;
}

static enum sori_status check_values(const struct loader *load, struct sori_error *error)
{
	for (size_t s = 0; s < load->panel->side_count; s++)
		for (size_t t = 0; t < load->slices[s].count; t++)
			if (!load->term_found[t][s])
				return sori_fail(error, SORI_USAGE, "no document of the store has %s '%s'",
						 load->slices[s].terms[t].dimension, load->slices[s].terms[t].value);
	return SORI_OK;
}

/* The largest number in a table, plus one. */
static enum sori_status number_limit(struct loader *load, const char *sql, size_t *limit, struct sori_error *error)
{
	sqlite3_stmt *row;
	enum sori_status status = sori_report_prepare(load->database, &row, sql, error);

	if (status == SORI_OK)
		status = sori_report_step(row, error);
	if (status == SORI_OK)
		*limit = (size_t)sori_report_count(row, 0) + 1;
	(void)sqlite3_finalize(row);
	if (status == SORI_OK && *limit > UINT32_MAX)
		return sori_fail(error, SORI_DATA, "the store has impossible numbers");
	return status;
}

static enum sori_status load_cells(struct loader *load, struct sori_error *error)
{
	struct sori_panel *panel = load->panel;
	enum sori_status status = number_limit(load, "SELECT max(cell) FROM cell", &load->cell_limit, error);
	sqlite3_stmt *row = NULL;

	if (status != SORI_OK)
		return status;
	load->member = panel->member = sori_arena_zero(&panel->arena, load->cell_limit, 1);
	panel->cell_limit = load->cell_limit;
	load->source_of = sori_alloc_zero(load->cell_limit, sizeof *load->source_of);
	if (!load->member || !load->source_of)
		return sori_report_no_memory(error);
	status = sori_report_prepare(load->database, &row, "SELECT cell, source, channel, product, region, lang, dim1, dim2, dim3"
				     " FROM cell ORDER BY cell", error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		size_t cell = (size_t)sori_report_count(row, 0);

		status = source_number(load, row, &load->source_of[cell], error);
		for (size_t s = 0; s < panel->side_count && status == SORI_OK; s++)
			if (in_slice(load, s, row)) {
				load->member[cell] |= (unsigned char)(1U << s);
				panel->sides[s].cells++;
			}
		panel->overlap = panel->overlap || load->member[cell] == 3;
	}
	(void)sqlite3_finalize(row);
	return status == SORI_END ? check_values(load, error) : status;
}

static enum sori_status read_category(struct loader *load, sqlite3_stmt *row, struct sori_error *error)
{
	struct sori_panel *panel = load->panel;
	struct sori_panel_category *category = &panel->categories[panel->category_count];
	const char *kind, *dot;

	if (!(category->id = sori_report_text(&panel->arena, row, 1)) || !(category->ko = sori_report_text(&panel->arena, row, 2)) ||
	    !(category->en = sori_report_text(&panel->arena, row, 3)) || !(kind = sori_report_text(&panel->arena, row, 4)))
		return sori_report_no_memory(error);
	if (category->id[0] == '*') {
		if (!strcmp(category->id, "*none"))
			load->none_key = sqlite3_column_int64(row, 0);
		return SORI_OK;
	}
	dot = strchr(category->id, '.');
	category->stem = dot ? (size_t)(dot - category->id) : strlen(category->id);
	category->praise = !strcmp(kind, "praise");
	category->severity = sqlite3_column_int(row, 5);
	category->fallback = sqlite3_column_int(row, 6) != 0;
	panel->category_key[panel->category_count] = sqlite3_column_int64(row, 0);
	load->category_of[sori_report_count(row, 0)] = (uint32_t)panel->category_count++;
	return SORI_OK;
}

static enum sori_status load_categories(struct loader *load, struct sori_error *error)
{
	enum sori_status status = number_limit(load, "SELECT max(category) FROM category", &load->key_limit, error);
	sqlite3_stmt *row = NULL;

	if (status != SORI_OK)
		return status;
	load->category_of = sori_alloc(load->key_limit * sizeof *load->category_of);
	load->panel->categories = sori_arena_zero(&load->panel->arena, load->key_limit, sizeof *load->panel->categories);
	load->panel->category_key = sori_arena_zero(&load->panel->arena, load->key_limit, sizeof *load->panel->category_key);
	if (!load->category_of || !load->panel->categories || !load->panel->category_key)
		return sori_report_no_memory(error);
	memset(load->category_of, 0xff, load->key_limit * sizeof *load->category_of);
	status = sori_report_prepare(load->database, &row, "SELECT category, id, ko, en, kind, severity, fallback FROM category"
				     " ORDER BY id", error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK)
		status = read_category(load, row, error);
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

/* Distinct complaints and customers came to `daily` later than the table. */
static bool counts_distinct(sqlite3 *database)
{
	sqlite3_stmt *row = NULL;
	bool there = sqlite3_prepare_v2(database, "SELECT complaints, customers FROM daily LIMIT 0", -1, &row, NULL) == SQLITE_OK;

	(void)sqlite3_finalize(row);
	return there;
}

static bool make_distinct_room(struct sori_panel *panel, struct sori_panel_side *side)
{
	side->complaints = sori_arena_zero(&panel->arena, panel->days * (panel->category_count + 1), sizeof *side->complaints);
	side->all_complaints = sori_arena_zero(&panel->arena, panel->days, sizeof *side->all_complaints);
	side->all_customers = sori_arena_zero(&panel->arena, panel->days, sizeof *side->all_customers);
	return side->complaints && side->all_complaints && side->all_customers;
}

static enum sori_status make_room(struct loader *load, struct sori_error *error)
{
	struct sori_panel *panel = load->panel;

	load->distinct = counts_distinct(load->database);
	panel->kind = sori_arena_zero(&panel->arena, panel->days, sizeof *panel->kind);
	panel->provisional = sori_arena_zero(&panel->arena, panel->days, sizeof *panel->provisional);
	if (!panel->kind || !panel->provisional)
		return sori_report_no_memory(error);
	for (size_t s = 0; s < panel->side_count; s++) {
		struct sori_panel_side *side = &panel->sides[s];

		side->all = sori_arena_zero(&panel->arena, panel->days, sizeof *side->all);
		side->none = sori_arena_zero(&panel->arena, panel->days, sizeof *side->none);
		side->documents = sori_arena_zero(&panel->arena, panel->days * (panel->category_count + 1), sizeof *side->documents);
		side->dictionary = sori_arena_zero(&panel->arena, panel->days, sizeof *side->dictionary);
		side->absent = sori_arena_zero(&panel->arena, panel->days, sizeof *side->absent);
		if (!side->all || !side->none || !side->documents || !side->dictionary || !side->absent ||
		    (load->distinct && !make_distinct_room(panel, side)))
			return sori_report_no_memory(error);
	}
	load->spoken = sori_alloc_zero(panel->side_count * (load->source_count + 1) * panel->days, sizeof *load->spoken);
	return load->spoken ? SORI_OK : sori_report_no_memory(error);
}

static double *spoken_of(const struct loader *load, size_t side, size_t source)
{
	return load->spoken + (side * load->source_count + source) * load->panel->days;
}

static void add_row(struct loader *load, sqlite3_stmt *row)
{
	struct sori_panel *panel = load->panel;
	size_t day = (size_t)(sqlite3_column_int(row, 0) - panel->first), cell = (size_t)sori_report_count(row, 1);
	int64_t category = sqlite3_column_int64(row, 2), dictionary = sqlite3_column_int64(row, 3);
	double documents = (double)sori_report_count(row, 4);
	double complaints = load->distinct ? (double)sori_report_count(row, 5) : 0.0;

	if (cell >= load->cell_limit || category < 0 || (size_t)category >= load->key_limit)
		return;
	for (size_t s = 0; s < panel->side_count; s++) {
		struct sori_panel_side *side = &panel->sides[s];

		if (!(load->member[cell] & (1U << s)))
			continue;
		if (category == 0) {
			side->all[day] += documents;
			side->dictionary[day] = side->dictionary[day] == 0 || side->dictionary[day] == dictionary ? dictionary : -1;
			spoken_of(load, s, load->source_of[cell])[day] += documents;
			if (load->distinct) {
				side->all_complaints[day] += complaints;
				side->all_customers[day] += (double)sori_report_count(row, 6);
			}
		} else if (category == load->none_key) {
			side->none[day] += documents;
		} else if (load->category_of[category] != NOWHERE) {
			side->documents[load->category_of[category] * panel->days + day] += documents;
			if (load->distinct)
				side->complaints[load->category_of[category] * panel->days + day] += complaints;
		}
	}
}

static enum sori_status load_daily(struct loader *load, struct sori_error *error)
{
	struct sori_panel *panel = load->panel;
	sqlite3_stmt *row;
	enum sori_status status = sori_report_prepare(load->database, &row,
						      load->distinct ? "SELECT day, cell, category, dictionary, documents, complaints,"
								       " customers FROM daily WHERE day BETWEEN ? AND ?"
								     : "SELECT day, cell, category, dictionary, documents"
								       " FROM daily WHERE day BETWEEN ? AND ?", error);

	if (status == SORI_OK && (sqlite3_bind_int(row, 1, panel->first) != SQLITE_OK ||
				  sqlite3_bind_int(row, 2, panel->first + (sori_day)panel->days - 1) != SQLITE_OK))
		status = sori_report_no_memory(error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK)
		add_row(load, row);
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Of every `step`-th day from `from` on. */
static double median(const double *y, size_t from, size_t to, size_t step, double *room)
{
	size_t count = 0;

	for (size_t day = from; day <= to; day += step)
		room[count++] = y[day];
	if (!count)
		return 0.0;
	qsort(room, count, sizeof *room, by_value);
	return count % 2 ? room[count / 2] : (room[count / 2 - 1] + room[count / 2]) / 2.0;
}

static void mark_absent(const double *y, size_t days, bool *absent, double *room)
{
	size_t first = 0, last = days - 1;

	while (first < days && !(y[first] > 0.0))
		first++;
	if (first == days)
		return;
	while (!(y[last] > 0.0))
		last--;
	if (median(y, first, last, 1, room) < MEDIAN_OF_A_FEED)
		return;
	for (size_t class = 0; class < 7; class++) {
		if (median(y, first + class, last, 7, room) < MEDIAN_OF_A_FEED)
			continue;
		for (size_t day = first + class; day < days && day <= last + DAYS_UNTIL_ENDED; day += 7)
			absent[day] = absent[day] || !(y[day] > 0.0);
	}
}

static enum sori_status find_silence(struct loader *load, struct sori_error *error)
{
	struct sori_panel *panel = load->panel;
	double *room = sori_alloc(panel->days * sizeof *room);

	if (!room)
		return sori_report_no_memory(error);
	for (size_t s = 0; s < panel->side_count; s++)
		for (size_t source = 0; source < load->source_count; source++)
			mark_absent(spoken_of(load, s, source), panel->days, panel->sides[s].absent, room);
	sori_free(room);
	return SORI_OK;
}

static enum sori_status load_all(struct loader *load, struct sori_error *error)
{
	enum sori_status status = find_dimensions(load, error);

	if (status == SORI_OK)
		status = sori_analyse_bounds(load->database, &load->panel->store_first, &load->panel->store_last, error);
	if (status == SORI_OK)
		status = load_cells(load, error);
	if (status == SORI_OK)
		status = load_categories(load, error);
	if (status == SORI_OK)
		status = make_room(load, error);
	if (status == SORI_OK)
		status = load_daily(load, error);
	if (status == SORI_OK)
		status = find_silence(load, error);
	return status;
}

/* One state of the store for all statements. */
static enum sori_status load_in_snapshot(struct loader *load, struct sori_error *error)
{
	bool own = sqlite3_get_autocommit(load->database) != 0;
	enum sori_status status;

	if (own && sqlite3_exec(load->database, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_IO, "cannot read the store: %s", sqlite3_errmsg(load->database));
	status = load_all(load, error);
	if (own)
		(void)sqlite3_exec(load->database, "COMMIT", NULL, NULL, NULL);
	return status;
}

enum sori_status sori_panel_load(struct sori_panel **panel, struct sqlite3 *database, sori_day from, sori_day to,
				 const struct sori_slice *slices, size_t count, struct sori_error *error)
{
	struct loader load = {.database = database, .slices = slices, .none_key = -1};
	enum sori_status status;

	*panel = NULL;
	if (!(load.panel = sori_alloc_zero(1, sizeof *load.panel)))
		return sori_report_no_memory(error);
	sori_arena_init(&load.panel->arena, 1 << 16);
	load.panel->first = from;
	load.panel->days = (size_t)(to - from) + 1;
	load.panel->side_count = count;
	status = load_in_snapshot(&load, error);
	sori_free(load.term_dimension);
	sori_free(load.term_found);
	sori_free(load.source_of);
	sori_free((void *)load.sources);
	sori_free(load.spoken);
	sori_free(load.category_of);
	if (status == SORI_OK)
		*panel = load.panel;
	else
		sori_panel_free(load.panel);
	return status;
}

void sori_panel_set_kinds(struct sori_panel *panel, const unsigned char *kinds)
{
	memcpy(panel->kind, kinds, panel->days * sizeof *kinds);
}

void sori_panel_free(struct sori_panel *panel)
{
	if (!panel)
		return;
	sori_arena_release(&panel->arena);
	sori_free(panel);
}
