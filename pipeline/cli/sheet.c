/* One pass over the bytes with a two-state scanner: inside quotes or not. The whole input is kept, since every method needs
 * all rows of a group before it can say anything. */
#include "pipeline/cli/sheet.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/stats/missing.h"

#define INPUT_LIMIT ((size_t)1 << 30)

static enum sori_status slurp(const char *path, struct sori_buffer *bytes, struct sori_error *error)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	enum sori_status status = SORI_OK;

	if (!from)
		return sori_fail_errno(error, SORI_NO_INPUT, errno, "cannot open '%s'", path);
	for (;;) {
		size_t got;

		if (!sori_buffer_reserve(bytes, 65536)) {
			status = bytes->length + 65536 > INPUT_LIMIT
					 ? sori_fail(error, SORI_DATA, "'%s' is larger than 1 GiB", path)
					 : sori_fail(error, SORI_SYSTEM, "out of memory");
			break;
		}
		got = fread(bytes->at + bytes->length, 1, 65536, from);
		bytes->length += got;
		if (got == 0)
			break;
	}
	if (status == SORI_OK && ferror(from))
		status = sori_fail_errno(error, SORI_IO, errno, "cannot read '%s'", path);
	if (from != stdin)
		(void)fclose(from);
	return status;
}

struct scan {
	const char *at, *end;
	uint64_t line;
	struct sori_buffer field;
};

enum field_end { FIELD_NEXT, FIELD_LAST, FIELD_BROKEN };

/* One field into scan->field; eats the comma or the end of the line after it. */
static enum field_end read_field(struct scan *scan)
{
	bool quoted = scan->at < scan->end && *scan->at == '"', closed = !quoted;

	sori_buffer_reset(&scan->field);
	scan->at += quoted;
	while (scan->at < scan->end) {
		char byte = *scan->at++;

		if (!closed) {
			scan->line += byte == '\n';
			if (byte != '"') {
				sori_buffer_add_byte(&scan->field, byte);
			} else if (scan->at < scan->end && *scan->at == '"') {
				sori_buffer_add_byte(&scan->field, '"');
				scan->at++;
			} else {
				closed = true;
			}
			continue;
		}
		if (byte == ',')
			return FIELD_NEXT;
		if (byte == '\r' && scan->at < scan->end && *scan->at == '\n')
			continue;
		if (byte == '\n') {
			scan->line++;
			return FIELD_LAST;
		}
		if (quoted)
			return FIELD_BROKEN;
		sori_buffer_add_byte(&scan->field, byte);
	}
	return closed ? FIELD_LAST : FIELD_BROKEN;
}

static enum sori_status at_line(const struct sori_sheet *table, uint64_t line, enum sori_status status,
				struct sori_error *error)
{
	(void)sori_error_at(error, table->name, line, 0);
	return status;
}

/* A growing list of fields. */
struct fields {
	struct sori_view **list;
	size_t *capacity, from, count;
};

/* A row's fields into the list from `from` on; `count` says how many. */
static enum sori_status read_row(struct sori_sheet *table, struct scan *scan, struct fields *fields, struct sori_error *error)
{
	uint64_t line = scan->line;
	enum field_end end;

	fields->count = 0;
	do {
		struct sori_view copy;

		end = read_field(scan);
		if (end == FIELD_BROKEN)
			return at_line(table, line, sori_fail(error, SORI_DATA, "a quote does not close, or text follows it"), error);
		copy = sori_arena_copy(&table->arena, sori_buffer_view(&scan->field));
		if (scan->field.failed || (!copy.at && scan->field.length) ||
		    sori_grow((void **)fields->list, fields->capacity, fields->from + fields->count + 1, sizeof **fields->list) != 0)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		(*fields->list)[fields->from + fields->count++] = copy;
	} while (end == FIELD_NEXT);
	return SORI_OK;
}

