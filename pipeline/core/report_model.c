/* Loading the report model: three passes over the store in one read transaction.
 *
 *   1. names: dictionaries, categories, cells; every dimension's values get numbers in byte order
 *   2. the denominator row of every day: totals, windows of comparison, the buckets of the charts, dictionary spans
 *   3. all of `daily` once: each row is added to its category's total, bucket, window and to one value of each dimension
 *
 * Pass 3 walks the primary key (day first), so the bucket is looked up once a day; everything else is array access:
 * half a million rows take about as long as SQLite needs to read them. Only integers are summed; shares and intervals
 * are computed once at the end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"

#define KEY_LIMIT ((int64_t)1 << 26) /* of cell and category numbers, which the store gives out densely */
#define NOWHERE UINT32_MAX
#define MINIMUM_DOCUMENTS 30
#define MINIMUM_DAYS 7
#define MINIMUM_HITS 5
#define DAILY_DOCUMENTS 100 /* a day; with fewer a category's daily share is mostly noise */

static const char *const dimension_ids[SORI_REPORT_DIMENSIONS] = {"source", "channel", "product", "region",
								  "lang",   "dim1",    "dim2",    "dim3"};

struct day_total {
	sori_day day;
	uint64_t documents;
};

/* What only the loading needs. */
struct loading {
	struct sori_report_model *model;
	struct sori_error *error;
	uint32_t *category_row; /* dense by key: index into model->categories, or one of the marks below */
	size_t category_limit;
	uint32_t *cell_row;
	size_t cell_limit;
	uint32_t (*cell_values)[SORI_REPORT_DIMENSIONS];
	size_t cell_count, cell_capacity;
	const char **text[SORI_REPORT_DIMENSIONS]; /* byte order */
	size_t text_count[SORI_REPORT_DIMENSIONS];
	struct day_total *days; /* dated, in the period, rising */
	size_t day_count, day_capacity;
	uint64_t (*window)[2]; /* per category: before, after */
};

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

static enum sori_status load_categories(struct loading *load)
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
static enum sori_status load_values(struct loading *load, size_t d)
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

static uint32_t find_value(const struct loading *load, size_t d, const char *text)
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

static enum sori_status load_cells(struct loading *load)
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
static enum sori_status name_dimensions(struct loading *load)
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

static bool in_period(const struct sori_report_model *model, sori_day day)
{
	if (day == SORI_DAY_NONE)
		return model->whole;
	return (model->query.from == SORI_DAY_NONE || day >= model->query.from) &&
	       (model->query.to == SORI_DAY_NONE || day <= model->query.to);
}

static struct sori_report_dictionary *dictionary_of(struct loading *load, const char *hash)
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

