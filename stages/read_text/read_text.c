/* Reads plain text: one record a line, the line is the text. Takes what no other reader wants. */
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/columns.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/feed.h"
#include "pipeline/core/stage.h"

struct text_reader {
	struct sori_feed feed;
	enum sori_encoding encoding;
	bool in_long_line; /* the rest of a line over the limit comes next */
};

static int text_probe(const struct sori_sample *sample)
{
	if (!sample->bytes.length || memchr(sample->bytes.at, '\0', sample->bytes.length))
		return 0;
	return 10;
}

static void text_end(void *state)
{
	struct text_reader *reader = state;
	sori_feed_release(&reader->feed);
	sori_free(reader);
}

static enum sori_status text_begin(void **state, struct sori_input *input, const struct sori_input_wish *wish,
				   const struct sori_sample *sample, struct sori_bytes *bytes, struct sori_error *error)
{
	(void)wish;
	(void)sample;
	struct text_reader *reader = sori_alloc_zero(1, sizeof *reader);
	if (!reader || !(input->column[SORI_ROLE_TEXT] = sori_strdup_n("line", 4))) {
		sori_free(reader);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	sori_feed_init(&reader->feed, bytes, input);
	reader->encoding = input->encoding;
	input->format_name = "text";
	*state = reader;
	return SORI_OK;
}

static struct sori_piece reject(size_t length, enum sori_reason reason)
{
	return (struct sori_piece){SORI_PIECE_REJECT, length, reason};
}

static struct sori_piece cut_line(void *state, struct sori_view text, bool last)
{
	struct text_reader *reader = state;
	size_t limit = text.length < SORI_RECORD_LIMIT ? text.length : SORI_RECORD_LIMIT;
	const char *lf = memchr(text.at, '\n', limit);
	size_t length = lf ? (size_t)(lf - text.at) : limit;
	const char *cr = length ? memchr(text.at, '\r', length) : NULL;
	if (cr)
		length = (size_t)(cr - text.at);
	if (!lf && !cr) {
		if (limit == SORI_RECORD_LIMIT) {
			reader->in_long_line = true;
			return reject(limit, SORI_REASON_TOO_LONG);
		}
		if (!last)
			return (struct sori_piece){SORI_PIECE_MORE, 0, SORI_REASON_NONE};
		bool cut_off = reader->feed.input->cut_short;
		if (reader->in_long_line || cut_off)
			return reject(length, cut_off ? SORI_REASON_TRUNCATED : SORI_REASON_TOO_LONG);
		return (struct sori_piece){SORI_PIECE_RECORD, length, SORI_REASON_NONE};
	}
	size_t end = length + 1;
	if (cr) {
		if (end == text.length && !last)
			return (struct sori_piece){SORI_PIECE_MORE, 0, SORI_REASON_NONE};
		end += end < text.length && text.at[end] == '\n';
	}
	if (reader->in_long_line) {
		reader->in_long_line = false;
		return reject(end, SORI_REASON_TOO_LONG);
	}
	bool blank = sori_view_trim(sori_view_make(text.at, length)).length == 0;
	return (struct sori_piece){blank ? SORI_PIECE_BLANK : SORI_PIECE_RECORD, end, SORI_REASON_NONE};
}

static enum sori_status text_pull(void *state, struct sori_batch *batch, struct sori_error *error)
{
	struct text_reader *reader = state;
	return sori_feed_pull(&reader->feed, batch, cut_line, reader, error);
}

static enum sori_status text_decode(const void *state, struct sori_batch *batch, struct sori_error *error)
{
	const struct text_reader *reader = state;
	for (size_t i = 0; i < batch->count; i++) {
		struct sori_record *record = &batch->records[i];
		if (record->reason != SORI_REASON_NONE)
			continue;
		struct sori_view line = record->raw, decoded;
		while (line.length && (line.at[line.length - 1] == '\n' || line.at[line.length - 1] == '\r'))
			line.length--;
		if (memchr(line.at, '\0', line.length))
			sori_batch_reject(batch, record, SORI_REASON_NUL);
		else if (!sori_decode_text(reader->encoding, line, &batch->arena, &decoded))
			sori_batch_reject(batch, record, SORI_REASON_ENCODING);
		else if (!decoded.at)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		else
			record->field[SORI_ROLE_TEXT] = decoded;
	}
	return SORI_OK;
}

static const struct sori_reader reader = {
	.formats = "text txt",
	.probe = text_probe,
	.begin = text_begin,
	.pull = text_pull,
	.decode = text_decode,
	.end = text_end,
};

const struct sori_stage sori_stage_read_text = {
	.name = "read_text",
	.summary = "plain text, one record a line",
	.phase = SORI_PHASE_SOURCE,
	.writes = SORI_COLUMN_RAW | SORI_COLUMN_FIELDS,
	.reader = &reader,
};
