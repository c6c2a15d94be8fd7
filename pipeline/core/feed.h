/* What every reader's pull shares: filling a batch from the byte stream, keeping the unfinished tail for the next
 * batch, and the book-keeping of spans, numbers, lines and framing. Serial.
 *
 *   batch->raw:  [carry of the last batch | fresh bytes ........ ]
 *                 ^ feed.offset, feed.line      ^ tail kept by sori_feed_keep */
#ifndef SORI_CORE_FEED_H
#define SORI_CORE_FEED_H

#include "pipeline/core/bytes.h"
#include "pipeline/core/reader.h"

struct sori_feed {
	struct sori_bytes *bytes;
	struct sori_input *input;
	char *carry;
	size_t carry_length, carry_capacity;
	uint64_t offset; /* in the decoded member, of the next byte not yet taken */
	uint64_t line;   /* physical line of that byte, 1-based */
	uint64_t number; /* of the last record */
	bool ended;      /* the byte stream has ended */
};

/* The feed borrows bytes and input. */
void sori_feed_init(struct sori_feed *feed, struct sori_bytes *bytes, struct sori_input *input);
void sori_feed_release(struct sori_feed *feed);

/* Puts the carry (when raw is empty) and then decoded bytes into batch->raw until it holds `want` bytes or the stream
 * ends; 64 bytes behind raw.length are readable and zero. */
enum sori_status sori_feed_fill(struct sori_feed *feed, struct sori_batch *batch, size_t want, struct sori_error *error);

/* Keeps raw[from..] for the next batch and cuts it off. */
enum sori_status sori_feed_keep(struct sori_feed *feed, struct sori_batch *batch, size_t from, struct sori_error *error);

/* Takes raw[at, at + length) as the next record: number, byte, line, raw view and counts; `lines` line ends inside it.
 * NULL when memory is out. `reason` other than NONE rejects it. */
struct sori_record *sori_feed_record(struct sori_feed *feed, struct sori_batch *batch, size_t at, size_t length,
				     uint64_t lines, enum sori_reason reason);

/* Takes bytes that are no record. */
void sori_feed_framing(struct sori_feed *feed, size_t length, uint64_t lines);
void sori_feed_blank(struct sori_feed *feed, size_t length, uint64_t lines);
void sori_feed_header(struct sori_feed *feed, size_t length, uint64_t lines);

/* Line ends (LF, CRLF, lone CR) in a text. */
uint64_t sori_count_lines(struct sori_view text);

/* A piece that a cutter found at the front of the text. */
enum sori_piece_kind { SORI_PIECE_MORE, SORI_PIECE_RECORD, SORI_PIECE_BLANK, SORI_PIECE_HEADER, SORI_PIECE_FRAMING, SORI_PIECE_REJECT };
struct sori_piece {
	enum sori_piece_kind kind;
	size_t length;
	enum sori_reason reason; /* REJECT */
};

/* Cuts one piece from the front of `text` (never empty). `last`: nothing follows. MORE asks for more text and is not
 * allowed when `last` or when text holds over SORI_RECORD_LIMIT bytes. */
typedef struct sori_piece sori_cut(void *state, struct sori_view text, bool last);

/* A whole pull by a cutter: fills, cuts, keeps. SORI_END when nothing is left. */
enum sori_status sori_feed_pull(struct sori_feed *feed, struct sori_batch *batch, sori_cut *cut, void *state,
				struct sori_error *error);

#endif