/* Pass 2: one row a day and dictionary. */
static enum sori_status load_days(struct loading *load)
{
	struct sori_report_model *model = load->model;
	sqlite3_stmt *row = NULL;
	enum sori_status status = sori_report_prepare(
		model->database, &row,
		"SELECT total.day, total.documents, dictionary.hash FROM (SELECT day, dictionary, SUM(documents) AS documents "
		"FROM daily WHERE category = (SELECT category FROM category WHERE id = '*') GROUP BY day, dictionary) AS total "
		"LEFT JOIN dictionary USING (dictionary) ORDER BY total.day, total.dictionary", load->error);
	while (status == SORI_OK && (status = sori_report_step(row, load->error)) == SORI_OK) {
		sori_day day = (sori_day)sqlite3_column_int64(row, 0);
		uint64_t documents = sori_report_count(row, 1);
		const char *hash = (const char *)sqlite3_column_text(row, 2);
		model->ever += documents;
		if (day == SORI_DAY_NONE)
			model->undated += documents;
		else
			model->store_last = day;
		if (!in_period(model, day))
			continue;
		model->documents += documents;
		struct sori_report_dictionary *dictionary = dictionary_of(load, hash ? hash : "");
		if (!dictionary || SORI_GROW(load->days, load->day_capacity, load->day_count + 1) != 0) {
			status = sori_report_no_memory(load->error);
			break;
		}
		dictionary->documents += documents;
		if (day == SORI_DAY_NONE)
			continue;
		if (dictionary->first == SORI_DAY_NONE)
			dictionary->first = day;
		dictionary->last = day;
		if (load->day_count > 0 && load->days[load->day_count - 1].day == day)
			load->days[load->day_count - 1].documents += documents;
		else
			load->days[load->day_count++] = (struct day_total){day, documents};
	}
	sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static int by_first_day(const void *a, const void *b)
{
	const struct sori_report_dictionary *left = a, *right = b;
	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return strcmp(left->hash, right->hash);
}

/* First day of the bucket that `day` lies in, and of the one after it. */
static sori_day bucket_start(enum sori_bucket_unit unit, sori_day day)
{
	int year, month, date;
	if (unit == SORI_BUCKET_DAY)
		return day;
	if (unit == SORI_BUCKET_WEEK)
		return day - sori_day_weekday(day);
	sori_day_split(day, &year, &month, &date);
	return unit == SORI_BUCKET_MONTH ? day - (date - 1) : sori_day_of(year, 1, 1);
}

static sori_day bucket_next(enum sori_bucket_unit unit, sori_day start)
{
	static const int longest[] = {1, 7, 31, 366};
	return unit <= SORI_BUCKET_WEEK ? start + longest[unit] : bucket_start(unit, start + longest[unit]);
}

/* Days while a day has enough documents for a share, weeks up to two years, then months and years. */
static enum sori_bucket_unit choose_unit(sori_day first, sori_day last, uint64_t documents)
{
	int span = last - first + 1;
	if (span <= 14 || (span <= 100 && documents / (uint64_t)span >= DAILY_DOCUMENTS))
		return SORI_BUCKET_DAY;
	return span <= 740 ? SORI_BUCKET_WEEK : span <= 7400 ? SORI_BUCKET_MONTH : SORI_BUCKET_YEAR;
}

/* Index of the first day to draw: a handful of stray early dates (a wrong year, the epoch) must not squeeze the rest
 * into a corner. They stay in every count. */
static size_t first_drawn(const struct loading *load)
{
	uint64_t total = 0, sum = 0;
	for (size_t i = 0; i < load->day_count; i++)
		total += load->days[i].documents;
	for (size_t i = 0; i < load->day_count; i++) {
		if ((sum + load->days[i].documents) * 200 > total) {
			sori_day span = load->days[load->day_count - 1].day - load->days[0].day;
			return load->days[i].day - load->days[0].day > span / 2 ? i : 0;
		}
		sum += load->days[i].documents;
	}
	return 0;
}

static enum sori_status make_buckets(struct loading *load)
{
	struct sori_report_model *model = load->model;
	if (load->day_count == 0)
		return SORI_OK;
	size_t from = first_drawn(load);
	uint64_t drawn = 0;
	for (size_t i = 0; i < load->day_count; i++)
		*(i < from ? &model->before_chart : &drawn) += load->days[i].documents;
	sori_day first = load->days[from].day, last = load->days[load->day_count - 1].day;
	model->unit = choose_unit(first, last, drawn);
	size_t count = 0;
	for (sori_day at = bucket_start(model->unit, first); at <= last; at = bucket_next(model->unit, at))
		count++;
	model->buckets = sori_arena_zero(&model->arena, count, sizeof *model->buckets);
	if (!model->buckets)
		return sori_report_no_memory(load->error);
	model->bucket_count = count;
	sori_day at = bucket_start(model->unit, first);
	for (size_t i = 0; i < count; i++, at = bucket_next(model->unit, at)) {
		sori_day next = bucket_next(model->unit, at);
		model->buckets[i].first = at < first ? first : at;
		model->buckets[i].last = next - 1 > last ? last : next - 1;
	}
	size_t bucket = 0;
	for (size_t i = from; i < load->day_count; i++) {
		while (load->days[i].day > model->buckets[bucket].last)
			bucket++;
		model->buckets[bucket].documents += load->days[i].documents;
	}
	return SORI_OK;
}

/* The latest whole weeks against as many before. */
static void make_windows(struct loading *load)
{
	struct sori_report_model *model = load->model;
	struct sori_report_windows *windows = &model->windows;
	if (model->bucket_count == 0)
		return;
	sori_day end = model->last;
	if (model->as_of != SORI_DAY_NONE && model->as_of < end && model->as_of >= model->first)
		end = model->as_of;
	int span = end - model->buckets[0].first + 1;
	windows->days = span >= 56 ? 28 : span >= 28 ? 14 : span >= 14 ? 7 : 0;
	if (windows->days == 0)
		return;
	windows->after_last = end;
	windows->after_first = end - windows->days + 1;
	windows->before_last = windows->after_first - 1;
	windows->before_first = windows->before_last - windows->days + 1;
	for (size_t i = 0; i < load->day_count; i++) {
		const struct day_total *day = &load->days[i];
		if (day->day >= windows->after_first && day->day <= windows->after_last) {
			windows->after_documents += day->documents;
			windows->after_days++;
		} else if (day->day >= windows->before_first && day->day <= windows->before_last) {
			windows->before_documents += day->documents;
			windows->before_days++;
		}
	}
	size_t counted_by = 0; /* dictionaries with days in either window; their spans suffice: a night uses one */
	for (size_t i = 0; i < model->dictionary_count; i++) {
		const struct sori_report_dictionary *dictionary = &model->dictionaries[i];
		if (dictionary->first != SORI_DAY_NONE && dictionary->first <= windows->after_last &&
		    dictionary->last >= windows->before_first)
			counted_by++;
	}
	windows->dictionary_changed = counted_by > 1;
	windows->comparable = !windows->dictionary_changed && windows->before_documents >= MINIMUM_DOCUMENTS &&
			      windows->after_documents >= MINIMUM_DOCUMENTS && windows->before_days >= MINIMUM_DAYS &&
			      windows->after_days >= MINIMUM_DAYS;
}

static enum sori_status make_counters(struct loading *load)
{
	struct sori_report_model *model = load->model;
	load->window = sori_alloc_zero(model->category_count + 1, sizeof *load->window);
	if (!load->window)
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
	int window;    /* 0 before, 1 after, -1 none */
};

static void move_to_day(const struct sori_report_model *model, struct place *place, sori_day day)
{
	const struct sori_report_windows *windows = &model->windows;
	place->day = day;
	place->inside = in_period(model, day);
	place->bucket = model->bucket_count;
	place->window = -1;
	if (!place->inside || day == SORI_DAY_NONE)
		return;
	size_t low = 0, high = model->bucket_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (model->buckets[middle].last < day)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < model->bucket_count && model->buckets[low].first <= day)
		place->bucket = low;
	if (windows->days > 0 && day >= windows->before_first && day <= windows->after_last)
		place->window = day >= windows->after_first;
}

