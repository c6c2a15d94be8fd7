/* Reads JSON lines, arrays of objects, arrays under a key of a wrapping object, and objects one after the other.
 *
 *   pull:   cuts elements by nesting and strings (scan.c), serial
 *   decode: yajl on each element (walk.c), parallel; nested members get dotted names
 *
 * A broken element is rejected up to the place where the next one plausibly begins. In JSON lines a line is an element,
 * whatever it holds, so that damage never passes a line end. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/columns.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/feed.h"
#include "pipeline/core/named_sample.h"
#include "pipeline/core/stage.h"
#include "stages/read_json/scan.h"
#include "stages/read_json/walk.h"

#define SAMPLE_ELEMENTS 1000
#define SAMPLE_NAMES 256
#define PROBED_LINES 20

enum json_shape { JSON_LINES, JSON_VALUES, JSON_ARRAY, JSON_WRAPPED };

struct json_reader {
	struct sori_feed feed;
	enum sori_encoding encoding;
	enum json_shape shape;
	size_t front;       /* bytes before the first element still to be taken: '[' and what wraps it */
	size_t indent;      /* blanks before the last element on its line */
	bool behind_array;  /* the array has been closed */
	bool in_broken;     /* the rest of a broken element comes next */
	bool after_comma, warned;
	bool sampling;      /* cutting the sample: no warnings */
	char *name[SORI_ROLE_COUNT]; /* borrowed from the input */
};

/* ---- cutting ---- */

static struct sori_piece piece(enum sori_piece_kind kind, size_t length)
{
	return (struct sori_piece){kind, length, SORI_REASON_NONE};
}

static struct sori_piece reject(size_t length, enum sori_reason reason)
{
	return (struct sori_piece){SORI_PIECE_REJECT, length, reason};
}

static void warn_comma(struct json_reader *reader)
{
	struct sori_input *input = reader->feed.input;
	if (reader->sampling || reader->warned)
		return;
	reader->warned = true;
	size_t used = strlen(input->warning);
	snprintf(input->warning + used, sizeof input->warning - used, "%sa comma without an element behind it, near line %llu: not JSON, all records kept",
		 used ? "; " : "", (unsigned long long)reader->feed.line);
}

/* From a broken element on to the next plausible one. */
static struct sori_piece cut_broken(struct json_reader *reader, struct sori_view text, size_t from, bool last)
{
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT;
	size_t next = sori_json_resync(sori_view_make(text.at, limit), from, reader->indent);
	if (next < limit) {
		reader->in_broken = false;
		return reject(next, SORI_REASON_SYNTAX);
	}
	if (limit == SORI_RECORD_LIMIT) {
		reader->in_broken = true;
		return reject(limit, SORI_REASON_SYNTAX);
	}
	if (!last)
		return piece(SORI_PIECE_MORE, 0);
	reader->in_broken = false;
	return reject(text.length, reader->feed.input->cut_short ? SORI_REASON_TRUNCATED : SORI_REASON_SYNTAX);
}

static struct sori_piece cut_line(struct json_reader *reader, struct sori_view text, bool last)
{
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT;
	const char *lf = memchr(text.at, '\n', limit);
	size_t length = lf ? (size_t)(lf - text.at) + 1 : limit;
	if (!lf && limit == SORI_RECORD_LIMIT) {
		reader->in_broken = true;
		return reject(limit, SORI_REASON_TOO_LONG);
	}
	if (!lf && !last)
		return piece(SORI_PIECE_MORE, 0);
	if (reader->in_broken) {
		reader->in_broken = false;
		return reject(length, SORI_REASON_TOO_LONG);
	}
	if (!lf && reader->feed.input->cut_short)
		return reject(length, SORI_REASON_TRUNCATED);
	return piece(sori_view_trim(sori_view_make(text.at, length)).length ? SORI_PIECE_RECORD : SORI_PIECE_BLANK, length);
}

/* White space and commas between elements; remembers the indentation of what follows. */
static struct sori_piece cut_between(struct json_reader *reader, struct sori_view text)
{
	size_t at = 0;
	for (; at < text.length && strchr(" \t\r\n,", text.at[at]) && text.at[at]; at++) {
		if (text.at[at] == ',') {
			if (reader->after_comma)
				warn_comma(reader);
			reader->after_comma = true;
		}
		reader->indent = text.at[at] == '\n' || text.at[at] == '\r' || text.at[at] == ',' ? 0 : reader->indent + 1;
	}
	return piece(SORI_PIECE_FRAMING, at);
}

