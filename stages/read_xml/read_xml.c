/* Reads XML: record elements are cut from the raw bytes by their tags (scan.c, serial), each is parsed by libxml2 by
 * itself (parse.c, parallel). What stands between them is framing; its tags are followed too, so that a document that
 * ends too early is noticed. A document type with declarations of its own is refused: feedback needs none, and entities
 * are how a small file becomes a large one. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/columns.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/feed.h"
#include "pipeline/core/named_sample.h"
#include "pipeline/core/stage.h"
#include "stages/read_xml/parse.h"
#include "stages/read_xml/scan.h"

#define SAMPLE_ELEMENTS 1000
#define SAMPLE_NAMES 128

struct xml_reader {
	struct sori_feed feed;
	enum sori_encoding encoding;
	char *record;            /* name of the record element */
	bool in_broken;          /* the rest of a broken element comes next */
	bool sampling;
	int level;               /* of open elements around the records */
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

/* Where the next record element begins, from `from` on; `limit` when nowhere before it. */
static size_t next_record(const struct xml_reader *reader, struct sori_view text, size_t from, size_t limit)
{
	size_t name = strlen(reader->record);
	while (from < limit) {
		const char *at = memchr(text.at + from, '<', limit - from);
		if (!at)
			return limit;
		from = (size_t)(at - text.at);
		if (from + 1 + name < limit && memcmp(at + 1, reader->record, name) == 0 && strchr(" \t\r\n/>", at[1 + name]))
			return from;
		from++;
	}
	return limit;
}

/* A record element that does not end: rejected up to where the next one begins. */
static struct sori_piece cut_broken(struct xml_reader *reader, struct sori_view text, size_t from, bool last,
				    enum sori_reason reason)
{
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT;
	size_t next = next_record(reader, text, from, limit);
	reader->in_broken = false;
	if (next < limit)
		return reject(next, reason);
	if (limit == SORI_RECORD_LIMIT) {
		reader->in_broken = true;
		return reject(limit, reason);
	}
	if (!last)
		return piece(SORI_PIECE_MORE, 0);
	return reject(text.length, reader->feed.input->cut_short ? SORI_REASON_TRUNCATED : reason);
}

static struct sori_piece cut_record(struct xml_reader *reader, struct sori_view text, bool last)
{
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT, end;
	enum xml_cut result = sori_xml_element_end(sori_view_make(text.at, limit), sori_view_of(reader->record), &end);
	if (result == XML_CUT_DONE) {
		/* a close tag that is missing makes the element run on into the next one */
		size_t next = next_record(reader, text, 1, end);
		if (next < end) {
			size_t inner;
			if (sori_xml_element_end(sori_view_make(text.at + next, end - next), sori_view_of(reader->record), &inner) ==
				    XML_CUT_DONE && next + inner == end)
				return reject(next, SORI_REASON_SYNTAX);
		}
		return piece(SORI_PIECE_RECORD, end);
	}
	if (result == XML_CUT_MORE && limit < SORI_RECORD_LIMIT && !last)
		return piece(SORI_PIECE_MORE, 0);
	return cut_broken(reader, text, 1, last, result == XML_CUT_MORE && limit == SORI_RECORD_LIMIT ? SORI_REASON_TOO_LONG
												      : SORI_REASON_SYNTAX);
}

static struct sori_piece refuse(struct xml_reader *reader, size_t length)
{
	struct sori_input *input = reader->feed.input;
	if (!reader->sampling && !input->refused) {
		input->refused = true;
		snprintf(input->problem, sizeof input->problem, "a document type with declarations of its own, at line %llu: entities are not read",
			 (unsigned long long)reader->feed.line);
	}
	return piece(SORI_PIECE_FRAMING, length);
}

