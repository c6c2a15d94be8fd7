/* The counts by slice inside the page: JSON that names rows, slots, dimensions and values, and per block its combinations and its
 * counts as base64 of raw deflate of LEB128 numbers. One block with all dimensions when it fits the budget; else one for each
 * dimension, then pairs as far as they fit. The script picks the smallest block that has the dimensions asked for. */
#include <string.h>
#include <zlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_cube.h"
#include "stages/report_html/page.h"

#define DATA_LIMIT ((size_t)64 * 1024 * 1024)

static void *take(void *context, unsigned count, unsigned size)
{
	(void)context;
	return sori_alloc((size_t)count * size);
}

static void give_back(void *context, void *memory)
{
	(void)context;
	sori_free(memory);
}

static void add_numbers(struct sori_buffer *bytes, const uint32_t *counts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t value = counts[i];
		for (; value > 127; value >>= 7)
			sori_buffer_add_byte(bytes, (char)((value & 127U) | 128U));
		sori_buffer_add_byte(bytes, (char)value);
	}
}

static bool compress_as(const struct sori_buffer *from, struct sori_buffer *to, int level, int strategy)
{
	z_stream stream = {.zalloc = take, .zfree = give_back};
	if (deflateInit2(&stream, level, Z_DEFLATED, -15, 9, strategy) != Z_OK)
		return false;
	size_t room = deflateBound(&stream, (uLong)from->length);
	bool good = sori_buffer_reserve(to, room);
	if (good) {
		stream.next_in = (Bytef *)from->at;
		stream.avail_in = (uInt)from->length;
		stream.next_out = (Bytef *)to->at + to->length;
		stream.avail_out = (uInt)room;
		good = deflate(&stream, Z_FINISH) == Z_STREAM_END;
		to->length += stream.total_out;
	}
	deflateEnd(&stream);
	return good;
}

/* Small counts hold no strings worth a search, mostly: their frequencies alone make them smaller than the best search does, in a
 * fortieth of its time. Tables that do repeat gain from a short search; whichever is smaller. */
static bool compress_raw(const struct sori_buffer *from, struct sori_buffer *to)
{
	struct sori_buffer other;
	sori_buffer_init(&other, to->maximum);
	size_t start = to->length;
	bool good = compress_as(from, to, 9, Z_RLE) && compress_as(from, &other, 4, Z_DEFAULT_STRATEGY);
	if (good && other.length < to->length - start) {
		to->length = start;
		sori_buffer_add_view(to, sori_buffer_view(&other));
		good = !to->failed;
	}
	sori_buffer_release(&other);
	return good;
}

static void add_base64(struct sori_buffer *text, const struct sori_buffer *bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < bytes->length; i += 3) {
		uint32_t group = 0;
		size_t left = bytes->length - i < 3 ? bytes->length - i : 3;
		for (size_t k = 0; k < 3; k++)
			group = group << 8 | (k < left ? (unsigned char)bytes->at[i + k] : 0U);
		for (size_t k = 0; k < 4; k++)
			sori_buffer_add_byte(text, k <= left ? digits[group >> (18 - 6 * k) & 63U] : '=');
	}
}