static struct sori_piece cut_element(struct json_reader *reader, struct sori_view text, bool last)
{
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT, end;
	unsigned depth;
	struct sori_view window = sori_view_make(text.at, limit);
	enum json_scan result = sori_json_scan_value(window, last && limit == text.length, &end, &depth);
	if (result == JSON_SCAN_MORE && limit < SORI_RECORD_LIMIT && !last)
		return piece(SORI_PIECE_MORE, 0);
	reader->after_comma = false;
	if (result == JSON_SCAN_DONE)
		return depth > JSON_DEPTH_LIMIT ? reject(end, SORI_REASON_TOO_DEEP) : piece(SORI_PIECE_RECORD, end);
	return cut_broken(reader, text, result == JSON_SCAN_BROKEN ? end : 1, last);
}

static struct sori_piece cut(void *state, struct sori_view text, bool last)
{
	struct json_reader *reader = state;
	if (reader->front) {
		size_t length = reader->front < text.length ? reader->front : text.length;
		reader->front -= length;
		return piece(SORI_PIECE_FRAMING, length);
	}
	if (reader->shape == JSON_LINES)
		return cut_line(reader, text, last);
	if (reader->in_broken)
		return cut_broken(reader, text, 0, last);
	if (reader->behind_array && reader->shape == JSON_WRAPPED)
		return piece(SORI_PIECE_FRAMING, text.length);
	struct sori_piece between = cut_between(reader, text);
	if (between.length)
		return between;
	if (text.at[0] == ']' && reader->shape == JSON_ARRAY && !reader->behind_array) {
		if (reader->after_comma)
			warn_comma(reader);
		reader->behind_array = true;
		return piece(SORI_PIECE_FRAMING, 1);
	}
	if (text.at[0] == ']' && reader->shape == JSON_WRAPPED) {
		if (reader->after_comma)
			warn_comma(reader);
		reader->behind_array = true;
		return piece(SORI_PIECE_FRAMING, 1);
	}
	if (text.at[0] == '[' && reader->behind_array) { /* arrays one after the other */
		reader->behind_array = reader->after_comma = false;
		return piece(SORI_PIECE_FRAMING, 1);
	}
	return cut_element(reader, text, last);
}

/* ---- shape ---- */

/* How many of the first lines there are, when most of them hold one whole object; else 0. */
static size_t object_lines(const struct sori_sample *sample)
{
	struct sori_view text = sample->bytes;
	size_t lines = 0, whole = 0;
	while (text.length && lines < 100) {
		const char *lf = memchr(text.at, '\n', text.length);
		if (!lf && lines && !sample->whole)
			break; /* the last line of a sample may be cut */
		size_t length = lf ? (size_t)(lf - text.at) + 1 : text.length;
		struct sori_view line = sori_view_trim(sori_view_make(text.at, length));
		text = sori_view_slice(text, length, text.length);
		if (!line.length)
			continue;
		lines++;
		if (line.at[line.length - 1] == ',')
			line.length--;
		whole += line.length && line.at[0] == '{' && line.at[line.length - 1] == '}';
	}
	return whole * 2 >= lines + 1 ? lines : 0;
}

/* What may stand behind the '{' or '[' that begins JSON; "[공지] ..." is text. */
static bool begins_json(struct sori_view text, size_t start)
{
	size_t inner = sori_json_skip_blank(text, start + 1);
	return inner < text.length && text.at[inner] && strchr(text.at[start] == '{' ? "\"}" : "{[\"]-0123456789tfn", text.at[inner]);
}

static enum json_shape shape_of(const struct sori_sample *sample, size_t *front)
{
	struct sori_view text = sample->bytes;
	size_t start = sori_json_skip_blank(text, 0);
	*front = 0;
	if (start == text.length)
		return JSON_VALUES;
	size_t lines = object_lines(sample);
	if (text.at[start] == '[' && !(lines && !begins_json(text, start))) {
		*front = start + 1;
		return JSON_ARRAY;
	}
	size_t end, array;
	unsigned depth;
	struct sori_view rest = sori_view_slice(text, start, text.length);
	enum json_scan result = sori_json_scan_value(rest, true, &end, &depth);
	bool alone = result == JSON_SCAN_DONE ? sori_json_skip_blank(rest, end) == rest.length : lines < 2;
	if (alone && (array = sori_json_find_array(rest))) {
		*front = start + array;
		return JSON_WRAPPED;
	}
	return lines ? JSON_LINES : JSON_VALUES;
}

static bool is_object(struct sori_view line)
{
	size_t end;
	unsigned depth;
	if (line.length && line.at[line.length - 1] == ',')
		line.length--;
	size_t inner = sori_json_skip_blank(line, 1);
	return inner < line.length && line.at[0] == '{' && (line.at[inner] == '"' || line.at[inner] == '}') &&
	       sori_json_scan_value(line, true, &end, &depth) == JSON_SCAN_DONE && end == line.length;
}

