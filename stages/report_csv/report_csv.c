/* counts.csv.gz: one line for every day, dimension cell, category and dictionary, for a spreadsheet, R, Python or SQL.
 *
 * Half a million lines take about a tenth of a second because almost every byte of them is known beforehand: a cell's
 * dimension columns, a category's name and a dictionary's version are made into text once and copied. `daily` is walked
 * in its primary key's order, so a day is one run of rows; the run is sorted by ranks (cells by their texts, categories
 * by id, dictionaries by hash), because the store's numbers follow the order of arrival over the years. Compression is
 * level 1 when there are many rows: the lines are so alike that higher levels gain a tenth for twice the time.
 *
 * Distinct complaints and customers add up over days and cells (store_similar.h); customers are empty when no document of the
 * store has one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/report.h"

#define FLUSH_SIZE ((size_t)256 * 1024)
#define TEXT_LIMIT ((size_t)1 << 30)
#define KEY_LIMIT ((int64_t)1 << 26)
#define MANY_ROWS 50000
#define NOT_SHOWN UINT32_MAX

extern const struct sori_reporter sori_reporter_csv;

/* Texts of one key column, by key: rank in byte order and the bytes to copy. */
struct names {
	struct name {
		uint32_t rank; /* NOT_SHOWN: '*none' and its like, or no such key */
		uint32_t start, length;
	} *at;
	size_t limit;
	struct sori_buffer text;
};

struct row {
	uint32_t cell, category, dictionary; /* ranks */
	uint32_t cell_key, category_key, dictionary_key;
	uint64_t documents, complaints, customers;
};

struct writing {
	const struct sori_report_model *model;
	struct sori_output *output;
	struct sori_error *error;
	struct names cells, categories, dictionaries;
	struct row *rows; /* of the day */
	size_t row_count, row_capacity;
	struct sori_buffer out;
	const char *newline;
};

static enum sori_status store_failed(struct writing *writing)
{
	return sori_fail(writing->error, SORI_IO, "cannot read the store: %s", sqlite3_errmsg(writing->model->database));
}

static enum sori_status no_memory(struct writing *writing)
{
	return sori_fail(writing->error, SORI_SYSTEM, "no memory for counts.csv");
}

/* Columns 1… of the row, as CSV fields with commas between them. */
static void add_fields(struct sori_buffer *text, sqlite3_stmt *row)
{
	int columns = sqlite3_column_count(row);
	for (int c = 1; c < columns; c++) {
		const char *at = (const char *)sqlite3_column_text(row, c);
		if (c > 1)
			sori_buffer_add_byte(text, ',');
		sori_buffer_add_csv(text, (struct sori_view){at, (size_t)sqlite3_column_bytes(row, c)}, true);
	}
}

/* Reads keys and texts with a query whose rows come in the wanted order. */
static enum sori_status load_names(struct writing *writing, struct names *names, const char *sql)
{
	sqlite3_stmt *row = NULL;
	if (sqlite3_prepare_v2(writing->model->database, sql, -1, &row, NULL) != SQLITE_OK)
		return store_failed(writing);
	enum sori_status status = SORI_OK;
	uint32_t rank = 0;
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW && status == SORI_OK) {
		int64_t key = sqlite3_column_int64(row, 0);
		size_t old = names->limit;
		if (key < 0 || key >= KEY_LIMIT) {
			status = sori_fail(writing->error, SORI_DATA, "number %lld in the store is out of range",
					   (long long)key);
		} else if (SORI_GROW(names->at, names->limit, (size_t)key + 1) != 0) {
			status = no_memory(writing);
		} else {
			for (size_t i = old; i < names->limit; i++)
				names->at[i] = (struct name){NOT_SHOWN, 0, 0};
			size_t start = names->text.length;
			add_fields(&names->text, row);
			names->at[key] = (struct name){rank++, (uint32_t)start, (uint32_t)(names->text.length - start)};
		}
	}
	if (status == SORI_OK && code != SQLITE_DONE)
		status = store_failed(writing);
	sqlite3_finalize(row);
	return status == SORI_OK && names->text.failed ? no_memory(writing) : status;
}

