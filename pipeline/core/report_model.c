/* Loading the report model in one read transaction.
 *
 *   1. names: dictionaries, categories, cells; every dimension's values get numbers in byte order
 *   2. the denominator rows: totals, documents of every value (which then are numbered by rank), windows of comparison, the
 *      buckets of the charts, dictionary spans
 *   3. all of `daily` once: each row is added to its category's total, bucket, slices and to one value of each dimension
 *   4. evidence, inputs, and what statistics say (report_findings.c)
 *
 * Passes 2 and 3 walk the primary key (day first), so the bucket is looked up once a day; everything else is array access:
 * half a million rows take about as long as SQLite needs to read them. Only integers are summed; shares and intervals
 * are computed once at the end. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_cube.h"
#include "pipeline/core/report_findings.h"
#include "pipeline/core/report_load.h"

#define KEY_LIMIT ((int64_t)1 << 26) /* of cell and category numbers, which the store gives out densely */
#define NOWHERE UINT32_MAX

static const char *const dimension_ids[SORI_REPORT_DIMENSIONS] = {"source", "channel", "product", "region",
								  "lang",   "dim1",    "dim2",    "dim3"};

enum { MARK_ALL = UINT32_MAX - 1, MARK_NONE = UINT32_MAX - 2, MARK_PAIN = UINT32_MAX - 3 };

/* Sets dense[key], with NOWHERE in what it grows by. */
static enum sori_status dense_set(uint32_t **dense, size_t *limit, int64_t key, uint32_t value, struct sori_error *error)
{
	if (key < 0 || key >= KEY_LIMIT)
		return sori_fail(error, SORI_DATA, "number %lld in the store is out of range", (long long)key);
	if ((size_t)key >= *limit) {
		size_t wanted = *limit ? *limit : 64;
		while (wanted <= (size_t)key)
			wanted *= 2;
		uint32_t *grown = sori_realloc(*dense, wanted * sizeof *grown);
		if (!grown)
			return sori_report_no_memory(error);
		for (size_t i = *limit; i < wanted; i++)
			grown[i] = NOWHERE;
		*dense = grown;
		*limit = wanted;
	}
	(*dense)[key] = value;
	return SORI_OK;
}

static uint32_t dense_get(const uint32_t *dense, size_t limit, int64_t key)
{
	return key >= 0 && (uint64_t)key < limit ? dense[key] : NOWHERE;
}

static bool read_category(struct sori_arena *arena, sqlite3_stmt *row, struct sori_report_category *category)
{
	category->key = sqlite3_column_int64(row, 0);
	category->id = sori_report_text(arena, row, 1);
	category->ko = sori_report_text(arena, row, 2);
	category->en = sori_report_text(arena, row, 3);
	category->owner = sori_report_text(arena, row, 5);
	category->severity = sqlite3_column_int(row, 6);
	category->fallback = sqlite3_column_int(row, 7) != 0;
	const char *kind = sori_report_text(arena, row, 4);
	if (!category->id || !category->ko || !category->en || !category->owner || !kind)
		return false;
	category->praise = strcmp(kind, "praise") == 0;
	return true;
}

static enum sori_status load_categories(struct sori_report_loading *load)
{
	struct sori_report_model *model = load->model;
	sqlite3_stmt *row = NULL;
	struct sori_report_category *list = NULL;
	size_t count = 0, capacity = 0;
	enum sori_status status = sori_report_prepare(
		model->database, &row,
		"SELECT category, id, ko, en, kind, owner, severity, fallback FROM category ORDER BY id", load->error);
	while (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK) {
		struct sori_report_category category = {0};
		if (!read_category(&model->arena, row, &category) || SORI_GROW(list, capacity, count + 1) != 0) {
			status = sori_report_no_memory(load->error);
			break;
		}
		uint32_t mark = (uint32_t)count;
		if (strcmp(category.id, "*") == 0)
			mark = MARK_ALL;
		else if (strcmp(category.id, "*none") == 0)
			mark = MARK_NONE;
		else if (strcmp(category.id, "*pain") == 0)
			mark = MARK_PAIN;
		else
			list[count++] = category;
		status = dense_set(&load->category_row, &load->category_limit, category.key, mark, load->error);
		if (status != SORI_OK)
			break;
		if (mark == MARK_NONE)
			model->none = 0;
		if (mark == MARK_PAIN)
			model->pain = 0;
	}
	sqlite3_finalize(row);
	if (status == SORI_END) {
		status = SORI_OK;
		model->categories = sori_arena_zero(&model->arena, count + 1, sizeof *list);
		if (!model->categories)
			status = sori_report_no_memory(load->error);
		else if (count > 0)
			memcpy(model->categories, list, count * sizeof *list);
		model->category_count = count;
	}
	sori_free(list);
	return status;
}

