/* Reads delimited text: CSV, TSV, semicolon and pipe.
 *
 *   pull:   fill -> bit maps (mask.c) -> records and fields (cut.c) -> raw field views of the chosen columns
 *   decode: quotes off, escapes, UTF-8 check or transcoding
 *
 * The borders are found in the serial step because a quote can move every border behind it; the bytes are not copied
 * there. What a field says is made in the parallel step, and only for the columns that mean something. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/columns.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/feed.h"
#include "pipeline/core/stage.h"
#include "stages/read_csv/dialect.h"

struct csv_reader {
	struct sori_feed feed;
	struct csv_cutter cutter;
	struct csv_marks marks;
	enum sori_encoding encoding;
	unsigned header_left; /* records at the front that are no data */
	bool named;           /* the last of them is a header line */
	bool header_repeats;  /* records are compared with it: input->header */
	bool in_long_line;    /* the rest of a line over the limit comes next */
	unsigned mapped;
	uint8_t role[SORI_ROLE_COUNT];
	uint16_t column[SORI_ROLE_COUNT];
};

/* ---- choosing ---- */

static bool ends_with(const char *path, const char *ending)
{
	size_t length = strlen(path), extra = strlen(ending);
	if (length > 3 && strcmp(path + length - 3, ".gz") == 0)
		length -= 3;
	return length >= extra && sori_view_equal_nocase(sori_view_make(path + length - extra, extra), sori_view_of(ending));
}

static bool first_line_is_known(struct sori_view sample, const struct csv_marks *marks)
{
	const char *end = memchr(sample.at, '\n', sample.length);
	struct sori_view line = sori_view_make(sample.at, end ? (size_t)(end - sample.at) : sample.length);
	while (line.length) {
		const char *next = memchr(line.at, marks->delimiter, line.length);
		size_t length = next ? (size_t)(next - line.at) : line.length;
		if (sori_column_is_known(sori_view_make(line.at, length)))
			return true;
		line = sori_view_slice(line, length + 1, line.length);
	}
	return false;
}

static int csv_probe(const struct sori_sample *sample)
{
	struct csv_dialect dialect;
	struct sori_view front = sori_view_trim(sori_view_slice(sample->bytes, 0, 4096));
	if (!front.length)
		return 0;
	if (!sori_csv_guess_marks(sample->bytes, sample->whole, '\0', &dialect))
		return -1;
	bool named = ends_with(sample->path, ".csv") || ends_with(sample->path, ".tsv");
	bool known = first_line_is_known(sample->bytes, &dialect.marks);
	if (front.at[0] == '<' || front.at[0] == '{' || front.at[0] == '[')
		return named ? 20 : 0;
	if (dialect.columns > 1 && dialect.share >= 0.7 && (dialect.records > 1 || known || named))
		return 60 + (int)(dialect.share * 20) + (named ? 5 : 0) + (known ? 5 : 0);
	if (dialect.sep_line || named)
		return 50;
	return known ? 40 : 0;
}

static char wished_delimiter(const struct sori_input_wish *wish)
{
	return wish->format && strcmp(wish->format, "tsv") == 0 ? '\t' : '\0';
}

static const char *format_name(char delimiter)
{
	return delimiter == '\t' ? "tsv" : "csv";
}

static void map_columns(struct csv_reader *reader, const struct sori_column_choice *choice)
{
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		if (choice->column[role] < 0)
			continue;
		reader->role[reader->mapped] = (uint8_t)role;
		reader->column[reader->mapped++] = (uint16_t)choice->column[role];
	}
}

static enum sori_status choose_columns(struct csv_reader *reader, struct sori_input *input, const struct sori_input_wish *wish,
				       const struct sori_sample *sample, struct csv_dialect *dialect, struct sori_error *error)
{
	struct sori_arena arena;
	sori_arena_init(&arena, 256 * 1024);
	struct sori_column_choice choice;
	enum sori_status status;
	if (sori_csv_read_table(sample->bytes, sample->whole, input->encoding, dialect, &arena)) {
		struct sori_column_table table = {dialect->names, dialect->columns, dialect->values, dialect->rows,
						  dialect->header};
		status = sori_columns_choose(&table, wish, input, &choice, error);
		if (status == SORI_OK)
			map_columns(reader, &choice);
	} else {
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	sori_arena_release(&arena);
	return status;
}

static void csv_end(void *state)
{
	struct csv_reader *reader = state;
	sori_feed_release(&reader->feed);
	sori_csv_cutter_release(&reader->cutter);
	sori_free(reader);
}

static enum sori_status csv_begin(void **state, struct sori_input *input, const struct sori_input_wish *wish,
				  const struct sori_sample *sample, struct sori_bytes *bytes, struct sori_error *error)
{
	struct csv_dialect dialect;
	struct csv_reader *reader = sori_alloc_zero(1, sizeof *reader);
	if (!reader)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_feed_init(&reader->feed, bytes, input);
	reader->encoding = input->encoding;
	enum sori_status status = SORI_OK;
	if (!sori_csv_guess_marks(sample->bytes, sample->whole, wished_delimiter(wish), &dialect))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	else
		status = choose_columns(reader, input, wish, sample, &dialect, error);
	reader->marks = dialect.marks;
	reader->header_left = (dialect.header ? 1u : 0u) + (dialect.sep_line ? 1u : 0u);
	reader->named = dialect.header;
	input->delimiter = dialect.marks.delimiter;
	input->format_name = format_name(dialect.marks.delimiter);
	if (status == SORI_OK && !sori_csv_cutter_init(&reader->cutter, &dialect.marks, dialect.columns, SORI_COLUMN_LIMIT))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status != SORI_OK) {
		csv_end(reader);
		return status;
	}
	*state = reader;
	return SORI_OK;
}