static void add_row(struct loading *load, const struct place *place, uint32_t row, const uint32_t *values,
		    uint64_t documents)
{
	struct sori_report_model *model = load->model;
	if (row == MARK_NONE || row == MARK_PAIN) {
		if (place->inside)
			*(row == MARK_NONE ? &model->none : &model->pain) += documents;
		return;
	}
	if (row == MARK_ALL) {
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && place->inside; d++)
			model->dimensions[d].values[values[d]].documents += documents;
		return;
	}
	struct sori_report_category *category = &model->categories[row];
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
	if (place->window >= 0)
		load->window[row][place->window] += documents;
}

/* Pass 3. */
static enum sori_status load_daily(struct loading *load)
{
	sqlite3_stmt *row = NULL;
	struct place place = {0};
	bool begun = false;
	enum sori_status status =
		sori_report_prepare(load->model->database, &row, "SELECT day, cell, category, documents FROM daily "
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
		add_row(load, &place, category, load->cell_values[cell], sori_report_count(row, 3));
	}
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

/* Puts the largest values first, in the dimension and in every category's counts. */
static enum sori_status rank_values(struct loading *load, size_t d)
{
	struct sori_report_model *model = load->model;
	struct sori_report_dimension *dimension = &model->dimensions[d];
	size_t count = dimension->count;
	struct ranked *order = sori_alloc_zero(count + 1, sizeof *order);
	struct sori_report_value *values = sori_alloc_zero(count + 1, sizeof *values);
	uint64_t *counts = sori_alloc_zero(count + 1, sizeof *counts);
	if (order && values && counts) {
		for (uint32_t v = 0; v < count; v++)
			order[v] = (struct ranked){dimension->values[v].documents, v};
		qsort(order, count, sizeof *order, by_documents);
		memcpy(values, dimension->values, count * sizeof *values);
		for (size_t v = 0; v < count; v++) {
			dimension->values[v] = values[order[v].number];
			if (dimension->values[v].length > 0 && dimension->values[v].documents > 0)
				dimension->used = true;
		}
		for (size_t c = 0; c < model->category_count; c++) {
			uint64_t *by = model->categories[c].by[d];
			memcpy(counts, by, count * sizeof *counts);
			for (size_t v = 0; v < count; v++)
				by[v] = counts[order[v].number];
		}
	}
	bool good = order && values && counts;
	sori_free(order);
	sori_free(values);
	sori_free(counts);
	return good ? SORI_OK : sori_report_no_memory(load->error);
}

/* Wilson (1927): limits of a proportion x/n at 95 %. */
static void wilson(uint64_t x, uint64_t n, double *low, double *high)
{
	const double z = 1.959963984540054;
	double size = (double)n, p = (double)x / size, scale = 1 + z * z / size;
	double middle = p + z * z / (2 * size);
	double reach = z * sqrt(p * (1 - p) / size + z * z / (4 * size * size));
	*low = x == 0 ? 0 : (middle - reach) / scale;
	*high = x == n ? 1 : (middle + reach) / scale;
}

void sori_newcombe(uint64_t x1, uint64_t n1, uint64_t x2, uint64_t n2, double *low, double *high)
{
	double l1, u1, l2, u2, p1 = (double)x1 / (double)n1, p2 = (double)x2 / (double)n2;
	wilson(x1, n1, &l1, &u1);
	wilson(x2, n2, &l2, &u2);
	*low = p1 - p2 - sqrt((p1 - l1) * (p1 - l1) + (u2 - p2) * (u2 - p2));
	*high = p1 - p2 + sqrt((u1 - p1) * (u1 - p1) + (p2 - l2) * (p2 - l2));
}

static void judge_change(const struct sori_report_windows *windows, const uint64_t counts[2],
			 struct sori_report_change *change)
{
	*change = (struct sori_report_change){.before = counts[0], .after = counts[1]};
	if (windows->dictionary_changed)
		change->verdict = SORI_VERDICT_DICTIONARY;
	if (!windows->comparable || counts[0] + counts[1] < MINIMUM_HITS)
		return;
	double earlier = (double)counts[0] / (double)windows->before_documents;
	change->difference = (double)counts[1] / (double)windows->after_documents - earlier;
	change->excess = (double)counts[1] - earlier * (double)windows->after_documents;
	sori_newcombe(counts[1], windows->after_documents, counts[0], windows->before_documents, &change->low,
		      &change->high);
	change->verdict = change->low > 0	  ? SORI_VERDICT_UP
			  : change->high < 0 ? SORI_VERDICT_DOWN
					     : SORI_VERDICT_UNCLEAR;
}

static enum sori_status load_all(struct loading *load)
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
	if ((status = make_buckets(load)) != SORI_OK || (status = make_counters(load)) != SORI_OK)
		return status;
	make_windows(load);
	if ((status = load_daily(load)) != SORI_OK)
		return status;
	struct sori_report_cell_map map = {load->cell_row, load->cell_limit, load->cell_values, {0}};
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		map.text[d] = load->text[d];
	status = sori_report_load_samples(model, &map, load->error);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++)
		status = rank_values(load, d);
	for (size_t c = 0; c < model->category_count; c++)
		judge_change(&model->windows, load->window[c], &model->categories[c].change);
	return status == SORI_OK ? sori_report_load_inputs(model, load->error) : status;
}

static void release_loading(struct loading *load)
{
	sori_free(load->category_row);
	sori_free(load->cell_row);
	sori_free(load->cell_values);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		sori_free(load->text[d]);
	sori_free(load->days);
	sori_free(load->window);
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
	model->first = model->last = model->store_last = model->as_of = SORI_DAY_NONE;
	model->pain = model->none = SORI_REPORT_UNKNOWN;
	struct loading load = {.model = model, .error = error};
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
