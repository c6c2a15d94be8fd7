/* The file is read whole (it is small), checked for UTF-8 once, and cut line by line, so that every complaint can name its line and
 * its column in the characters that an editor counts. */
#include "pipeline/core/side_table.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define FILE_LIMIT ((size_t)64 << 20)
#define COLUMN_LIMIT 1024u
#define CELL_LIMIT ((size_t)1 << 25) /* a header of many columns over many short rows is more memory than the file */
#define SHOWN 60 /* bytes of a cell in a message */

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status slurp(const char *path, struct sori_buffer *bytes, struct sori_error *error)
{
	FILE *from = fopen(path, "rb");
	enum sori_status status = SORI_OK;
	size_t got = 1;

	if (!from) {
		status = sori_fail(error, SORI_CONFIG, "cannot be opened: %s", strerror(errno));
		return sori_error_at(error, path, 0, 0), status;
	}
	while (got && status == SORI_OK) {
		if (!sori_buffer_reserve(bytes, 65536)) {
			status = bytes->length + 65536 > FILE_LIMIT ? sori_fail(error, SORI_CONFIG, "is larger than 64 MiB") : no_memory(error);
			break;
		}
		got = fread(bytes->at + bytes->length, 1, 65536, from);
		bytes->length += got;
	}
	if (status == SORI_OK && ferror(from))
		status = sori_fail_errno(error, SORI_IO, errno, "cannot be read");
	(void)fclose(from);
	if (status != SORI_OK)
		(void)sori_error_at(error, path, 0, 0);
	return status;
}

static uint32_t characters(const char *from, const char *to)
{
	uint32_t count = 0;

	for (; from < to; from++)
		count += ((unsigned char)*from & 0xc0) != 0x80;
	return count;
}

static enum sori_status fail_line(const struct sori_side_table *table, uint64_t line, uint32_t column, const char *text,
				  struct sori_error *error)
{
	(void)sori_fail(error, SORI_CONFIG, "%s", text);
	(void)sori_error_at(error, table->path, line, column);
	return SORI_CONFIG;
}

struct line {
	const char *start, *at, *end;
	uint64_t number;
};

/* One cell, its delimiter eaten; `room` holds it without quotes. */
static enum sori_status cut_cell(struct sori_side_table *table, struct line *line, struct sori_buffer *room,
				 struct sori_side_cell *cell, struct sori_error *error)
{
	const char *begin = line->at;
	bool quoted = table->delimiter == ',' && begin < line->end && *begin == '"';
	struct sori_view text;

	sori_buffer_reset(room);
	if (quoted) {
		for (line->at++;; line->at++) {
			if (line->at == line->end)
				return fail_line(table, line->number, characters(line->start, begin) + 1, "the quote does not close", error);
			if (*line->at == '"' && (line->at + 1 == line->end || line->at[1] != '"'))
				break;
			line->at += *line->at == '"';
			sori_buffer_add_byte(room, *line->at);
		}
		line->at++;
		if (line->at < line->end && *line->at != table->delimiter)
			return fail_line(table, line->number, characters(line->start, line->at) + 1, "text follows the closing quote", error);
	} else {
		while (line->at < line->end && *line->at != table->delimiter)
			line->at++;
		sori_buffer_add(room, begin, (size_t)(line->at - begin));
	}
	text = sori_view_trim(sori_buffer_view(room));
	if (room->failed)
		return no_memory(error);
	if (text.length && memchr(text.at, '\0', text.length))
		return fail_line(table, line->number, characters(line->start, begin) + 1, "the cell holds a NUL byte", error);
	while (!quoted && begin < line->at && (*begin == ' ' || (*begin == '\t' && table->delimiter != '\t')))
		begin++;
	text = sori_arena_copy(table->arena, text.length ? text : SORI_VIEW_LITERAL(""));
	if (!text.at)
		return no_memory(error);
	*cell = (struct sori_side_cell){text.at, (uint32_t)text.length, characters(line->start, begin) + 1};
	return SORI_OK;
}