/* ---- pull ---- */

static enum sori_reason reason_of(enum csv_result result)
{
	switch (result) {
	case CSV_COLUMNS: return SORI_REASON_COLUMNS;
	case CSV_QUOTE: return SORI_REASON_QUOTE;
	case CSV_TOO_LONG: return SORI_REASON_TOO_LONG;
	case CSV_TOO_MANY: return SORI_REASON_TOO_MANY_FIELDS;
	case CSV_RECORD:
	case CSV_BLANK:
	case CSV_MORE: break;
	}
	return SORI_REASON_NONE;
}

/* Lines behind a stray quote that have the wrong number of columns are the rest of the same broken record: they go into
 * the same rejected piece, up to the next line that parses. CSV_MORE when the decision needs more text. */
static enum csv_result take_fragments(struct csv_cutter *cutter, size_t start, size_t *end)
{
	uint64_t lines = cutter->lines, tentative_lines = lines;
	size_t tentative = *end;
	for (int i = 0; i < CSV_FRAGMENT_LINES && cutter->columns > 1; i++) {
		size_t next;
		if (tentative >= cutter->length) {
			if (!cutter->last)
				return CSV_MORE;
			break;
		}
		enum csv_result result = sori_csv_cut(cutter, tentative, &next);
		if (result == CSV_MORE)
			return CSV_MORE;
		if ((result != CSV_COLUMNS && result != CSV_BLANK) || next - start > SORI_RECORD_LIMIT)
			break;
		tentative = next;
		tentative_lines += cutter->lines;
		if (result == CSV_COLUMNS) {
			*end = tentative;
			lines = tentative_lines;
		}
	}
	cutter->lines = lines;
	return CSV_QUOTE;
}

static enum csv_result next_piece(struct csv_reader *reader, size_t at, size_t *end)
{
	struct csv_cutter *cutter = &reader->cutter;
	size_t columns = cutter->columns;
	if (reader->in_long_line)
		return sori_csv_cut_rest(cutter, at, end);
	if (reader->header_left)
		cutter->columns = 0;
	enum csv_result result = sori_csv_cut(cutter, at, end);
	cutter->columns = columns;
	return result == CSV_QUOTE && !reader->header_left ? take_fragments(cutter, at, end) : result;
}

static void set_fields(const struct csv_reader *reader, struct sori_record *record, size_t start)
{
	const struct csv_cutter *cutter = &reader->cutter;
	for (unsigned i = 0; i < reader->mapped; i++) {
		size_t column = reader->column[i];
		size_t from = column ? cutter->ends[column - 1] + 1 : start;
		record->field[reader->role[i]] = sori_view_make(cutter->data + from, cutter->ends[column] - from);
	}
	record->needs_work = cutter->quoted || cutter->marks.escape;
}

static bool take_record(struct csv_reader *reader, struct sori_batch *batch, size_t at, size_t end, enum csv_result result)
{
	struct csv_cutter *cutter = &reader->cutter;
	enum sori_reason reason = reason_of(result);
	bool cut_off = end == cutter->length && reader->feed.ended && reader->feed.input->cut_short &&
		       cutter->data[end - 1] != '\n';
	if (cut_off)
		reason = SORI_REASON_TRUNCATED;
	struct sori_record *record = sori_feed_record(&reader->feed, batch, at, end - at, cutter->lines, reason);
	if (!record)
		return false;
	if (reason == SORI_REASON_NONE)
		set_fields(reader, record, at);
	reader->in_long_line = result == CSV_TOO_LONG && cutter->lines == 0;
	return true;
}

/* Without the byte order mark and the line's end, which may differ where files were joined. */
static struct sori_view header_bytes(struct sori_view line)
{
	if (line.length >= 3 && memcmp(line.at, "\xef\xbb\xbf", 3) == 0)
		line = sori_view_slice(line, 3, line.length);
	while (line.length && (line.at[line.length - 1] == '\n' || line.at[line.length - 1] == '\r'))
		line.length--;
	return line;
}

static bool keep_header(struct csv_reader *reader, struct sori_view line)
{
	struct sori_input *input = reader->feed.input;
	line = header_bytes(line);
	/* a text may well be the one word that the only column is called */
	reader->header_repeats = reader->cutter.columns >= 2;
	input->header = sori_strdup_n(line.at, line.length);
	input->header_length = line.length;
	return input->header != NULL;
}