static struct sori_piece cut(void *state, struct sori_view text, bool last)
{
	struct xml_reader *reader = state;
	if (reader->in_broken)
		return cut_broken(reader, text, 0, last, SORI_REASON_SYNTAX);
	struct xml_token token = sori_xml_next(text);
	if (token.kind == XML_CUT) {
		/* a comment may be longer than a record; then its parts are framing one by one */
		if (!last && text.length < SORI_RECORD_LIMIT)
			return piece(SORI_PIECE_MORE, 0);
		size_t next = next_record(reader, text, 1, text.length);
		return piece(SORI_PIECE_FRAMING, next);
	}
	if (token.kind == XML_DOCTYPE)
		return refuse(reader, token.length);
	bool ours = token.name.at && sori_view_is(token.name, reader->record);
	if (ours && (token.kind == XML_OPEN || token.kind == XML_EMPTY))
		return cut_record(reader, text, last);
	if (token.kind == XML_OPEN)
		reader->level++;
	if (token.kind == XML_CLOSE)
		reader->level--;
	return piece(SORI_PIECE_FRAMING, token.length);
}

/* ---- begin ---- */

static int xml_probe(const struct sori_sample *sample)
{
	struct sori_view front = sori_view_trim(sori_view_slice(sample->bytes, 0, 4096));
	bool doctype;
	if (!front.length || front.at[0] != '<')
		return 0;
	for (size_t i = 0; i + 5 < front.length; i++)
		if (sori_view_equal_nocase(sori_view_slice(front, i, 5), SORI_VIEW_LITERAL("<html")) ||
		    (i + 14 < front.length &&
		     sori_view_equal_nocase(sori_view_slice(front, i, 14), SORI_VIEW_LITERAL("<!doctype html"))))
			return 0;
	if (memcmp(front.at, "<?xml", front.length < 5 ? front.length : 5) == 0)
		return 95;
	return sori_xml_guess_record(sample->bytes, &doctype).length || doctype ? 80 : 0;
}

static void take_sample(void *user, struct sori_view name, struct sori_view value)
{
	sori_named_sample_add(user, name, value);
}

static void read_table(struct xml_reader *reader, const struct sori_sample *sample, struct sori_named_sample *table)
{
	struct xml_parser *parser = sori_xml_parser_new(take_sample, table);
	struct xml_reader cutter = *reader;
	struct sori_view rest = sample->bytes, element;
	cutter.sampling = true;
	if (!parser)
		sori_named_sample_no_memory(table);
	while (parser && rest.length) {
		struct sori_piece next = cut(&cutter, rest, sample->whole);
		if (next.kind == SORI_PIECE_MORE)
			break;
		if (next.kind == SORI_PIECE_RECORD) {
			if (!sori_named_sample_begin_row(table))
				break;
			sori_named_sample_end_row(
				table, sori_decode_text(reader->encoding, sori_view_slice(rest, 0, next.length),
							sori_named_sample_arena(table), &element) &&
					       element.at && sori_xml_parse(parser, element) == SORI_REASON_NONE);
		}
		rest = sori_view_slice(rest, next.length, rest.length);
	}
	sori_xml_parser_free(parser);
}

static enum sori_status choose_columns(struct xml_reader *reader, struct sori_input *input, const struct sori_input_wish *wish,
				       const struct sori_sample *sample, struct sori_error *error)
{
	struct sori_named_sample *table = sori_named_sample_new(SAMPLE_ELEMENTS, SAMPLE_NAMES);
	if (!table)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	read_table(reader, sample, table);
	enum sori_status status = sori_named_sample_choose(table, wish, input, error);
	sori_named_sample_free(table);
	return status;
}

static void xml_end(void *state)
{
	struct xml_reader *reader = state;
	sori_feed_release(&reader->feed);
	sori_free(reader->record);
	sori_free(reader);
}