static enum sori_status cut_header(struct sori_side_table *table, struct line *line, struct sori_buffer *room,
				   struct sori_error *error)
{
	bool more = true;

	table->header_line = line->number;
	while (more) {
		struct sori_side_cell *cell;
		enum sori_status status;

		if (SORI_GROW(table->header, table->header_capacity, table->columns + 1))
			return no_memory(error);
		if (table->columns == COLUMN_LIMIT)
			return fail_line(table, line->number, characters(line->start, line->at) + 1, "more than 1024 columns", error);
		cell = &table->header[table->columns];
		status = cut_cell(table, line, room, cell, error);
		if (status != SORI_OK)
			return status;
		for (size_t i = 0; i < table->columns; i++)
			if (!strcmp(table->header[i].text, cell->text))
				return fail_line(table, line->number, cell->column, "this column's name is there twice", error);
		table->columns++;
		more = line->at < line->end;
		line->at += more;
	}
	return SORI_OK;
}

static enum sori_status cut_row(struct sori_side_table *table, struct line *line, struct sori_buffer *room, struct sori_error *error)
{
	struct sori_side_cell *cells;
	bool more = true;

	if ((table->rows + 1) * table->columns > CELL_LIMIT)
		return fail_line(table, line->number, 1, "rows times columns are too many", error);
	if (SORI_GROW(table->cells, table->cell_capacity, (table->rows + 1) * table->columns) ||
	    SORI_GROW(table->lines, table->line_capacity, table->rows + 1))
		return no_memory(error);
	cells = table->cells + table->rows * table->columns;
	for (size_t i = 0; i < table->columns; i++) {
		enum sori_status status;

		cells[i] = (struct sori_side_cell){"", 0, characters(line->start, line->end) + 1};
		if (!more)
			continue;
		status = cut_cell(table, line, room, &cells[i], error);
		if (status != SORI_OK)
			return status;
		more = line->at < line->end;
		line->at += more;
	}
	if (more)
		return fail_line(table, line->number, characters(line->start, line->at) + 1, "the row has more cells than the header", error);
	table->lines[table->rows++] = line->number;
	return SORI_OK;
}

static enum sori_status cut(struct sori_side_table *table, struct sori_view text, struct sori_error *error)
{
	const char *at = text.at, *end = text.at + text.length;
	struct sori_buffer room;
	enum sori_status status = SORI_OK;

	sori_buffer_init(&room, FILE_LIMIT);
	for (uint64_t number = 1; at < end && status == SORI_OK; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct line line = {at, at, stop ? stop : end, number};

		at = stop ? stop + 1 : end;
		while (line.end > line.start && line.end[-1] == '\r')
			line.end--;
		if (sori_view_trim(sori_view_make(line.start, (size_t)(line.end - line.start))).length == 0 || *line.start == '#')
			continue;
		status = table->columns ? cut_row(table, &line, &room, error) : cut_header(table, &line, &room, error);
	}
	sori_buffer_release(&room);
	if (status == SORI_OK && !table->columns)
		status = fail_line(table, 1, 1, "the file has no header line", error);
	return status;
}

enum sori_status sori_side_read(struct sori_side_table *table, const char *path, char delimiter, struct sori_arena *arena,
				struct sori_error *error)
{
	struct sori_buffer bytes;
	struct sori_view text;
	enum sori_status status;
	size_t valid;

