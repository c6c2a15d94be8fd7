/* Reads HTML pages: the rows of a table, or blocks that repeat (one review each). Records are cut from the raw bytes by
 * their tags (scan.c, serial); libxml2's HTML parser reads each piece by itself (parallel). Columns are the cells under the
 * header row, or the class names inside a block. */
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/columns.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/feed.h"
#include "pipeline/core/stage.h"
#include "stages/read_html/scan.h"

#define SAMPLE_RECORDS 300
#define CELLS 64

struct html_reader {
	struct sori_feed feed;
	enum sori_encoding encoding;
	struct html_shape shape;
	bool header;                  /* the first row is the header */
	bool seen_header;
	int column[SORI_ROLE_COUNT];  /* rows: cell index */
	char *name[SORI_ROLE_COUNT];  /* blocks: class; borrowed from the input */
};

/* One record as names and texts. */
struct cells {
	struct sori_view name[CELLS], text[CELLS];
	size_t count;
	bool heading; /* holds a th */
	bool memory;
};

/* ---- a piece of HTML to cells ---- */

static bool is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static xmlNode *next_node(xmlNode *node, const xmlNode *top, bool inside)
{
	if (inside && node->children && node->type == XML_ELEMENT_NODE)
		return node->children;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

/* Text below a node, blanks run together, a line end for each block. */
static struct sori_view text_below(xmlNode *top, struct sori_arena *arena, bool *memory)
{
	size_t length = 0;
	for (xmlNode *n = top; n; n = next_node(n, top, true))
		length += n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE ? strlen((const char *)n->content) + 1 : 1;
	char *to = sori_arena_alloc(arena, length + 1);
	if (!to) {
		*memory = true;
		return sori_view_make("", 0);
	}
	size_t at = 0;
	for (xmlNode *n = top; n;) {
		bool skip = is_element(n, "script") || is_element(n, "style");
		if (is_element(n, "br") || is_element(n, "p") || is_element(n, "div") || is_element(n, "li")) {
			if (at && to[at - 1] != '\n')
				to[at++] = '\n';
		} else if (n->type == XML_TEXT_NODE) {
			for (const char *c = (const char *)n->content; *c; c++) {
				bool blank = *c == ' ' || *c == '\t' || *c == '\n' || *c == '\r';
				if (!blank)
					to[at++] = *c;
				else if (at && to[at - 1] != ' ' && to[at - 1] != '\n')
					to[at++] = ' ';
			}
		}
		n = next_node(n, top, !skip);
	}
	return sori_view_trim(sori_view_make(to, at));
}

static void add_cell(struct cells *cells, struct sori_arena *arena, struct sori_view name, struct sori_view text)
{
	if (cells->count == CELLS)
		return;
	cells->name[cells->count] = sori_arena_copy(arena, name);
	cells->text[cells->count++] = text;
}

static void take_block_element(struct cells *cells, struct sori_arena *arena, xmlNode *node)
{
	static const char *const attributes[] = {"itemprop", "class"};
	for (size_t i = 0; i < 2; i++) {
		xmlChar *group = xmlGetProp(node, (const xmlChar *)attributes[i]);
		if (!group)
			continue;
		struct sori_view name = sori_view_trim(sori_view_of((const char *)group));
		size_t length = 0;
		while (length < name.length && name.at[length] != ' ')
			length++;
		add_cell(cells, arena, sori_view_slice(name, 0, length), text_below(node, arena, &cells->memory));
		xmlFree(group);
	}
	xmlChar *moment = is_element(node, "time") ? xmlGetProp(node, (const xmlChar *)"datetime") : NULL;
	if (moment) {
		add_cell(cells, arena, SORI_VIEW_LITERAL("datetime"), sori_arena_copy(arena, sori_view_of((const char *)moment)));
		xmlFree(moment);
	}
}

/* False: nothing could be parsed. */
static bool read_cells(const struct html_shape *shape, struct sori_view piece, struct sori_arena *arena, struct cells *cells)
{
	*cells = (struct cells){0};
	int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_NODEFDTD |
		      HTML_PARSE_IGNORE_ENC;
	htmlDocPtr document = htmlReadMemory(piece.at, (int)piece.length, NULL, "UTF-8", options);
	if (!document)
		return false;
	xmlNode *root = xmlDocGetRootElement(document);
	for (xmlNode *n = root; n;) {
		bool cell = is_element(n, "td") || is_element(n, "th");
		if (shape->rows && cell) {
			cells->heading = cells->heading || is_element(n, "th");
			add_cell(cells, arena, SORI_VIEW_LITERAL(""), text_below(n, arena, &cells->memory));
		} else if (!shape->rows && n->type == XML_ELEMENT_NODE) {
			take_block_element(cells, arena, n);
		}
		n = next_node(n, root, !(shape->rows && cell));
	}
	xmlFreeDoc(document);
	return cells->count > 0;
}

/* ---- cutting ---- */

static struct sori_piece piece_of(enum sori_piece_kind kind, size_t length, enum sori_reason reason)
{
	return (struct sori_piece){kind, length, reason};
}

static struct sori_piece cut(void *state, struct sori_view text, bool last)
{
	struct html_reader *reader = state;
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT, end;
	struct html_token token = sori_html_next(sori_view_make(text.at, limit));
	if (token.kind == HTML_CUT && !last && limit < SORI_RECORD_LIMIT)
		return piece_of(SORI_PIECE_MORE, 0, SORI_REASON_NONE);
	if (!sori_html_begins(&reader->shape, &token))
		return piece_of(SORI_PIECE_FRAMING, token.length, SORI_REASON_NONE);
	if (!sori_html_record_end(&reader->shape, sori_view_make(text.at, limit), &end)) {
		if (!last && limit < SORI_RECORD_LIMIT)
			return piece_of(SORI_PIECE_MORE, 0, SORI_REASON_NONE);
		if (limit == SORI_RECORD_LIMIT) /* its open tag only: what is inside may still hold whole records */
			return piece_of(SORI_PIECE_REJECT, token.length, SORI_REASON_TOO_LONG);
		if (!reader->shape.rows || reader->feed.input->cut_short)
			return piece_of(SORI_PIECE_REJECT, text.length, SORI_REASON_TRUNCATED);
		end = text.length;
	}
	if (reader->header && !reader->seen_header) {
		reader->seen_header = true;
		return piece_of(SORI_PIECE_HEADER, end, SORI_REASON_NONE);
	}
	return piece_of(SORI_PIECE_RECORD, end, SORI_REASON_NONE);
}

/* ---- begin ---- */

static int html_probe(const struct sori_sample *sample)
{
	struct sori_view front = sori_view_trim(sori_view_slice(sample->bytes, 0, 8192));
	struct html_shape shape;
	if (!front.length || front.at[0] != '<')
		return 0;
	for (size_t i = 0; i + 6 < front.length; i++)
		if (sori_view_equal_nocase(sori_view_slice(front, i, 5), SORI_VIEW_LITERAL("<html")) ||
		    sori_view_equal_nocase(sori_view_slice(front, i, 6), SORI_VIEW_LITERAL("<table")) ||
		    sori_view_equal_nocase(sori_view_slice(front, i, 14), SORI_VIEW_LITERAL("<!doctype html")))
			return 90;
	return sori_html_guess(sample->bytes, &shape) ? 30 : 0;
}

struct table {
	struct sori_arena arena;
	struct sori_view names[CELLS];
	struct sori_view *values; /* rows of CELLS */
	size_t columns, rows;
};

static void add_row(const struct html_reader *reader, struct table *table, const struct cells *cells)
{
	for (size_t i = 0; i < cells->count; i++) {
		size_t column = i;
		if (!reader->shape.rows)
			for (column = 0; column < table->columns && !sori_view_equal(table->names[column], cells->name[i]);)
				column++;
		if (column == CELLS)
			continue;
		if (column >= table->columns) {
			table->columns = column + 1;
			if (!reader->shape.rows)
				table->names[column] = cells->name[i];
		}
		struct sori_view *cell = &table->values[table->rows * CELLS + column];
		if (!cell->length)
			*cell = cells->text[i];
	}
	table->rows++;
}

static bool is_header_row(const struct cells *cells)
{
	for (size_t i = 0; i < cells->count; i++)
		if (sori_column_is_known(cells->text[i]))
			return true;
	return cells->heading;
}

/* False when memory is out. */
static bool read_table(struct html_reader *reader, const struct sori_sample *sample, struct table *table)
{
	struct html_reader cutter = *reader;
	struct sori_view rest = sample->bytes, text;
	struct cells cells;
	bool first = true;
	table->values = sori_arena_zero(&table->arena, (SAMPLE_RECORDS + 1) * CELLS, sizeof *table->values);
	while (table->values && rest.length && table->rows < SAMPLE_RECORDS) {
		struct sori_piece next = cut(&cutter, rest, sample->whole);
		if (next.kind == SORI_PIECE_MORE)
			break;
		if (next.kind == SORI_PIECE_RECORD &&
		    sori_decode_text(reader->encoding, sori_view_slice(rest, 0, next.length), &table->arena, &text) && text.at &&
		    read_cells(&reader->shape, text, &table->arena, &cells)) {
			if (cells.memory)
				return false;
			if (first && reader->shape.rows && is_header_row(&cells)) {
				reader->header = true;
				memcpy(table->names, cells.text, cells.count * sizeof *cells.text);
				table->columns = cells.count;
			} else {
				add_row(reader, table, &cells);
			}
			first = false;
		}
		rest = sori_view_slice(rest, next.length, rest.length);
	}
	return table->values != NULL;
}

static enum sori_status choose_columns(struct html_reader *reader, struct sori_input *input, const struct sori_input_wish *wish,
				       const struct sori_sample *sample, struct sori_error *error)
{
	struct table *table = sori_alloc_zero(1, sizeof *table);
	if (!table)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_arena_init(&table->arena, 256 * 1024);
	struct sori_column_choice choice;
	struct sori_view *packed = NULL;
	enum sori_status status;
	if (read_table(reader, sample, table) &&
	    (packed = sori_arena_zero(&table->arena, table->rows * table->columns + 1, sizeof *packed))) {
		for (size_t row = 0; row < table->rows; row++)
			if (table->columns)
				memcpy(packed + row * table->columns, table->values + row * CELLS, table->columns * sizeof *packed);
		struct sori_column_table columns = {table->names, table->columns, packed, table->rows,
						    reader->header || !reader->shape.rows};
		status = sori_columns_choose(&columns, wish, input, &choice, error);
		memcpy(reader->column, choice.column, sizeof reader->column);
	} else {
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	sori_arena_release(&table->arena);
	sori_free(table);
	return status;
}

static void html_end(void *state)
{
	struct html_reader *reader = state;
	sori_feed_release(&reader->feed);
	sori_free(reader);
}

static enum sori_status html_begin(void **state, struct sori_input *input, const struct sori_input_wish *wish,
				   const struct sori_sample *sample, struct sori_bytes *bytes, struct sori_error *error)
{
	struct html_reader *reader = sori_alloc_zero(1, sizeof *reader);
	if (!reader)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	xmlInitParser();
	sori_feed_init(&reader->feed, bytes, input);
	reader->encoding = input->encoding;
	input->format_name = "html";
	enum sori_status status = SORI_OK;
	if (sori_html_guess(sample->bytes, &reader->shape)) {
		status = choose_columns(reader, input, wish, sample, error);
	} else {
		input->refused = true;
		snprintf(input->problem, sizeof input->problem, "no table and no repeated block found in the page");
	}
	if (status != SORI_OK) {
		html_end(reader);
		return status;
	}
	for (int role = 0; role < SORI_ROLE_COUNT; role++)
		reader->name[role] = input->column[role];
	*state = reader;
	return SORI_OK;
}

static enum sori_status html_pull(void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct html_reader *reader = state;
	return sori_feed_pull(&reader->feed, batch, cut, reader, error);
}

/* ---- decode ---- */

static void set_fields(const struct html_reader *reader, struct sori_record *record, const struct cells *cells)
{
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		if (reader->shape.rows) {
			if (reader->column[role] >= 0 && (size_t)reader->column[role] < cells->count)
				record->field[role] = cells->text[reader->column[role]];
			continue;
		}
		for (size_t i = 0; reader->name[role] && i < cells->count && !record->field[role].length; i++)
			if (sori_view_is(cells->name[i], reader->name[role]))
				record->field[role] = cells->text[i];
	}
}

static enum sori_status html_decode(const void *state, struct sori_batch *batch, struct sori_error *error)
{
	const struct html_reader *reader = state;
	for (size_t i = 0; i < batch->count; i++) {
		struct sori_record *record = &batch->records[i];
		struct sori_view text;
		struct cells cells;
		if (record->reason != SORI_REASON_NONE)
			continue;
		if (!sori_decode_text(reader->encoding, record->raw, &batch->arena, &text))
			sori_batch_reject(batch, record, SORI_REASON_ENCODING);
		else if (!text.at)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		else if (!read_cells(&reader->shape, text, &batch->arena, &cells))
			sori_batch_reject(batch, record, SORI_REASON_SYNTAX);
		else if (cells.memory)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		else
			set_fields(reader, record, &cells);
	}
	return SORI_OK;
}

static const struct sori_reader reader = {
	.formats = "html htm",
	.probe = html_probe,
	.begin = html_begin,
	.pull = html_pull,
	.decode = html_decode,
	.end = html_end,
};

const struct sori_stage sori_stage_read_html = {
	.name = "read_html",
	.summary = "HTML tables and pages of repeated review blocks",
	.phase = SORI_PHASE_SOURCE,
	.writes = SORI_COLUMN_RAW | SORI_COLUMN_FIELDS,
	.reader = &reader,
};
