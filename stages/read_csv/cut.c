/* The walk over set bits. A field costs one bit scan; text between borders is never looked at byte by byte, except the
 * first byte of a field (is it a quote?) and the byte behind a closing quote. */
#include "stages/read_csv/cut.h"

#include <string.h>

#include "pipeline/base/memory.h"

bool sori_csv_cutter_init(struct csv_cutter *cutter, const struct csv_marks *marks, size_t columns, size_t field_limit)
{
	*cutter = (struct csv_cutter){.marks = *marks, .columns = columns, .field_limit = field_limit};
	cutter->ends = sori_alloc((field_limit + 2) * sizeof *cutter->ends);
	return cutter->ends != NULL;
}

void sori_csv_cutter_release(struct csv_cutter *cutter)
{
	sori_free(cutter->ends);
	sori_free(cutter->borders);
	sori_free(cutter->line_ends);
	sori_free(cutter->quotes);
	*cutter = (struct csv_cutter){0};
}

bool sori_csv_cutter_set(struct csv_cutter *cutter, const char *data, size_t length, bool last, bool fresh)
{
	size_t words = length / 64 + 2;
	if (words > cutter->capacity) {
		size_t capacity = words < 4096 ? 4096 : words * 2;
		uint64_t *borders = sori_realloc(cutter->borders, capacity * sizeof *borders);
		if (!borders)
			return false;
		cutter->borders = borders;
		uint64_t *line_ends = sori_realloc(cutter->line_ends, capacity * sizeof *line_ends);
		if (!line_ends)
			return false;
		cutter->line_ends = line_ends;
		uint64_t *quotes = sori_realloc(cutter->quotes, capacity * sizeof *quotes);
		if (!quotes)
			return false;
		cutter->quotes = quotes;
		cutter->capacity = capacity;
	}
	if (fresh) {
		cutter->masked = 0;
		cutter->no_span = 0;
	}
	cutter->data = data;
	cutter->length = length;
	cutter->last = last;
	size_t from = cutter->masked / 64 * 64;
	sori_csv_mask(&cutter->marks, data, from, length, cutter->borders, cutter->line_ends, cutter->quotes);
	/* a sentinel word, so that a search needs one test only */
	cutter->borders[(length + 63) / 64] = 0;
	cutter->line_ends[(length + 63) / 64] = 0;
	cutter->quotes[(length + 63) / 64] = 0;
	cutter->masked = length;
	return true;
}

/* First set bit at or behind `at`; `length` when there is none. */
static inline size_t next_bit(const uint64_t *map, size_t at, size_t length)
{
	if (at >= length)
		return length;
	size_t word = at / 64, words = (length + 63) / 64;
	uint64_t bits = map[word] & (~0ull << (at % 64));
	while (!bits) {
		if (++word >= words)
			return length;
		bits = map[word];
	}
	return word * 64 + (size_t)__builtin_ctzll(bits);
}

static inline bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* First CR or LF at or behind `at` that ends a line (an escaped one does not). */
static inline size_t line_end(const struct csv_cutter *c, size_t at, size_t limit)
{
	return next_bit(c->line_ends, at, limit);
}

/* How a quoted field ended. */
enum quoted { QUOTED_CLOSED, QUOTED_MORE, QUOTED_STRAY };

/* From the opening quote to its closing one: *end is the border behind it (or the length at the last byte of all). */
static enum quoted close_quote(struct csv_cutter *c, size_t start, size_t open, size_t *end, bool *spans)
{
	size_t limit = c->length, cap = start + SORI_RECORD_LIMIT;
	bool capped = limit > cap;
	bool lone = false, final = c->last || capped;
	if (capped)
		limit = cap;
	size_t first_line = line_end(c, open + 1, limit);
	for (size_t at = open + 1;; at++) {
		at = next_bit(c->quotes, at, limit);
		if (at > first_line || at >= limit) {
			/* the field goes over a line end */
			if (lone || open < c->no_span)
				return first_line >= limit && !final ? QUOTED_MORE : QUOTED_STRAY;
			if (at >= limit) {
				if (!final)
					return QUOTED_MORE;
				/* no end within reach: lines up to here hold no proper multi-line field either */
				c->no_span = limit;
				return QUOTED_STRAY;
			}
			*spans = true;
		}
		if (at + 1 >= limit) {
			if (!final)
				return QUOTED_MORE;
			*end = at + 1;
			return capped ? QUOTED_STRAY : QUOTED_CLOSED;
		}
		char next = c->data[at + 1];
		if (next == c->marks.delimiter || is_line_end(next)) {
			*end = at + 1;
			return QUOTED_CLOSED;
		}
		if (next == c->marks.quote && (c->quotes[(at + 1) / 64] >> ((at + 1) % 64) & 1)) {
			at++;
			continue;
		}
		lone = true;
		if (at > first_line)
			return QUOTED_STRAY;
	}
}