/* The values of one dimension in byte order. */
static enum sori_status load_values(struct sori_report_loading *load, size_t d)
{
	struct sori_report_model *model = load->model;
	struct sori_report_dimension *dimension = &model->dimensions[d];
	char sql[96];
	sqlite3_stmt *row = NULL;
	size_t capacity = 0;
	sqlite3_snprintf((int)sizeof sql, sql, "SELECT DISTINCT %s FROM cell ORDER BY 1 COLLATE BINARY", dimension_ids[d]);
	enum sori_status status = sori_report_prepare(model->database, &row, sql, load->error);
	while (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK) {
		const char *text = sori_report_text(&model->arena, row, 0);
		if (!text || SORI_GROW(load->text[d], capacity, load->text_count[d] + 1) != 0) {
			status = sori_report_no_memory(load->error);
			break;
		}
		load->text[d][load->text_count[d]++] = text;
	}
	sqlite3_finalize(row);
	if (status != SORI_END)
		return status;
	dimension->id = dimension->label = dimension_ids[d];
	dimension->count = load->text_count[d];
	dimension->values = sori_arena_zero(&model->arena, dimension->count + 1, sizeof *dimension->values);
	if (!dimension->values)
		return sori_report_no_memory(load->error);
	for (size_t v = 0; v < dimension->count; v++) {
		dimension->values[v].text = load->text[d][v];
		dimension->values[v].length = strlen(load->text[d][v]);
	}
	return SORI_OK;
}

static uint32_t find_value(const struct sori_report_loading *load, size_t d, const char *text)
{
	size_t low = 0, high = load->text_count[d];
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(text, load->text[d][middle]);
		if (order == 0)
			return (uint32_t)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0; /* only a text with bytes that are no UTF-8 comes here */
}

static enum sori_status load_cells(struct sori_report_loading *load)
{
	sqlite3_stmt *row = NULL;
	enum sori_status status =
		sori_report_prepare(load->model->database, &row,
				    "SELECT cell, source, channel, product, region, lang, dim1, dim2, dim3 FROM cell",
				    load->error);
	while (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK) {
		int64_t key = sqlite3_column_int64(row, 0);
		if (SORI_GROW(load->cell_values, load->cell_capacity, load->cell_count + 1) != 0)
			status = sori_report_no_memory(load->error);
		else
			status = dense_set(&load->cell_row, &load->cell_limit, key, (uint32_t)load->cell_count, load->error);
		if (status != SORI_OK)
			break;
		uint32_t *values = load->cell_values[load->cell_count++];
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
			const char *text = (const char *)sqlite3_column_text(row, 1 + (int)d);
			values[d] = find_value(load, d, text ? text : "");
		}
	}
	sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