/* A file that begins in the middle of a record, or with a broken one, is JSON lines all the same. */
static bool most_lines_are_objects(const struct sori_sample *sample)
{
	struct sori_view text = sample->bytes;
	size_t lines = 0, whole = 0;
	while (text.length && lines < PROBED_LINES) {
		const char *lf = memchr(text.at, '\n', text.length);
		if (!lf && !sample->whole)
			break;
		size_t length = lf ? (size_t)(lf - text.at) + 1 : text.length;
		struct sori_view line = sori_view_trim(sori_view_make(text.at, length));
		text = sori_view_slice(text, length, text.length);
		lines += line.length > 0;
		whole += is_object(line);
	}
	return whole * 2 > lines;
}

static bool ends_with(struct sori_view name, const char *ending)
{
	size_t length = strlen(ending);
	return name.length >= length &&
	       sori_view_equal_nocase(sori_view_slice(name, name.length - length, name.length), sori_view_of(ending));
}

static bool is_named_json(const char *path)
{
	static const char *const endings[] = {".json", ".jsonl", ".ndjson"};
	struct sori_view name = sori_view_of(path ? path : "");
	if (ends_with(name, ".gz"))
		name.length -= 3;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (ends_with(name, endings[i]))
			return true;
	return false;
}

static int json_probe(const struct sori_sample *sample)
{
	struct sori_view text = sample->bytes;
	size_t start = sori_json_skip_blank(text, 0), end;
	unsigned depth;
	if (start < text.length && (text.at[start] == '{' || text.at[start] == '[') && is_named_json(sample->path))
		return 95;
	if (most_lines_are_objects(sample))
		return 95;
	if (start == text.length || (text.at[start] != '{' && text.at[start] != '['))
		return 0;
	if (!begins_json(text, start))
		return 0;
	size_t inner = sori_json_skip_blank(text, start + 1);
	enum json_scan result = sori_json_scan_value(sori_view_slice(text, start, text.length), true, &end, &depth);
	return text.at[start] == '{' || text.at[inner] == '{' ? 95 : result == JSON_SCAN_BROKEN ? 5 : 85;
}

/* ---- columns ---- */

static bool take_sample(void *user, struct sori_view name, struct sori_view value, bool inside_array)
{
	(void)inside_array;
	sori_named_sample_add(user, name, value);
	return true;
}

static void sample_element(struct json_reader *reader, struct json_walker *walker, struct sori_named_sample *table,
			   struct sori_view raw)
{
	struct sori_view element;
	bool memory = false, good = false;
	if (sori_decode_text(reader->encoding, raw, sori_named_sample_arena(table), &element)) {
		element = sori_view_trim(element);
		if (reader->shape == JSON_LINES && element.length && element.at[element.length - 1] == ',')
			element.length--;
		good = sori_json_walk(walker, element, &memory) == SORI_REASON_NONE;
	}
	sori_named_sample_end_row(table, good);
	if (memory)
		sori_named_sample_no_memory(table);
}

static void read_table(struct json_reader *reader, const struct sori_sample *sample, struct sori_named_sample *table)
{
	struct json_walker *walker = sori_json_walker_new(take_sample, table);
	struct json_reader cutter = *reader;
	struct sori_view rest = sample->bytes;
	cutter.sampling = true;
	if (!walker)
		sori_named_sample_no_memory(table);
	while (walker && rest.length) {
		struct sori_piece next = cut(&cutter, rest, sample->whole);
		if (next.kind == SORI_PIECE_MORE)
			break;
		if (next.kind == SORI_PIECE_RECORD) {
			if (!sori_named_sample_begin_row(table))
				break;
			sample_element(reader, walker, table, sori_view_slice(rest, 0, next.length));
		}
		rest = sori_view_slice(rest, next.length, rest.length);
	}
	sori_json_walker_free(walker);
}

static enum sori_status choose_columns(struct json_reader *reader, struct sori_input *input,
				       const struct sori_input_wish *wish, const struct sori_sample *sample,
				       struct sori_error *error)
{
	struct sori_named_sample *table = sori_named_sample_new(SAMPLE_ELEMENTS, SAMPLE_NAMES);
	if (!table)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	read_table(reader, sample, table);
	enum sori_status status = sori_named_sample_choose(table, wish, input, error);
	sori_named_sample_free(table);
	return status;
}

static void json_end(void *state)
{
	struct json_reader *reader = state;
	sori_feed_release(&reader->feed);
	sori_free(reader);
}