static enum sori_status load_all_names(struct writing *writing)
{
	struct sori_buffer sql;
	sori_buffer_init(&sql, 1024);
	sori_buffer_add_text(&sql, "SELECT cell, source, channel, product, region, lang");
	for (size_t d = 5; d < SORI_REPORT_DIMENSIONS; d++)
		if (writing->model->dimensions[d].used)
			sori_buffer_add_format(&sql, ", %s", writing->model->dimensions[d].id);
	sori_buffer_add_text(&sql, " FROM cell ORDER BY source, channel, product, region, lang, dim1, dim2, dim3");
	sori_buffer_add_byte(&sql, '\0');
	enum sori_status status = sql.failed ? no_memory(writing) : load_names(writing, &writing->cells, sql.at);
	sori_buffer_release(&sql);
	if (status == SORI_OK)
		status = load_names(writing, &writing->categories,
				    "SELECT category, id FROM category WHERE id = '*' OR id NOT LIKE '*%' ORDER BY id");
	if (status == SORI_OK)
		status = load_names(writing, &writing->dictionaries, "SELECT dictionary, hash FROM dictionary ORDER BY hash");
	return status;
}

static void add_header(struct writing *writing)
{
	struct sori_buffer *out = &writing->out;
	sori_buffer_add_text(out, "day,source,channel,product,region,lang");
	for (size_t d = 5; d < SORI_REPORT_DIMENSIONS; d++) {
		const struct sori_report_dimension *dimension = &writing->model->dimensions[d];
		if (!dimension->used)
			continue;
		sori_buffer_add_byte(out, ',');
		sori_buffer_add_csv(out, sori_view_of(dimension->label), true);
	}
	sori_buffer_add_text(out, ",category,documents,denominator,dictionary,distinct_complaints,customers");
	sori_buffer_add_text(out, writing->newline);
}

static int by_ranks(const void *a, const void *b)
{
	const struct row *left = a, *right = b;
	if (left->cell != right->cell)
		return left->cell < right->cell ? -1 : 1;
	if (left->category != right->category)
		return left->category < right->category ? -1 : 1;
	return left->dictionary < right->dictionary ? -1 : left->dictionary > right->dictionary;
}

static char *put(char *at, const struct names *names, uint32_t key)
{
	const struct name *name = &names->at[key];
	memcpy(at, names->text.at + name->start, name->length);
	return at + name->length;
}