/* A further dimension is called what the operator called it: by the query, else as the latest input names it. */
static enum sori_status name_dimensions(struct sori_report_loading *load)
{
	struct sori_report_model *model = load->model;
	for (size_t d = 5; d < SORI_REPORT_DIMENSIONS; d++) {
		struct sori_report_dimension *dimension = &model->dimensions[d];
		if (model->query.dim_label[d - 5]) {
			struct sori_view label = sori_view_of(model->query.dim_label[d - 5]);
			if (!(dimension->label = sori_arena_copy(&model->arena, label).at))
				return sori_report_no_memory(load->error);
			continue;
		}
		char sql[192];
		sqlite3_stmt *row = NULL;
		sqlite3_snprintf((int)sizeof sql, sql,
				 "SELECT json_extract(columns, '$.%s') AS label FROM input WHERE json_valid(columns) "
				 "AND label <> '' AND superseded IS NULL ORDER BY run DESC, path, input LIMIT 1", dimension_ids[d]);
		enum sori_status status = sori_report_prepare(model->database, &row, sql, load->error);
		if (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK) {
			const char *label = sori_report_text(&model->arena, row, 0);
			if (label)
				dimension->label = label;
			else
				status = sori_report_no_memory(load->error);
		}
		sqlite3_finalize(row);
		if (status != SORI_OK && status != SORI_END)
			return status;
	}
	return SORI_OK;
}

static struct sori_report_dictionary *dictionary_of(struct sori_report_loading *load, const char *hash)
{
	struct sori_report_model *model = load->model;
	for (size_t i = 0; i < model->dictionary_count; i++)
		if (strcmp(model->dictionaries[i].hash, hash) == 0)
			return &model->dictionaries[i];
	struct sori_report_dictionary *grown =
		sori_arena_zero(&model->arena, model->dictionary_count + 1, sizeof *grown);
	const char *copy = sori_arena_copy(&model->arena, sori_view_of(hash)).at;
	if (!grown || !copy)
		return NULL;
	if (model->dictionary_count > 0)
		memcpy(grown, model->dictionaries, model->dictionary_count * sizeof *grown);
	model->dictionaries = grown;
	grown[model->dictionary_count] = (struct sori_report_dictionary){copy, SORI_DAY_NONE, SORI_DAY_NONE, 0};
	return &grown[model->dictionary_count++];
}

/* The dictionary with this number: its place in model->dictionaries, found once for each run of equal numbers. */
struct counted_by {
	bool known;
	int64_t key;
	size_t place;
};

static enum sori_status count_dictionary(struct sori_report_loading *load, struct counted_by *by, sqlite3_stmt *row, sori_day day,
					 uint64_t documents)
{
	struct sori_report_model *model = load->model;
	int64_t key = sqlite3_column_int64(row, 3);
	if (!by->known || by->key != key) {
		const char *hash = (const char *)sqlite3_column_text(row, 4);
		const struct sori_report_dictionary *found = dictionary_of(load, hash ? hash : "");
		if (!found)
			return sori_report_no_memory(load->error);
		*by = (struct counted_by){true, key, (size_t)(found - model->dictionaries)};
	}
	struct sori_report_dictionary *dictionary = &model->dictionaries[by->place];
	dictionary->documents += documents;
	if (day == SORI_DAY_NONE)
		return SORI_OK;
	if (dictionary->first == SORI_DAY_NONE)
		dictionary->first = day;
	dictionary->last = day;
	return SORI_OK;
}

/* One denominator row: a day, cell and dictionary. */
static enum sori_status add_total(struct sori_report_loading *load, struct counted_by *by, sqlite3_stmt *row)
{
	struct sori_report_model *model = load->model;
	sori_day day = (sori_day)sqlite3_column_int64(row, 0);
	uint32_t cell = dense_get(load->cell_row, load->cell_limit, sqlite3_column_int64(row, 1));
	uint64_t documents = sori_report_count(row, 2);
	model->ever += documents;
	if (day == SORI_DAY_NONE)
		model->undated += documents;
	else
		model->store_last = day;
	if (day != SORI_DAY_NONE && model->store_first == SORI_DAY_NONE)
		model->store_first = day;
	if (!sori_report_in_period(model, day))
		return SORI_OK;
	if (cell == NOWHERE)
		return sori_fail(load->error, SORI_DATA, "the store counts a cell that it does not name");
	model->documents += documents;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		model->dimensions[d].values[load->cell_values[cell][d]].documents += documents;
	enum sori_status status = count_dictionary(load, by, row, day, documents);
	if (status != SORI_OK || day == SORI_DAY_NONE)
		return status;
	if (load->day_count > 0 && load->days[load->day_count - 1].day == day) {
		load->days[load->day_count - 1].documents += documents;
		return SORI_OK;
	}
	if (SORI_GROW(load->days, load->day_capacity, load->day_count + 1) != 0)
		return sori_report_no_memory(load->error);
	load->days[load->day_count++] = (struct sori_report_day){day, documents};
	return SORI_OK;
}