/* Appends the block unless the data would grow over the budget. */
static bool add_block(struct page *page, const struct sori_report_block *block, size_t budget)
{
	const struct sori_report_cube *cube = page->model->cube;
	struct sori_buffer bytes, packed;
	size_t before = page->data.length;
	sori_buffer_init(&bytes, DATA_LIMIT);
	sori_buffer_init(&packed, DATA_LIMIT);
	add_numbers(&bytes, block->counts, block->combinations * cube->rows * cube->slots);
	if (bytes.failed || !compress_raw(&bytes, &packed))
		page->data.failed = true;
	sori_buffer_add_text(&page->data, page->data.at[before - 1] == '[' ? "{\"dims\":[" : ",\n{\"dims\":[");
	const char *comma = "";
	for (unsigned d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		if (block->dimensions >> d & 1U) {
			sori_buffer_add_format(&page->data, "%s%u", comma, d);
			comma = ",";
		}
	sori_buffer_add_text(&page->data, "],\"keys\":[");
	for (size_t i = 0; i < block->combinations; i++) {
		comma = i ? ",[" : "[";
		for (unsigned d = 0; d < SORI_REPORT_DIMENSIONS; d++)
			if (block->dimensions >> d & 1U) {
				sori_buffer_add_format(&page->data, "%s%u", comma, block->values[i][d]);
				comma = ",";
			}
		sori_buffer_add_text(&page->data, "]");
	}
	sori_buffer_add_text(&page->data, "],\"z\":\"");
	add_base64(&page->data, &packed);
	sori_buffer_add_text(&page->data, "\"}");
	sori_buffer_release(&bytes);
	sori_buffer_release(&packed);
	if (page->data.length <= budget || page->data.failed)
		return true;
	page->data.length = before;
	return false;
}

static void add_days(struct page *page)
{
	const struct sori_report_model *model = page->model;
	char day[11];
	sori_buffer_add_format(&page->data, "{\"unit\":\"%s\",\"first\":[", sori_bucket_unit_id(model->unit));
	for (int last = 0; last < 2; last++) {
		sori_buffer_add_text(&page->data, last ? "],\"last\":[" : "");
		for (size_t i = 0; i < model->bucket_count; i++) {
			sori_day_text(last ? model->buckets[i].last : model->buckets[i].first, day);
			sori_buffer_add_format(&page->data, "%s\"%s\"", i ? "," : "", day);
		}
	}
	sori_buffer_add_text(&page->data, "],\"rows\":[\"*\",\"*pain\",\"*none\"");
	for (size_t c = 0; c < model->category_count; c++) {
		sori_buffer_add_byte(&page->data, ',');
		sori_buffer_add_json(&page->data, sori_view_of(model->categories[c].id));
	}
	sori_buffer_add_text(&page->data, "],\n\"dims\":[");
}

static void add_dimension(struct page *page, size_t d)
{
	static const char *const ko[] = {"출처", "채널", "제품", "지역", "언어"}, *const en[] = {"Source", "Channel", "Product", "Region",
											       "Language"};
	const struct sori_report_dimension *dimension = &page->model->dimensions[d];
	sori_buffer_add_format(&page->data, "%s{\"d\":%zu,\"ko\":", page->data.at[page->data.length - 1] == '[' ? "" : ",\n", d);
	sori_buffer_add_json(&page->data, sori_view_of(d < 5 ? ko[d] : dimension->label));
	sori_buffer_add_text(&page->data, ",\"en\":");
	sori_buffer_add_json(&page->data, sori_view_of(d < 5 ? en[d] : dimension->label));
	sori_buffer_add_text(&page->data, ",\"values\":[");
	for (size_t v = 0; v < dimension->count && v < SORI_CUBE_KEPT && dimension->values[v].documents > 0; v++) {
		sori_buffer_add_text(&page->data, v ? "," : "");
		sori_buffer_add_json(&page->data, sori_view_of(dimension->values[v].text));
	}
	bool rest = dimension->count > SORI_CUBE_KEPT && dimension->values[SORI_CUBE_KEPT].documents > 0;
	sori_buffer_add_format(&page->data, "],\"rest\":%s}", rest ? "true" : "false");
}

/* The block with exactly these dimensions, counted or derived. */
static const struct sori_report_block *find_block(struct page *page, unsigned dimensions)
{
	struct sori_report_cube *cube = page->model->cube;
	for (size_t b = 0; b < cube->block_count; b++)
		if (cube->blocks[b].dimensions == dimensions)
			return &cube->blocks[b];
	if (cube->block_count == 0 || cube->blocks[0].dimensions != cube->dimensions)
		return NULL; /* too large to be counted */
	const struct sori_report_block *block = sori_report_cube_project(cube, &cube->blocks[0], dimensions);
	if (!block)
		page->data.failed = true;
	return block;
}

static void add_blocks(struct page *page, size_t budget)
{
	const unsigned all = page->model->cube->dimensions;
	const struct sori_report_block *block = find_block(page, all);
	if (block && add_block(page, block, budget))
		return;
	for (unsigned d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		if (all >> d & 1U && (block = find_block(page, 1U << d)))
			add_block(page, block, budget);
	for (unsigned d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		for (unsigned e = d + 1; e < SORI_REPORT_DIMENSIONS; e++)
			if (all >> d & 1U && all >> e & 1U && (block = find_block(page, 1U << d | 1U << e)))
				add_block(page, block, budget);
}

void page_make_data(struct page *page, size_t budget)
{
	const struct sori_report_cube *cube = page->model->cube;
	sori_buffer_init(&page->data, DATA_LIMIT);
	if (!cube || page->model->query.publish != SORI_PUBLISH_ALL)
		return;
	add_days(page);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && !page->data.failed; d++)
		if (cube->dimensions >> d & 1U)
			add_dimension(page, d);
	sori_buffer_add_text(&page->data, "],\n\"blocks\":[");
	if (!page->data.failed)
		add_blocks(page, budget);
	sori_buffer_add_text(&page->data, "]}");
}