static enum sori_status read_header(struct sori_sheet *table, struct scan *scan, struct sori_error *error)
{
	struct fields fields = {&table->header, &table->header_capacity, 0, 0};
	enum sori_status status = read_row(table, scan, &fields, error);

	if (status != SORI_OK)
		return status;
	table->columns = fields.count;
	for (size_t i = 0; i < table->columns; i++) {
		table->header[i] = sori_view_trim(table->header[i]);
		for (size_t j = 0; j < i; j++)
			if (sori_view_equal(table->header[i], table->header[j]))
				return at_line(table, 1, sori_fail(error, SORI_DATA, "column '%.*s' is there twice",
								   (int)table->header[i].length, table->header[i].at), error);
	}
	return SORI_OK;
}

static enum sori_status read_rows(struct sori_sheet *table, struct scan *scan, struct sori_error *error)
{
	while (scan->at < scan->end) {
		uint64_t line = scan->line;
		struct fields fields = {&table->cells, &table->cell_capacity, table->rows * table->columns, 0};
		enum sori_status status;

		if (*scan->at == '\n' || (*scan->at == '\r' && scan->at + 1 < scan->end && scan->at[1] == '\n')) {
			scan->at += *scan->at == '\r' ? 2 : 1;
			scan->line++;
			continue;
		}
		status = read_row(table, scan, &fields, error);
		if (status != SORI_OK)
			return status;
		if (fields.count != table->columns)
			return at_line(table, line, sori_fail(error, SORI_DATA, "%zu fields, the header has %zu", fields.count,
							      table->columns), error);
		if (SORI_GROW(table->lines, table->line_capacity, table->rows + 1) != 0)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		table->lines[table->rows++] = line;
	}
	return SORI_OK;
}

enum sori_status sori_sheet_read(struct sori_sheet *table, const char *path, struct sori_error *error)
{
	struct sori_buffer bytes;
	struct scan scan = {.line = 1};
	enum sori_status status;