/* Pass 2. */
static enum sori_status load_days(struct sori_report_loading *load)
{
	sqlite3_stmt *row = NULL;
	struct counted_by by = {0};
	enum sori_status status = sori_report_prepare(
		load->model->database, &row,
		"SELECT day, cell, documents, dictionary, (SELECT hash FROM dictionary AS d WHERE d.dictionary = daily.dictionary) "
		"FROM daily WHERE category = (SELECT category FROM category WHERE id = '*') ORDER BY day, cell, category, dictionary",
		load->error);
	while (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK)
		if ((status = add_total(load, &by, row)) != SORI_OK)
			break;
	sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

struct ranked {
	uint64_t documents;
	uint32_t number;
};

static int by_documents(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;
	if (left->documents != right->documents)
		return left->documents > right->documents ? -1 : 1;
	return left->number < right->number ? -1 : 1; /* numbers are in byte order */
}

/* Numbers the values of a dimension by rank, largest first, and the cells' values with them. */
static enum sori_status rank_values(struct sori_report_loading *load, size_t d)
{
	struct sori_report_dimension *dimension = &load->model->dimensions[d];
	size_t count = dimension->count;
	struct ranked *order = sori_alloc_zero(count + 1, sizeof *order);
	struct sori_report_value *values = sori_alloc_zero(count + 1, sizeof *values);
	uint32_t *rank = sori_alloc_zero(count + 1, sizeof *rank);
	bool good = order && values && rank;
	if (good) {
		for (uint32_t v = 0; v < count; v++)
			order[v] = (struct ranked){dimension->values[v].documents, v};
		if (count > 0)
			qsort(order, count, sizeof *order, by_documents);
		memcpy(values, dimension->values, count * sizeof *values);
		for (uint32_t v = 0; v < count; v++) {
			dimension->values[v] = values[order[v].number];
			load->text[d][v] = dimension->values[v].text;
			rank[order[v].number] = v;
			if (dimension->values[v].length > 0 && dimension->values[v].documents > 0)
				dimension->used = true;
		}
		for (size_t c = 0; c < load->cell_count; c++)
			load->cell_values[c][d] = rank[load->cell_values[c][d]];
	}
	sori_free(order);
	sori_free(values);
	sori_free(rank);
	return good ? SORI_OK : sori_report_no_memory(load->error);
}

static int by_first_day(const void *a, const void *b)
{
	const struct sori_report_dictionary *left = a, *right = b;
	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return strcmp(left->hash, right->hash);
}

static enum sori_status make_counters(struct sori_report_loading *load)
{
	struct sori_report_model *model = load->model;
	model->pain_series = sori_arena_zero(&model->arena, model->bucket_count + 1, sizeof(uint64_t));
	if (!model->pain_series)
		return sori_report_no_memory(load->error);
	for (size_t c = 0; c < model->category_count; c++) {
		struct sori_report_category *category = &model->categories[c];
		category->series = sori_arena_zero(&model->arena, model->bucket_count + 1, sizeof(uint64_t));
		if (!category->series)
			return sori_report_no_memory(load->error);
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
			category->by[d] = sori_arena_zero(&model->arena, model->dimensions[d].count + 1, sizeof(uint64_t));
			if (!category->by[d])
				return sori_report_no_memory(load->error);
		}
	}
	return SORI_OK;
}