/* Behind the line end at `at`; 0 when it may be the first half of a CRLF that is not all there. */
static size_t behind_line_end(const struct csv_cutter *c, size_t at)
{
	if (c->data[at] == '\n')
		return at + 1;
	if (at + 1 >= c->length)
		return c->last ? at + 1 : 0;
	return c->data[at + 1] == '\n' ? at + 2 : at + 1;
}

/* The rest of the physical line that `start` stands in. */
static enum csv_result reject_line(struct csv_cutter *c, size_t start, size_t *end, enum csv_result result)
{
	size_t cap = start + SORI_RECORD_LIMIT, limit = c->length < cap ? c->length : cap;
	size_t at = line_end(c, start, limit);
	if (at >= limit) {
		if (limit < cap && !c->last)
			return CSV_MORE;
		*end = limit;
		c->lines = 0;
		return limit == cap ? CSV_TOO_LONG : result;
	}
	*end = behind_line_end(c, at);
	c->lines = 1;
	return *end ? result : CSV_MORE;
}

static uint64_t count_lines(const struct csv_cutter *c, size_t from, size_t to)
{
	uint64_t lines = 0;
	for (size_t at = from; at < to; at++) /* multi-line records only */
		lines += c->data[at] == '\n' || (c->data[at] == '\r' && (at + 1 >= c->length || c->data[at + 1] != '\n'));
	return lines;
}

static enum csv_result judge(struct csv_cutter *c, size_t start, size_t border, size_t *end, bool spans)
{
	*end = border;
	if (border < c->length) {
		*end = behind_line_end(c, border);
		if (!*end)
			return CSV_MORE;
	}
	c->lines = border < c->length;
	if (*end - start > SORI_RECORD_LIMIT)
		return reject_line(c, start, end, spans ? CSV_QUOTE : CSV_TOO_LONG);
	if (spans || c->marks.escape)
		c->lines = count_lines(c, start, *end);
	if (c->fields == 1 && border == start)
		return CSV_BLANK;
	if (!c->columns || c->fields == c->columns)
		return CSV_RECORD;
	/* further columns that are all empty hold nothing that could be lost */
	if (c->fields > c->columns && c->ends[c->fields - 1] - c->ends[c->columns - 1] == c->fields - c->columns)
		return CSV_RECORD;
	return spans ? reject_line(c, start, end, CSV_QUOTE) : CSV_COLUMNS;
}

enum csv_result sori_csv_cut(struct csv_cutter *c, size_t start, size_t *end)
{
	const char *data = c->data;
	const uint64_t *borders = c->borders;
	size_t length = c->length, words = (length + 63) / 64, at = start, word = start / 64, field = 0;
	uint64_t bits = borders[word] & (~0ull << (start % 64));
	bool spans = false;
	c->quoted = false;
	for (;;) {
		size_t border;
		if (c->marks.quote && at < length && data[at] == c->marks.quote) {
			c->quoted = true;
			enum quoted how = close_quote(c, start, at, &border, &spans);
			if (how == QUOTED_MORE)
				return CSV_MORE;
			if (how == QUOTED_STRAY)
				return reject_line(c, start, end, CSV_QUOTE);
			word = border / 64;
			bits = borders[word] & (~0ull << (border % 64));
			if (bits && border % 64 == (size_t)__builtin_ctzll(bits))
				bits &= bits - 1;
		} else {
			while (!bits && ++word < words)
				bits = borders[word];
			border = bits ? word * 64 + (size_t)__builtin_ctzll(bits) : length;
			bits &= bits - 1;
		}
		if (border >= length && !c->last)
			return length - start > SORI_RECORD_LIMIT ? reject_line(c, start, end, spans ? CSV_QUOTE : CSV_TOO_LONG)
								  : CSV_MORE;
		c->ends[field++] = (uint32_t)border;
		if (border >= length || data[border] != c->marks.delimiter) {
			c->fields = field;
			return judge(c, start, border, end, spans);
		}
		if (field > c->field_limit)
			return reject_line(c, start, end, spans ? CSV_QUOTE : CSV_TOO_MANY);
		at = border + 1;
	}
}

enum csv_result sori_csv_cut_rest(struct csv_cutter *cutter, size_t start, size_t *end)
{
	return reject_line(cutter, start, end, CSV_TOO_LONG);
}