static char *put_number(char *at, uint64_t value)
{
	char digits[20];
	size_t count = 0;
	do
		digits[count++] = (char)('0' + value % 10);
	while (value /= 10);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

static enum sori_status flush(struct writing *writing)
{
	if (writing->out.failed)
		return no_memory(writing);
	enum sori_status status = sori_output_write(writing->output, sori_buffer_view(&writing->out), writing->error);
	sori_buffer_reset(&writing->out);
	return status;
}

/* Documents of the cell's '*' row under the same dictionary; rows are sorted and '*' is the smallest id. */
static uint64_t denominator(const struct row *first, const struct row *row)
{
	for (; first->cell == row->cell && first->category == 0; first++)
		if (first->dictionary == row->dictionary)
			return first->documents;
	return 0;
}

/* '*' sorts before every letter, so its rank is 0 exactly when the store names it. */
static enum sori_status write_day(struct writing *writing, sori_day day)
{
	char date[11];
	size_t widest = 112; /* a date, four numbers, commas */
	sori_day_text(day, date);
	size_t date_length = strlen(date), newline = strlen(writing->newline);
	const struct row *rows = writing->rows, *first = rows, *end = rows + writing->row_count;
	for (size_t i = 1; i < writing->row_count; i++)
		if (by_ranks(&rows[i - 1], &rows[i]) > 0) {
			qsort(writing->rows, writing->row_count, sizeof *rows, by_ranks);
			break;
		}
	for (const struct row *row = rows; row < end; row++) {
		if (row->cell != first->cell)
			first = row;
		size_t need = widest + writing->cells.at[row->cell_key].length +
			      writing->categories.at[row->category_key].length +
			      writing->dictionaries.at[row->dictionary_key].length;
		if (writing->out.length >= FLUSH_SIZE) {
			enum sori_status status = flush(writing);
			if (status != SORI_OK)
				return status;
		}
		if (!sori_buffer_reserve(&writing->out, need))
			return no_memory(writing);
		char *at = writing->out.at + writing->out.length;
		memcpy(at, date, date_length);
		at += date_length;
		*at++ = ',';
		at = put(at, &writing->cells, row->cell_key);
		*at++ = ',';
		at = put(at, &writing->categories, row->category_key);
		*at++ = ',';
		at = put_number(at, row->documents);
		*at++ = ',';
		at = put_number(at, denominator(first, row));
		*at++ = ',';
		at = put(at, &writing->dictionaries, row->dictionary_key);
		*at++ = ',';
		at = put_number(at, row->complaints);
		*at++ = ',';
		if (writing->model->with_customer)
			at = put_number(at, row->customers);
		memcpy(at, writing->newline, newline);
		at += newline;
		writing->out.length = (size_t)(at - writing->out.at);
	}
	writing->row_count = 0;
	return SORI_OK;
}

static bool known(const struct names *names, sqlite3_int64 key)
{
	return key >= 0 && (uint64_t)key < names->limit;
}

static enum sori_status take_row(struct writing *writing, sqlite3_stmt *statement)
{
	sqlite3_int64 cell = sqlite3_column_int64(statement, 1), category = sqlite3_column_int64(statement, 2);
	sqlite3_int64 dictionary = sqlite3_column_int64(statement, 3), documents = sqlite3_column_int64(statement, 4);
	if (!known(&writing->cells, cell) || !known(&writing->categories, category) ||
	    !known(&writing->dictionaries, dictionary) || writing->cells.at[cell].rank == NOT_SHOWN ||
	    writing->dictionaries.at[dictionary].rank == NOT_SHOWN)
		return sori_fail(writing->error, SORI_DATA, "the store counts a cell or category that it does not name");
	if (writing->categories.at[category].rank == NOT_SHOWN || documents <= 0)
		return SORI_OK;
	if (SORI_GROW(writing->rows, writing->row_capacity, writing->row_count + 1) != 0)
		return no_memory(writing);
	writing->rows[writing->row_count++] =
		(struct row){writing->cells.at[cell].rank, writing->categories.at[category].rank,
			     writing->dictionaries.at[dictionary].rank, (uint32_t)cell, (uint32_t)category,
			     (uint32_t)dictionary, (uint64_t)documents,
			     (uint64_t)sqlite3_column_int64(statement, 5), (uint64_t)sqlite3_column_int64(statement, 6)};
	return SORI_OK;
}

static enum sori_status write_rows(struct writing *writing)
{
	const struct sori_report_query *query = &writing->model->query;
	sqlite3_stmt *row = NULL;
	if (sqlite3_prepare_v2(writing->model->database,
			       "SELECT day, cell, category, dictionary, documents, complaints, customers FROM daily WHERE day BETWEEN ? AND ? "
			       "ORDER BY day, cell, category, dictionary", -1, &row, NULL) != SQLITE_OK)
		return store_failed(writing);
	/* undated rows carry the smallest day: they are in only when no period is given */
	sori_day from = writing->model->whole ? SORI_DAY_NONE : query->from != SORI_DAY_NONE ? query->from : SORI_DAY_NONE + 1;
	sqlite3_bind_int(row, 1, from);
	sqlite3_bind_int(row, 2, query->to != SORI_DAY_NONE ? query->to : INT32_MAX);
	sori_day day = SORI_DAY_NONE;
	enum sori_status status = SORI_OK;
	int code = SQLITE_DONE;
	while (status == SORI_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		sori_day next = sqlite3_column_int(row, 0);
		if (next != day)
			status = write_day(writing, day);
		day = next;
		if (status == SORI_OK)
			status = take_row(writing, row);
	}
	if (status == SORI_OK)
		status = code == SQLITE_DONE ? write_day(writing, day) : store_failed(writing);
	sqlite3_finalize(row);
	return status;
}

/* A row of the published form: a bucket's first day or none, one value of one dimension or none. */
static void add_published(struct writing *writing, sori_day day, size_t dimension, const char *value, const char *category,
			  uint64_t documents, uint64_t denominator)
{
	struct sori_buffer *out = &writing->out;
	char date[11];
	if (documents == 0 || sori_is_hidden(documents))
		return;
	sori_day_text(day, date);
	sori_buffer_add_text(out, date);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		if (d >= 5 && !writing->model->dimensions[d].used)
			continue;
		sori_buffer_add_byte(out, ',');
		if (d == dimension)
			sori_buffer_add_csv(out, sori_view_of(value), true);
	}
	sori_buffer_add_byte(out, ',');
	sori_buffer_add_csv(out, sori_view_of(category), true);
	sori_buffer_add_format(out, ",%llu,", (unsigned long long)documents);
	if (!sori_is_hidden(denominator))
		sori_buffer_add_u64(out, denominator);
	sori_buffer_add_text(out, ",,,");
	sori_buffer_add_text(out, writing->newline);
}