	*table = (struct sori_side_table){.path = path, .arena = arena, .delimiter = delimiter};
	sori_buffer_init(&bytes, FILE_LIMIT);
	status = slurp(path, &bytes, error);
	text = sori_buffer_view(&bytes);
	if (text.length >= 3 && !memcmp(text.at, "\xef\xbb\xbf", 3))
		text = sori_view_slice(text, 3, text.length);
	if (status == SORI_OK && (valid = sori_utf8_valid_prefix(text)) < text.length) {
		uint64_t line = 1;
		const char *start = text.at;

		for (const char *at = text.at; at < text.at + valid; at++)
			if (*at == '\n') {
				line++;
				start = at + 1;
			}
		status = fail_line(table, line, characters(start, text.at + valid) + 1, "not UTF-8; save the file as UTF-8", error);
	}
	if (status == SORI_OK)
		status = cut(table, text, error);
	sori_buffer_release(&bytes);
	return status;
}

void sori_side_release(struct sori_side_table *table)
{
	sori_free(table->header);
	sori_free(table->cells);
	sori_free(table->lines);
	*table = (struct sori_side_table){0};
}

static const char *nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	size_t least = 3;

	for (; *names; names++)
		if (sori_edit_distance(word, *names) < least) {
			least = sori_edit_distance(word, *names);
			best = *names;
		}
	return best;
}

enum sori_status sori_side_columns(const struct sori_side_table *table, const char *const *names, size_t needed, size_t *places,
				   size_t *others, struct sori_error *error)
{
	size_t found = 0;

	for (size_t k = 0; names[k]; k++) {
		places[k] = SORI_SIDE_NONE;
		for (size_t i = 0; i < table->columns; i++)
			if (!strcmp(table->header[i].text, names[k])) {
				places[k] = i;
				found++;
			}
		if (k < needed && places[k] == SORI_SIDE_NONE) {
			char text[120];

			(void)snprintf(text, sizeof text, "the column '%s' is missing", names[k]);
			return fail_line(table, table->header_line, 1, text, error);
		}
	}
	if (others) {
		*others = table->columns - found;
		return SORI_OK;
	}
	for (size_t i = 0; i < table->columns && found < table->columns; i++) {
		const char *near;
		bool known = false;
		char text[240];

		for (size_t k = 0; names[k]; k++)
			known = known || places[k] == i;
		if (known)
			continue;
		near = nearest(table->header[i].text, names);
		(void)snprintf(text, sizeof text, "unknown column '%.*s'%s%s%s", SHOWN, table->header[i].text, near ? "; did you mean '" : "",
			       near ? near : "", near ? "'?" : "");
		return fail_line(table, table->header_line, table->header[i].column, text, error);
	}
	return SORI_OK;
}

struct sori_side_cell sori_side_cell(const struct sori_side_table *table, size_t row, size_t column)
{
	return column == SORI_SIDE_NONE ? (struct sori_side_cell){"", 0, 1} : table->cells[row * table->columns + column];
}

enum sori_status sori_side_fail(const struct sori_side_table *table, size_t row, size_t column, struct sori_error *error,
				const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return fail_line(table, table->lines[row], sori_side_cell(table, row, column).column, text, error);
}

enum sori_status sori_side_day(const struct sori_side_table *table, size_t row, size_t column, bool month, sori_day *first,
			       sori_day *last, struct sori_error *error)
{
	struct sori_side_cell cell = sori_side_cell(table, row, column);
	struct sori_view text = sori_view_make(cell.text, cell.length);
	char whole[16];
	int year, number, day;

	if (sori_day_parse_iso(text, first) && *first != SORI_DAY_NONE) {
		*last = *first;
		return SORI_OK;
	}
	if (month && cell.length == 7) {
		(void)snprintf(whole, sizeof whole, "%s-01", cell.text);
		if (sori_day_parse_iso(sori_view_of(whole), first) && *first != SORI_DAY_NONE) {
			sori_day_split(*first, &year, &number, &day);
			*last = sori_day_of(number == 12 ? year + 1 : year, number == 12 ? 1 : number + 1, 1) - 1;
			return SORI_OK;
		}
	}
	return sori_side_fail(table, row, column, error, "'%.*s' is no day of the calendar as YYYY-MM-DD%s", SHOWN, cell.text,
			      month ? ", nor a month as YYYY-MM" : "");
}