/* Where the walk over `daily` is. */
struct place {
	sori_day day;
	bool inside;
	size_t bucket; /* bucket_count: none */
};

static void move_to_day(const struct sori_report_model *model, struct place *place, sori_day day)
{
	place->day = day;
	place->inside = sori_report_in_period(model, day);
	place->bucket = place->inside ? sori_report_bucket_of(model, day) : model->bucket_count;
}

static void add_to_category(const struct sori_report_model *model, const struct place *place,
			    struct sori_report_category *category, const uint32_t *values, uint64_t documents)
{
	category->ever += documents;
	if (place->day == model->as_of && place->day != SORI_DAY_NONE)
		category->as_of += documents;
	if (!place->inside)
		return;
	category->documents += documents;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		category->by[d][values[d]] += documents;
	if (place->bucket < model->bucket_count)
		category->series[place->bucket] += documents;
}

static void add_row(struct sori_report_loading *load, const struct place *place, uint32_t row, uint32_t cell, sqlite3_stmt *from)
{
	struct sori_report_model *model = load->model;
	uint64_t documents = sori_report_count(from, 3), complaints = sori_report_count(from, 4);
	size_t cube_row = row == MARK_ALL ? 0 : row == MARK_PAIN ? 1 : row == MARK_NONE ? 2 : row + SORI_CUBE_ROWS_BEFORE;
	if (place->inside)
		sori_report_cube_add(model->cube, cell, cube_row, place->bucket, documents);
	if (row == MARK_NONE || row == MARK_PAIN) {
		if (place->inside)
			*(row == MARK_NONE ? &model->none : &model->pain) += documents;
		if (place->inside && row == MARK_PAIN)
			model->pain_complaints += complaints;
		if (row == MARK_PAIN && place->bucket < model->bucket_count)
			model->pain_series[place->bucket] += documents;
	} else if (row == MARK_ALL) {
		model->complaints += place->inside ? complaints : 0;
		model->customers += place->inside ? sori_report_count(from, 5) : 0;
	} else {
		model->categories[row].complaints += place->inside ? complaints : 0;
		model->categories[row].customers += place->inside ? sori_report_count(from, 5) : 0;
		add_to_category(model, place, &model->categories[row], load->cell_values[cell], documents);
	}
}

/* How many documents of the store have a customer: the customers speak for these only. */
static enum sori_status load_named(struct sori_report_loading *load)
{
	sqlite3_stmt *row = NULL;
	enum sori_status status = sori_report_prepare(load->model->database, &row, "SELECT CAST(value AS INTEGER) FROM meta"
						      " WHERE key = 'documents_with_customer'", load->error);