/* Dumps joined end to end repeat their header line; it is no feedback. */
static bool is_header_again(const struct csv_reader *reader, size_t at, size_t end)
{
	const struct sori_input *input = reader->feed.input;
	if (!reader->header_repeats || end - at < input->header_length || end - at > input->header_length + 5)
		return false;
	return sori_view_equal(header_bytes(sori_view_make(reader->cutter.data + at, end - at)),
			       sori_view_make(input->header, input->header_length));
}

/* Cuts all that can be cut; *at moves on. False when memory is out. */
static bool cut_all(struct csv_reader *reader, struct sori_batch *batch, size_t *at)
{
	struct csv_cutter *cutter = &reader->cutter;
	while (*at < cutter->length) {
		size_t end;
		enum csv_result result = next_piece(reader, *at, &end);
		if (result == CSV_MORE)
			return true;
		if (result == CSV_BLANK) {
			sori_feed_blank(&reader->feed, end - *at, cutter->lines);
		} else if (reader->header_left) {
			if (--reader->header_left == 0 && reader->named &&
			    !keep_header(reader, sori_view_make(cutter->data + *at, end - *at)))
				return false;
			sori_feed_header(&reader->feed, end - *at, cutter->lines);
		} else if (result == CSV_RECORD && is_header_again(reader, *at, end)) {
			sori_feed_header(&reader->feed, end - *at, cutter->lines);
		} else if (!take_record(reader, batch, *at, end, result)) {
			return false;
		}
		*at = end;
	}
	return true;
}

static enum sori_status csv_pull(void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct csv_reader *reader = state;
	size_t want = SORI_BATCH_RAW_TARGET, at = 0;
	for (bool fresh = true;; fresh = false) {
		enum sori_status status = sori_feed_fill(&reader->feed, batch, want, error);
		if (status != SORI_OK)
			return status;
		if (!sori_csv_cutter_set(&reader->cutter, batch->raw.at, batch->raw.length, reader->feed.ended, fresh) ||
		    !cut_all(reader, batch, &at))
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		if (batch->count || (reader->feed.ended && at == batch->raw.length))
			break;
		want = batch->raw.length * 2;
	}
	if (batch->count == 0)
		return SORI_END;
	return sori_feed_keep(&reader->feed, batch, at, error);
}

/* ---- decode ---- */

static bool record_is_valid(const struct csv_reader *reader, struct sori_view raw)
{
	return reader->encoding == SORI_ENCODING_CP949 ? sori_cp949_is_valid(raw) : sori_utf8_is_valid(raw);
}

static bool decode_record(const struct csv_reader *reader, struct sori_batch *batch, struct sori_record *record)
{
	for (unsigned i = 0; i < reader->mapped; i++) {
		struct sori_view *field = &record->field[reader->role[i]];
		if (record->needs_work) {
			sori_csv_field_text(&reader->marks, *field, &batch->arena, field);
			if (!field->at)
				return false;
		}
		if (reader->encoding == SORI_ENCODING_CP949) {
			struct sori_view text;
			if (sori_cp949_to_utf8(*field, &batch->arena, &text) && !text.at)
				return false;
			*field = text;
		}
		if (reader->role[i] != SORI_ROLE_TEXT)
			*field = sori_view_trim(*field);
	}
	return true;
}

static enum sori_status csv_decode(const void *state, struct sori_batch *batch, struct sori_error *error)
{
	const struct csv_reader *reader = state;
	struct sori_view all = sori_buffer_view(&batch->raw);
	/* one test for the batch: records end at ASCII bytes, so all are valid exactly when the whole is */
	bool valid = reader->encoding != SORI_ENCODING_CP949 && sori_utf8_is_valid(all);
	bool zeros = all.length && memchr(all.at, '\0', all.length);
	for (size_t i = 0; i < batch->count; i++) {
		struct sori_record *record = &batch->records[i];
		if (record->reason != SORI_REASON_NONE)
			continue;
		if (!valid && !record_is_valid(reader, record->raw))
			sori_batch_reject(batch, record, SORI_REASON_ENCODING);
		else if (zeros && memchr(record->raw.at, '\0', record->raw.length))
			sori_batch_reject(batch, record, SORI_REASON_NUL);
		else if (!decode_record(reader, batch, record))
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	return SORI_OK;
}

static const struct sori_reader reader = {
	.formats = "csv tsv",
	.probe = csv_probe,
	.begin = csv_begin,
	.pull = csv_pull,
	.decode = csv_decode,
	.end = csv_end,
};

const struct sori_stage sori_stage_read_csv = {
	.name = "read_csv",
	.summary = "delimited text: CSV, TSV, semicolon, pipe",
	.phase = SORI_PHASE_SOURCE,
	.writes = SORI_COLUMN_RAW | SORI_COLUMN_FIELDS,
	.reader = &reader,
};