static enum sori_status xml_begin(void **state, struct sori_input *input, const struct sori_input_wish *wish,
				  const struct sori_sample *sample, struct sori_bytes *bytes, struct sori_error *error)
{
	struct xml_reader *reader = sori_alloc_zero(1, sizeof *reader);
	if (!reader)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_xml_parser_prepare();
	sori_feed_init(&reader->feed, bytes, input);
	reader->encoding = input->encoding;
	input->format_name = "xml";
	bool doctype = false;
	struct sori_view record = wish->record ? sori_view_of(wish->record) : sori_xml_guess_record(sample->bytes, &doctype);
	reader->record = sori_strdup_n(record.length ? record.at : "", record.length);
	enum sori_status status = SORI_OK;
	if (!reader->record) {
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	} else if (doctype) {
		refuse(reader, 0);
	} else if (!record.length) {
		input->refused = true;
		snprintf(input->problem, sizeof input->problem, "no repeated element with text found: give --record ELEMENT");
	} else {
		status = choose_columns(reader, input, wish, sample, error);
	}
	if (status != SORI_OK) {
		xml_end(reader);
		return status;
	}
	for (int role = 0; role < SORI_ROLE_COUNT; role++)
		reader->name[role] = input->column[role];
	*state = reader;
	return SORI_OK;
}

static enum sori_status xml_pull(void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct xml_reader *reader = state;
	enum sori_status status = sori_feed_pull(&reader->feed, batch, cut, reader, error);
	struct sori_input *input = reader->feed.input;
	if (status == SORI_END && reader->level > 0 && !input->incomplete) {
		input->incomplete = true;
		snprintf(input->problem, sizeof input->problem, "the document ends before its root element is closed");
	}
	return input->refused ? SORI_END : status;
}

/* ---- decode ---- */

struct decoding {
	const struct xml_reader *reader;
	struct sori_arena *arena;
	struct sori_record *record;
	bool memory;
};

/* A text in several elements of the same name is one text of several lines; of anything else the first counts. */
static void take_field(void *user, struct sori_view name, struct sori_view value)
{
	struct decoding *d = user;
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		if (!d->reader->name[role] || !sori_view_is(name, d->reader->name[role]))
			continue;
		struct sori_view *field = &d->record->field[role];
		if (!field->length) {
			*field = sori_arena_copy(d->arena, value);
			d->memory = d->memory || (value.length && !field->at);
		} else if (role == SORI_ROLE_TEXT) {
			char *both = sori_arena_alloc(d->arena, field->length + value.length + 1);
			if (!both) {
				d->memory = true;
				return;
			}
			memcpy(both, field->at, field->length);
			both[field->length] = '\n';
			memcpy(both + field->length + 1, value.at, value.length);
			*field = sori_view_make(both, field->length + value.length + 1);
		}
	}
}

static enum sori_status xml_decode(const void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct decoding d = {.reader = state, .arena = &batch->arena};
	struct xml_parser *parser = sori_xml_parser_new(take_field, &d);
	if (!parser)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < batch->count && !d.memory; i++) {
		struct sori_record *record = &batch->records[i];
		struct sori_view element;
		if (record->reason != SORI_REASON_NONE)
			continue;
		if (!sori_decode_text(d.reader->encoding, record->raw, &batch->arena, &element)) {
			sori_batch_reject(batch, record, SORI_REASON_ENCODING);
			continue;
		}
		d.record = record;
		d.memory = !element.at;
		enum sori_reason reason = d.memory ? SORI_REASON_NONE : sori_xml_parse(parser, element);
		d.memory = d.memory || sori_xml_parser_out_of_memory(parser);
		if (reason != SORI_REASON_NONE)
			sori_batch_reject(batch, record, reason);
	}
	sori_xml_parser_free(parser);
	return d.memory ? sori_fail(error, SORI_SYSTEM, "out of memory") : SORI_OK;
}

static const struct sori_reader reader = {
	.formats = "xml rss",
	.probe = xml_probe,
	.begin = xml_begin,
	.pull = xml_pull,
	.decode = xml_decode,
	.end = xml_end,
};

const struct sori_stage sori_stage_read_xml = {
	.name = "read_xml",
	.summary = "XML, record element given or guessed; RSS",
	.phase = SORI_PHASE_SOURCE,
	.writes = SORI_COLUMN_RAW | SORI_COLUMN_FIELDS,
	.reader = &reader,
};