	if (status == SORI_OK)
		status = sori_report_step(row, load->error);
	if (status == SORI_OK)
		load->model->with_customer = sori_report_count(row, 0);
	sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

/* Pass 3. */
static enum sori_status load_daily(struct sori_report_loading *load)
{
	sqlite3_stmt *row = NULL;
	struct place place = {0};
	bool begun = false;
	enum sori_status status =
		sori_report_prepare(load->model->database, &row, "SELECT day, cell, category, documents, complaints, customers FROM daily "
				    "ORDER BY day, cell, category, dictionary", load->error);
	while (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK) {
		sori_day day = (sori_day)sqlite3_column_int64(row, 0);
		uint32_t cell = dense_get(load->cell_row, load->cell_limit, sqlite3_column_int64(row, 1));
		uint32_t category = dense_get(load->category_row, load->category_limit, sqlite3_column_int64(row, 2));
		if (cell == NOWHERE || category == NOWHERE) {
			status = sori_fail(load->error, SORI_DATA, "the store counts a cell or category that it does not name");
			break;
		}
		if (!begun || day != place.day)
			move_to_day(load->model, &place, day);
		begun = true;
		add_row(load, &place, category, cell, row);
	}
	sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status load_all(struct sori_report_loading *load)
{
	struct sori_report_model *model = load->model;
	enum sori_status status = load_categories(load);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++)
		status = load_values(load, d);
	if (status == SORI_OK)
		status = load_cells(load);
	if (status == SORI_OK)
		status = name_dimensions(load);
	if (status == SORI_OK)
		status = load_days(load);
	if (status != SORI_OK)
		return status;
	if (model->dictionary_count > 1)
		qsort(model->dictionaries, model->dictionary_count, sizeof *model->dictionaries, by_first_day);
	if (load->day_count > 0) {
		model->first = load->days[0].day;
		model->last = load->days[load->day_count - 1].day;
	}
	model->as_of = model->query.as_of != SORI_DAY_NONE ? model->query.as_of
		       : model->query.to != SORI_DAY_NONE  ? model->query.to
							   : model->store_last;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++)
		status = rank_values(load, d);
	if (status == SORI_OK)
		status = sori_report_make_buckets(load);
	if (status == SORI_OK)
		status = make_counters(load);
	if (status == SORI_OK)
		status = sori_report_cube_begin(model, (const uint32_t (*)[SORI_REPORT_DIMENSIONS])load->cell_values,
						load->cell_count, load->error);
	if (status != SORI_OK)
		return status;
	sori_report_make_windows(load);
	if ((status = load_daily(load)) != SORI_OK || (status = load_named(load)) != SORI_OK)
		return status;
	struct sori_report_cell_map map = {load->cell_row, load->cell_limit, load->cell_values, {0}};
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		map.text[d] = load->text[d];
	status = sori_report_load_samples(model, &map, load->error);
	if (status == SORI_OK)
		status = sori_report_find(model, load->error);
	return status == SORI_OK ? sori_report_load_inputs(model, load->error) : status;
}

static void release_loading(struct sori_report_loading *load)
{
	sori_free(load->category_row);
	sori_free(load->cell_row);
	sori_free(load->cell_values);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		sori_free(load->text[d]);
	sori_free(load->days);
}

enum sori_status sori_report_model_load(struct sori_report_model **result, struct sqlite3 *database,
					const struct sori_report_query *query, struct sori_error *error)
{
	*result = NULL;
	struct sori_report_model *model = sori_alloc_zero(1, sizeof *model);
	if (!model)
		return sori_report_no_memory(error);
	sori_arena_init(&model->arena, (size_t)256 * 1024);
	model->query = *query;
	model->database = database;
	model->whole = query->from == SORI_DAY_NONE && query->to == SORI_DAY_NONE;
	model->first = model->last = model->store_first = model->store_last = model->as_of = SORI_DAY_NONE;
	model->pain = model->none = SORI_REPORT_UNKNOWN;
	struct sori_report_loading load = {.model = model, .error = error};
	enum sori_status status = SORI_OK;
	if (sqlite3_get_autocommit(database)) {
		if (sqlite3_exec(database, "BEGIN", NULL, NULL, NULL) == SQLITE_OK)
			model->transaction = true;
		else
			status = sori_fail(error, SORI_IO, "cannot read the store: %s", sqlite3_errmsg(database));
	}
	if (status == SORI_OK)
		status = load_all(&load);
	release_loading(&load);
	if (status == SORI_OK)
		status = sori_suppress_model(model, query->publish, error);
	if (status == SORI_OK)
		*result = model;
	else
		sori_report_model_free(model);
	return status;
}

void sori_report_model_free(struct sori_report_model *model)
{
	if (!model)
		return;
	if (model->transaction)
		sqlite3_exec(model->database, "COMMIT", NULL, NULL, NULL);
	sori_report_findings_free(model->findings);
	sori_report_cube_free(model->cube);
	sori_arena_release(&model->arena);
	sori_free(model);
}

const char *sori_verdict_id(enum sori_verdict verdict)
{
	static const char *const ids[] = {"too-little-data", "dictionary-changed", "unclear", "up", "down"};
	return ids[verdict];
}

const char *sori_bucket_unit_id(enum sori_bucket_unit unit)
{
	static const char *const ids[] = {"day", "week", "month", "year"};
	return ids[unit];
}