/* With small cells hidden: the model's cells, by time and by one dimension at a time, instead of the store's finest. */
static enum sori_status write_published(struct writing *writing)
{
	const struct sori_report_model *model = writing->model;
	enum sori_status status = SORI_OK;
	for (size_t c = 0; c <= model->category_count && status == SORI_OK; c++) {
		const struct sori_report_category *category = c ? &model->categories[c - 1] : NULL;
		const char *id = category ? category->id : "*";
		for (size_t b = 0; b < model->bucket_count; b++)
			add_published(writing, model->buckets[b].first, SORI_REPORT_DIMENSIONS, "", id,
				      category ? category->series[b] : model->buckets[b].documents, model->buckets[b].documents);
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
			for (size_t v = 0; model->dimensions[d].used && v < model->dimensions[d].count; v++) {
				const struct sori_report_value *value = &model->dimensions[d].values[v];
				add_published(writing, SORI_DAY_NONE, d, value->text, id,
					      category ? category->by[d][v] : value->documents, value->documents);
			}
		status = flush(writing);
	}
	return status;
}

/* Whether there are many rows, without counting them all. */
static bool many_rows(const struct sori_report_model *model)
{
	sqlite3_stmt *row = NULL;
	bool many = false;
	if (sqlite3_prepare_v2(model->database, "SELECT 1 FROM daily LIMIT 1 OFFSET ?", -1, &row, NULL) == SQLITE_OK) {
		sqlite3_bind_int(row, 1, MANY_ROWS);
		many = sqlite3_step(row) == SQLITE_ROW;
	}
	sqlite3_finalize(row);
	return many;
}

static enum sori_status report_csv_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					 const struct sori_settings *settings, struct sori_error *error)
{
	bool excel = settings && sori_settings_bool(settings, sori_reporter_csv.name, "excel");
	struct writing writing = {.model = model, .error = error, .newline = excel ? "\r\n" : "\n"};
	enum sori_status status = sori_output_set_open(outputs, excel ? "counts.csv" : "counts.csv.gz", !excel,
						       many_rows(model) ? 1 : 0, &writing.output, error);
	if (status == SORI_OK) /* the other form of an earlier run would tell of another time, or of cells now hidden */
		status = sori_output_set_drop(outputs, excel ? "counts.csv.gz" : "counts.csv", error);
	if (status != SORI_OK)
		return status;
	sori_buffer_init(&writing.out, TEXT_LIMIT);
	sori_buffer_init(&writing.cells.text, TEXT_LIMIT);
	sori_buffer_init(&writing.categories.text, TEXT_LIMIT);
	sori_buffer_init(&writing.dictionaries.text, TEXT_LIMIT);
	status = load_all_names(&writing);
	if (status == SORI_OK) {
		if (excel)
			sori_buffer_add_text(&writing.out, "\xef\xbb\xbf");
		add_header(&writing);
		status = model->publish_k ? write_published(&writing) : write_rows(&writing);
	}
	if (status == SORI_OK)
		status = flush(&writing);
	sori_buffer_release(&writing.out);
	sori_buffer_release(&writing.cells.text);
	sori_buffer_release(&writing.categories.text);
	sori_buffer_release(&writing.dictionaries.text);
	sori_free(writing.cells.at);
	sori_free(writing.categories.at);
	sori_free(writing.dictionaries.at);
	sori_free(writing.rows);
	return status == SORI_OK ? sori_output_finish(writing.output, error) : status;
}

static const struct sori_option options[] = {
	{"excel", SORI_OPTION_BOOL, "false", 0, 0, NULL,
	 "write counts.csv for Excel: byte order mark, CRLF, not compressed"},
	{0}};

const struct sori_reporter sori_reporter_csv = {"report_csv", "daily counts as CSV (counts.csv.gz)", options,
						report_csv_write, NULL};