	*table = (struct sori_sheet){.name = strcmp(path, "-") == 0 ? "standard input" : path};
	sori_arena_init(&table->arena, 1 << 16);
	sori_buffer_init(&bytes, INPUT_LIMIT);
	sori_buffer_init(&scan.field, INPUT_LIMIT);
	status = slurp(path, &bytes, error);
	if (status == SORI_OK) {
		struct sori_view text = sori_buffer_view(&bytes);

		if (text.length >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
			text = sori_view_slice(text, 3, text.length);
		scan.at = text.at;
		scan.end = text.at + text.length;
		if (sori_view_trim(text).length == 0)
			status = at_line(table, 1, sori_fail(error, SORI_DATA, "no header: the input is empty"), error);
		else if (!sori_utf8_is_valid(text))
			status = at_line(table, 1, sori_fail(error, SORI_DATA, "not UTF-8"), error);
	}
	if (status == SORI_OK)
		status = read_header(table, &scan, error);
	if (status == SORI_OK)
		status = read_rows(table, &scan, error);
	sori_buffer_release(&bytes);
	sori_buffer_release(&scan.field);
	if (status != SORI_OK)
		sori_sheet_release(table);
	return status;
}

void sori_sheet_release(struct sori_sheet *table)
{
	sori_free(table->header);
	sori_free(table->cells);
	sori_free(table->lines);
	sori_arena_release(&table->arena);
	*table = (struct sori_sheet){0};
}

size_t sori_sheet_column(const struct sori_sheet *table, const char *name)
{
	for (size_t i = 0; i < table->columns; i++)
		if (sori_view_is(table->header[i], name))
			return i;
	return SORI_SHEET_NONE;
}

enum sori_status sori_sheet_need(const struct sori_sheet *table, const char *name, size_t *column, struct sori_error *error)
{
	*column = sori_sheet_column(table, name);
	if (*column != SORI_SHEET_NONE)
		return SORI_OK;
	return at_line(table, 1, sori_fail(error, SORI_DATA, "column '%s' is missing", name), error);
}

enum sori_status sori_sheet_fail(const struct sori_sheet *table, size_t row, struct sori_error *error, const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return at_line(table, table->lines[row], sori_fail(error, SORI_DATA, "%s", text), error);
}

/* Decimal notation alone: strtod would also take hexadecimal, "infinity" and leading blanks. */
static bool parse(struct sori_view text, double *value)
{
	char room[64], *end;

	if (sori_view_is(text, "NA") || text.length == 0) {
		*value = sori_na();
	} else if (sori_view_is(text, "NaN")) {
		*value = NAN;
	} else if (sori_view_is(text, "Inf") || sori_view_is(text, "-Inf")) {
		*value = text.at[0] == '-' ? -INFINITY : INFINITY;
	} else {
		if (text.length >= sizeof room || strspn(text.at, "0123456789+-.eE") < text.length)
			return false;
		memcpy(room, text.at, text.length);
		room[text.length] = '\0';
		*value = strtod(room, &end);
		return end == room + text.length;
	}
	return true;
}

/* NULL when the value is what `kind` asks for, else what it should have been. */
static const char *objection(enum sori_cell_kind kind, double value)
{
	bool maybe = kind == SORI_CELL_MAYBE || kind == SORI_CELL_MAYBE_COUNT || kind == SORI_CELL_MAYBE_SHARE;

	if (kind == SORI_CELL_ANY || (maybe && isnan(value)))
		return NULL;
	if (!isfinite(value))
		return "a finite number";
	switch (kind) {
	case SORI_CELL_COUNT:
	case SORI_CELL_MAYBE_COUNT:
		return value >= 0.0 && value == floor(value) && value <= 9007199254740992.0 ? NULL : "a count";
	case SORI_CELL_POSITIVE:
		return value > 0.0 ? NULL : "over 0";
	case SORI_CELL_LEVEL:
		return value > 0.0 && value < 1.0 ? NULL : "between 0 and 1";
	case SORI_CELL_MAYBE_SHARE:
		return value >= 0.0 && value <= 1.0 ? NULL : "between 0 and 1";
	case SORI_CELL_FLAG:
		return value == 0.0 || value == 1.0 ? NULL : "0 or 1";
	default:
		return NULL;
	}
}

enum sori_status sori_sheet_number(const struct sori_sheet *table, size_t row, size_t column, enum sori_cell_kind kind,
				   double *value, struct sori_error *error)
{
	struct sori_view cell = sori_sheet_cell(table, row, column), text = sori_view_trim(cell);
	int shown = cell.length > 40 ? 40 : (int)cell.length;
	const char *wanted;

	if (!parse(text, value))
		return sori_sheet_fail(table, row, error, "column '%.*s': '%.*s' is not a number", (int)table->header[column].length,
				       table->header[column].at, shown, cell.length ? cell.at : "");
	wanted = objection(kind, *value);
	if (wanted)
		return sori_sheet_fail(table, row, error, "column '%.*s': '%.*s' is not %s", (int)table->header[column].length,
				       table->header[column].at, shown, cell.length ? cell.at : "", wanted);
	return SORI_OK;
}

void sori_sheet_put(struct sori_buffer *out, double value)
{
	char room[40];

	if (isnan(value)) {
		sori_buffer_add_text(out, sori_is_na(value) ? "NA" : "NaN");
		return;
	}
	if (isinf(value)) {
		sori_buffer_add_text(out, value < 0.0 ? "-Inf" : "Inf");
		return;
	}
	if (value == 0.0)
		value = 0.0; /* no negative zero */
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(room, sizeof room, "%.*g", digits, value);
		if (strtod(room, NULL) == value)
			break;
	}
	sori_buffer_add_text(out, value == 0.0 ? "0" : room);
}

void sori_sheet_put_text(struct sori_buffer *out, struct sori_view text)
{
	sori_buffer_add_csv(out, text, false);
}
