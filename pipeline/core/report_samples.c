/* Evidence: masked verbatims of the period, a few a month for each category, newest month first.
 *
 * `sample` is keyed by month, category and rank, so going back month by month meets every category's newest
 * samples first; a category takes the PER_MONTH smallest ranks of each month until it has TOTAL. The spans are JSON that the store wrote
 * from the hits; they are read with a streaming parser and kept only when they belong to the sample's category and
 * counted. */
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "pipeline/base/utf8.h"
#include "pipeline/core/report_query.h"
#include "pipeline/core/similar.h"
#include "pipeline/text/normalize.h"

#define PER_MONTH 4
#define TOTAL 12
#define SPAN_LIMIT 64
#define TEXT_LIMIT 4096 /* bytes shown of one verbatim */

/* One [start, end, "category", "entry", counted] at a time. */
struct span_parser {
	const char *category;
	size_t depth, field;
	long long start, end;
	bool ours, counted;
	struct sori_report_span spans[SPAN_LIMIT];
	size_t count;
};

static int on_integer(void *context, long long value)
{
	struct span_parser *parser = context;
	if (parser->field == 0)
		parser->start = value;
	else if (parser->field == 1)
		parser->end = value;
	else if (parser->field == 4)
		parser->counted = value != 0;
	parser->field++;
	return 1;
}

static int on_boolean(void *context, int value)
{
	return on_integer(context, value);
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
	struct span_parser *parser = context;
	if (parser->field == 2)
		parser->ours = sori_view_is((struct sori_view){(const char *)text, length}, parser->category);
	parser->field++;
	return 1;
}

static int on_start(void *context)
{
	struct span_parser *parser = context;
	parser->depth++;
	parser->field = 0;
	parser->start = parser->end = -1;
	parser->ours = parser->counted = false;
	return parser->depth <= 2;
}

static int on_end(void *context)
{
	struct span_parser *parser = context;
	bool whole = parser->depth == 2 && parser->field >= 5 && parser->ours && parser->counted;
	if (whole && parser->start >= 0 && parser->end > parser->start && parser->end <= UINT32_MAX &&
	    parser->count < SPAN_LIMIT)
		parser->spans[parser->count++] =
			(struct sori_report_span){(uint32_t)parser->start, (uint32_t)parser->end};
	parser->depth--;
	return 1;
}

static int by_start(const void *a, const void *b)
{
	const struct sori_report_span *left = a, *right = b;
	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->end < right->end ? -1 : left->end > right->end;
}

/* Clips to the text, widens to code point borders, sorts and joins what overlaps. */
static size_t tidy_spans(struct sori_report_span *spans, size_t count, const char *text, uint32_t length)
{
	size_t kept = 0;
	qsort(spans, count, sizeof *spans, by_start);
	for (size_t i = 0; i < count; i++) {
		struct sori_report_span span = spans[i];
		if (span.start >= length)
			continue;
		if (span.end > length)
			span.end = length;
		while (span.start > 0 && ((unsigned char)text[span.start] & 0xc0) == 0x80)
			span.start--;
		while (span.end < length && ((unsigned char)text[span.end] & 0xc0) == 0x80)
			span.end++;
		if (kept > 0 && span.start <= spans[kept - 1].end) {
			if (span.end > spans[kept - 1].end)
				spans[kept - 1].end = span.end;
		} else {
			spans[kept++] = span;
		}
	}
	return kept;
}

static bool read_spans(struct sori_arena *arena, const char *json, const char *category,
		       struct sori_report_sample *sample)
{
	static const yajl_callbacks callbacks = {.yajl_boolean = on_boolean,
						 .yajl_integer = on_integer,
						 .yajl_string = on_string,
						 .yajl_start_array = on_start,
						 .yajl_end_array = on_end};
	struct span_parser parser = {.category = category};
	yajl_handle handle = yajl_alloc(&callbacks, NULL, &parser);
	if (!handle)
		return false;
	/* spans that do not parse mark nothing; the text is shown all the same */
	if (yajl_parse(handle, (const unsigned char *)json, strlen(json)) == yajl_status_ok)
		(void)yajl_complete_parse(handle);
	yajl_free(handle);
	size_t count = tidy_spans(parser.spans, parser.count, sample->text, sample->length);
	struct sori_report_span *spans = sori_arena_zero(arena, count + 1, sizeof *spans);
	if (!spans)
		return false;
	memcpy(spans, parser.spans, count * sizeof *spans);
	sample->spans = spans;
	sample->span_count = count;
	return true;
}