enum sori_status sori_side_number(const struct sori_side_table *table, size_t row, size_t column, double *value,
				  struct sori_error *error)
{
	struct sori_side_cell cell = sori_side_cell(table, row, column);
	char *end = NULL;

	*value = cell.length && cell.length < 64 && strspn(cell.text, "0123456789+-.eE") == cell.length ? strtod(cell.text, &end) : NAN;
	if (!end || *end || !isfinite(*value))
		return sori_side_fail(table, row, column, error, "'%.*s' is not a number", SHOWN, cell.text);
	return SORI_OK;
}

enum sori_status sori_side_word(const struct sori_side_table *table, size_t row, size_t column, const char *const *words,
				size_t *which, struct sori_error *error)
{
	struct sori_side_cell cell = sori_side_cell(table, row, column);
	char all[240];
	int used = 0;

	if (cell.length == 0)
		return SORI_OK;
	for (size_t i = 0; words[i]; i++) {
		if (!strcmp(cell.text, words[i])) {
			*which = i;
			return SORI_OK;
		}
		used += snprintf(all + used, sizeof all - (size_t)used, "%s%s", i ? ", " : "", words[i]);
		used = used < (int)sizeof all ? used : (int)sizeof all - 1;
	}
	return sori_side_fail(table, row, column, error, "'%.*s' is none of %s", SHOWN, cell.text, all);
}

enum sori_status sori_side_scope(const struct sori_side_table *table, size_t row, size_t column, struct sori_slice *slice,
				 struct sori_error *error)
{
	struct sori_side_cell cell = sori_side_cell(table, row, column);
	struct sori_slice_term *terms;
	size_t limit = 1;

	*slice = (struct sori_slice){NULL, 0};
	if (cell.length == 0)
		return SORI_OK;
	for (uint32_t i = 0; i < cell.length; i++)
		limit += cell.text[i] == ';';
	if (!(terms = sori_arena_zero(table->arena, limit, sizeof *terms)))
		return no_memory(error);
	for (const char *at = cell.text, *stop; *at; at = *stop ? stop + 1 : stop) {
		const char *equals;
		struct sori_view name, value;

		stop = at + strcspn(at, ";");
		if (sori_view_trim(sori_view_make(at, (size_t)(stop - at))).length == 0)
			continue;
		equals = memchr(at, '=', (size_t)(stop - at));
		name = sori_view_trim(sori_view_make(at, equals ? (size_t)(equals - at) : 0));
		if (!equals || name.length == 0)
			return fail_line(table, table->lines[row], cell.column + characters(cell.text, at), "a scope is DIM=VALUE;DIM=VALUE", error);
		value = sori_view_trim(sori_view_make(equals + 1, (size_t)(stop - equals - 1)));
		name = sori_arena_copy(table->arena, name);
		value = sori_arena_copy(table->arena, value.length ? value : SORI_VIEW_LITERAL(""));
		if (!name.at || !value.at)
			return no_memory(error);
		terms[slice->count++] = (struct sori_slice_term){name.at, value.at};
	}
	slice->terms = terms;
	return SORI_OK;
}

bool sori_slice_asks(const struct sori_slice *slice, const char *dimension)
{
	for (size_t i = 0; slice && i < slice->count; i++)
		if (!strcmp(slice->terms[i].dimension, dimension))
			return true;
	return false;
}

bool sori_slice_has(const struct sori_slice *slice, const char *dimension, const char *value)
{
	for (size_t i = 0; slice && i < slice->count; i++)
		if (!strcmp(slice->terms[i].dimension, dimension) && !strcmp(slice->terms[i].value, value))
			return true;
	return false;
}

static bool within(const struct sori_slice *a, const struct sori_slice *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!sori_slice_has(b, a->terms[i].dimension, a->terms[i].value))
			return false;
	return true;
}

bool sori_slice_equal(const struct sori_slice *a, const struct sori_slice *b)
{
	return within(a, b) && within(b, a);
}