static enum sori_status json_begin(void **state, struct sori_input *input, const struct sori_input_wish *wish,
				   const struct sori_sample *sample, struct sori_bytes *bytes, struct sori_error *error)
{
	struct json_reader *reader = sori_alloc_zero(1, sizeof *reader);
	if (!reader)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_feed_init(&reader->feed, bytes, input);
	reader->encoding = input->encoding;
	reader->shape = shape_of(sample, &reader->front);
	input->format_name = reader->shape == JSON_LINES ? "jsonl" : "json";
	enum sori_status status = choose_columns(reader, input, wish, sample, error);
	if (status != SORI_OK) {
		json_end(reader);
		return status;
	}
	for (int role = 0; role < SORI_ROLE_COUNT; role++)
		reader->name[role] = input->column[role];
	*state = reader;
	return SORI_OK;
}

static enum sori_status json_pull(void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct json_reader *reader = state;
	enum sori_status status = sori_feed_pull(&reader->feed, batch, cut, reader, error);
	struct sori_input *input = reader->feed.input;
	if (status == SORI_END && (reader->shape == JSON_ARRAY || reader->shape == JSON_WRAPPED) && !reader->behind_array &&
	    !input->incomplete) {
		input->incomplete = true;
		snprintf(input->problem, sizeof input->problem, "the file ends inside its array");
	}
	return status;
}

/* ---- decode ---- */

struct decoding {
	const struct json_reader *reader;
	struct sori_arena *arena;
	struct sori_record *record;
	struct sori_view element;
	unsigned taken; /* bit per role */
	bool memory;
};

static bool take_field(void *user, struct sori_view name, struct sori_view value, bool inside_array)
{
	struct decoding *d = user;
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		if (!d->reader->name[role] || !sori_view_is(name, d->reader->name[role]))
			continue;
		if (d->taken >> role & 1) {
			if (!inside_array)
				return false; /* the same member twice: which one is meant? */
			continue;
		}
		d->taken |= 1u << role;
		bool inside = value.at >= d->element.at && value.at < d->element.at + d->element.length;
		if (!inside)
			value = sori_arena_copy(d->arena, value);
		if (!value.at && value.length) {
			d->memory = true;
			return false;
		}
		d->record->field[role] = role == SORI_ROLE_TEXT ? value : sori_view_trim(value);
	}
	return true;
}

static enum sori_reason decode_record(struct decoding *d, struct json_walker *walker, struct sori_record *record)
{
	struct sori_view element;
	if (!sori_decode_text(d->reader->encoding, record->raw, d->arena, &element))
		return SORI_REASON_ENCODING;
	if (!element.at) {
		d->memory = true;
		return SORI_REASON_SYNTAX;
	}
	element = sori_view_trim(element);
	if (d->reader->shape == JSON_LINES && element.length && element.at[element.length - 1] == ',')
		element.length--;
	if (sori_json_has_lone_surrogate(element))
		return SORI_REASON_ENCODING;
	d->record = record;
	d->element = element;
	d->taken = 0;
	bool memory;
	enum sori_reason reason = sori_json_walk(walker, element, &memory);
	d->memory = d->memory || memory;
	for (int role = 0; role < SORI_ROLE_COUNT && reason == SORI_REASON_NONE; role++)
		if (record->field[role].length && memchr(record->field[role].at, '\0', record->field[role].length))
			reason = SORI_REASON_NUL;
	return reason;
}

static enum sori_status json_decode(const void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct decoding d = {.reader = state, .arena = &batch->arena};
	struct json_walker *walker = sori_json_walker_new(take_field, &d);
	if (!walker)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < batch->count && !d.memory; i++) {
		struct sori_record *record = &batch->records[i];
		if (record->reason != SORI_REASON_NONE)
			continue;
		enum sori_reason reason = decode_record(&d, walker, record);
		if (reason != SORI_REASON_NONE)
			sori_batch_reject(batch, record, reason);
	}
	sori_json_walker_free(walker);
	return d.memory ? sori_fail(error, SORI_SYSTEM, "out of memory") : SORI_OK;
}

static const struct sori_reader reader = {
	.formats = "jsonl json",
	.probe = json_probe,
	.begin = json_begin,
	.pull = json_pull,
	.decode = json_decode,
	.end = json_end,
};

const struct sori_stage sori_stage_read_json = {
	.name = "read_json",
	.summary = "JSON lines and JSON arrays",
	.phase = SORI_PHASE_SOURCE,
	.writes = SORI_COLUMN_RAW | SORI_COLUMN_FIELDS,
	.reader = &reader,
};