static bool read_sample(struct sori_report_model *model, const struct sori_report_cell_map *cells,
			const struct sori_report_category *category, sqlite3_stmt *row, struct sori_report_sample *sample)
{
	struct sori_arena *arena = &model->arena;
	sample->day = (sori_day)sqlite3_column_int64(row, 2);
	sample->rating = sqlite3_column_type(row, 4) == SQLITE_INTEGER ? sqlite3_column_int(row, 4) : -1;
	sample->place = sori_report_text(arena, row, 5);
	sample->text = sori_report_text(arena, row, 6);
	const char *spans = sori_report_text(arena, row, 7);
	if (!sample->place || !sample->text || !spans)
		return false;
	size_t length = strlen(sample->text);
	if (length > TEXT_LIMIT) {
		length = TEXT_LIMIT;
		while (((unsigned char)sample->text[length] & 0xc0) == 0x80)
			length--;
	}
	sample->length = (uint32_t)length;
	sqlite3_int64 cell = sqlite3_column_int64(row, 3);
	uint32_t index = cell >= 0 && (uint64_t)cell < cells->limit ? cells->row[cell] : UINT32_MAX;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		sample->value[d] = index == UINT32_MAX ? "" : cells->text[d][cells->values[index][d]];
	return read_spans(arena, spans, category->id, sample);
}

static struct sori_report_category *find_category(struct sori_report_model *model, int64_t key)
{
	for (size_t i = 0; i < model->category_count; i++)
		if (model->categories[i].key == key)
			return &model->categories[i];
	return NULL;
}

/* One month, category by category, smallest rank first: the order of the primary key. */
static enum sori_status load_month(struct sori_report_model *model, const struct sori_report_cell_map *cells,
				   sqlite3_stmt *row, struct sori_error *error)
{
	struct sori_report_category *category = NULL;
	size_t taken = 0;
	enum sori_status status;
	while ((status = sori_report_step(row, error)) == SORI_OK) {
		int64_t key = sqlite3_column_int64(row, 1);
		if (!category || category->key != key) {
			category = find_category(model, key);
			taken = 0;
		}
		if (!category || taken == PER_MONTH || category->sample_count == TOTAL ||
		    !sori_report_in_period(model, (sori_day)sqlite3_column_int64(row, 2)))
			continue;
		if (!category->samples)
			category->samples = sori_arena_zero(&model->arena, TOTAL, sizeof *category->samples);
		if (!category->samples ||
		    !read_sample(model, cells, category, row, &category->samples[category->sample_count]))
			return sori_report_no_memory(error);
		category->sample_count++;
		taken++;
	}
	return status == SORI_END ? SORI_OK : status;
}

/* Samples of a category that tell the same get one group. Texts are normalised again: the store keeps them as they are shown. */
static enum sori_status group_samples(struct sori_report_category *category, struct sori_error *error)
{
	struct sori_similar similar = {.parent = NULL};
	struct sori_sketch sketches[TOTAL];
	struct sori_buffer text;
	enum sori_status status = SORI_OK;

	sori_buffer_init(&text, SORI_NORMALIZED_LIMIT);
	for (size_t i = 0; i < category->sample_count && status == SORI_OK; i++) {
		sori_buffer_reset(&text);
		status = sori_normalize(sori_view_make(category->samples[i].text, category->samples[i].length), &text, NULL);
		sori_sketch_of(sori_buffer_view(&text), &sketches[i]);
	}
	if (status == SORI_OK)
		status = sori_similar_group(&similar, sketches, sizeof *sketches, category->sample_count, error);
	else
		(void)sori_report_no_memory(error);
	for (size_t i = 0; status == SORI_OK && i < category->sample_count; i++)
		category->samples[i].group = similar.parent[i];
	sori_similar_release(&similar);
	sori_buffer_release(&text);
	return status;
}

enum sori_status sori_report_load_samples(struct sori_report_model *model, const struct sori_report_cell_map *cells,
					  struct sori_error *error)
{
	sqlite3_stmt *month = NULL, *row = NULL;
	enum sori_status status = sori_report_prepare(model->database, &month,
						      "SELECT DISTINCT month FROM sample ORDER BY month DESC", error);
	if (status == SORI_OK)
		status = sori_report_prepare(model->database, &row,
					     "SELECT month, category, day, cell, rating, place, text, spans FROM sample "
					     "WHERE month = ? ORDER BY category, rank, identity", error);
	while (status == SORI_OK && (status = sori_report_step(month, error)) == SORI_OK) {
		sqlite3_bind_int64(row, 1, sqlite3_column_int64(month, 0));
		status = load_month(model, cells, row, error);
		sqlite3_reset(row);
	}
	sqlite3_finalize(row);
	sqlite3_finalize(month);
	status = status == SORI_END ? SORI_OK : status;
	for (size_t i = 0; i < model->category_count && status == SORI_OK; i++)
		if (model->categories[i].sample_count)
			status = group_samples(&model->categories[i], error);
	return status;
}
