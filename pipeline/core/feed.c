/* Batches are filled to the target by as many reads as it takes, so that their borders do not depend on how much one
 * read returns. A record that does not fit makes the batch grow instead of being carried: growing doubles, so a long
 * record is scanned at most twice over. */
#include "pipeline/core/feed.h"

#include <string.h>

#include "pipeline/base/memory.h"

#define PADDING 64

void sori_feed_init(struct sori_feed *feed, struct sori_bytes *bytes, struct sori_input *input)
{
	*feed = (struct sori_feed){.bytes = bytes, .input = input, .line = 1};
	feed->offset = input->byte_order_mark ? 3 : 0;
}

void sori_feed_release(struct sori_feed *feed)
{
	sori_free(feed->carry);
	feed->carry = NULL;
	feed->carry_length = feed->carry_capacity = 0;
}

enum sori_status sori_feed_fill(struct sori_feed *feed, struct sori_batch *batch, size_t want, struct sori_error *error)
{
	struct sori_buffer *raw = &batch->raw;
	if (want < feed->carry_length)
		want = feed->carry_length;
	size_t room = want > raw->length ? want - raw->length : 0;
	if (!sori_buffer_reserve(raw, room + PADDING))
		return sori_fail(error, SORI_SYSTEM, "%s: out of memory for a batch of %zu bytes", feed->input->path, want);
	if (raw->length == 0 && feed->carry_length) {
		memcpy(raw->at, feed->carry, feed->carry_length);
		raw->length = feed->carry_length;
		feed->carry_length = 0;
	}
	while (!feed->ended && raw->length < want) {
		size_t got;
		enum sori_status status = sori_bytes_read(feed->bytes, raw->at + raw->length, want - raw->length, &got, error);
		if (status != SORI_OK)
			return status;
		if (got == 0)
			feed->ended = true;
		raw->length += got;
	}
	memset(raw->at + raw->length, 0, PADDING);
	return SORI_OK;
}

enum sori_status sori_feed_keep(struct sori_feed *feed, struct sori_batch *batch, size_t from, struct sori_error *error)
{
	size_t length = batch->raw.length - from;
	if (length > feed->carry_capacity && SORI_GROW(feed->carry, feed->carry_capacity, length) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (length)
		memcpy(feed->carry, batch->raw.at + from, length);
	feed->carry_length = length;
	batch->raw.length = from;
	return SORI_OK;
}

struct sori_record *sori_feed_record(struct sori_feed *feed, struct sori_batch *batch, size_t at, size_t length,
				     uint64_t lines, enum sori_reason reason)
{
	struct sori_record *record = sori_batch_add(batch);
	if (!record)
		return NULL;
	record->number = ++feed->number;
	record->byte = feed->offset;
	record->line = feed->line;
	record->raw = sori_view_make(batch->raw.at + at, length);
	feed->offset += length;
	feed->line += lines;
	feed->input->counts.seen++;
	feed->input->counts.read++;
	feed->input->counts.span_bytes += length;
	if (reason != SORI_REASON_NONE)
		sori_batch_reject(batch, record, reason);
	return record;
}

void sori_feed_framing(struct sori_feed *feed, size_t length, uint64_t lines)
{
	feed->offset += length;
	feed->line += lines;
	feed->input->counts.framing_bytes += length;
}

void sori_feed_blank(struct sori_feed *feed, size_t length, uint64_t lines)
{
	feed->input->counts.seen++;
	feed->input->counts.blank++;
	sori_feed_framing(feed, length, lines);
}

void sori_feed_header(struct sori_feed *feed, size_t length, uint64_t lines)
{
	feed->input->counts.seen++;
	feed->input->counts.header++;
	sori_feed_framing(feed, length, lines);
}

uint64_t sori_count_lines(struct sori_view text)
{
	uint64_t lines = 0;
	const char *at = text.at, *end = text.at + text.length;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		lines++;
		at++;
	}
	at = text.at;
	while (at && at < end && (at = memchr(at, '\r', (size_t)(end - at)))) {
		at++;
		lines += at == end || *at != '\n';
	}
	return lines;
}

/* Books one piece; returns false when memory is out. */
static bool take(struct sori_feed *feed, struct sori_batch *batch, size_t at, struct sori_piece piece)
{
	uint64_t lines = sori_count_lines(sori_view_make(batch->raw.at + at, piece.length));
	switch (piece.kind) {
	case SORI_PIECE_RECORD:
		return sori_feed_record(feed, batch, at, piece.length, lines, SORI_REASON_NONE) != NULL;
	case SORI_PIECE_REJECT:
		return sori_feed_record(feed, batch, at, piece.length, lines, piece.reason) != NULL;
	case SORI_PIECE_BLANK:
		sori_feed_blank(feed, piece.length, lines);
		return true;
	case SORI_PIECE_HEADER:
		sori_feed_header(feed, piece.length, lines);
		return true;
	case SORI_PIECE_FRAMING:
	case SORI_PIECE_MORE:
		sori_feed_framing(feed, piece.length, lines);
		return true;
	}
	return true;
}

enum sori_status sori_feed_pull(struct sori_feed *feed, struct sori_batch *batch, sori_cut *cut, void *state,
				struct sori_error *error)
{
	size_t want = SORI_BATCH_RAW_TARGET, at = 0;
	for (;;) {
		enum sori_status status = sori_feed_fill(feed, batch, want, error);
		if (status != SORI_OK)
			return status;
		while (at < batch->raw.length) {
			struct sori_view text = sori_view_make(batch->raw.at + at, batch->raw.length - at);
			struct sori_piece piece = cut(state, text, feed->ended);
			if (piece.kind == SORI_PIECE_MORE)
				break;
			if (!take(feed, batch, at, piece))
				return sori_fail(error, SORI_SYSTEM, "out of memory");
			at += piece.length;
		}
		if (batch->count || (feed->ended && at == batch->raw.length))
			break;
		/* nothing yet: framing only, or a record longer than the batch */
		status = sori_feed_keep(feed, batch, at, error);
		if (status != SORI_OK)
			return status;
		at = 0;
		want = feed->carry_length > want / 2 ? want * 2 : want;
		batch->raw.length = 0;
	}
	if (batch->count == 0)
		return SORI_END;
	return sori_feed_keep(feed, batch, at, error);
}
